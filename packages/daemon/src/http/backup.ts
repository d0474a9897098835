// backup.ts — POST /v1/admin/backup { id, chunk }: the next chunk of a backup, from the first one on. The
// leader begins it; from then on the node that began it serves it. Asking again for the same chunk is harmless.
// { id, giveUp: true } ends it early: a node serves one backup at a time.
import { errorObject } from "@rogerd/protocol";
import type { BackupAnswer, Backups } from "../backup/backups.ts";
import type { HttpRequest, HttpResponse } from "../network.ts";
import type { Proposer } from "../request/surroundings.ts";
import { readJsonBody } from "./json-body.ts";
import { badRequestReply, errorReply, jsonReply } from "./reply.ts";
import { toLeader } from "./to-leader.ts";

export interface BackupParts {
  readonly backups: Pick<Backups, "ask" | "giveUp" | "has">;
  readonly node: Pick<Proposer, "status">;
  readonly bounds: { readonly httpBodyBytesMax: number; readonly retryAfterMs: number };
}

export const backupPath = "/v1/admin/backup";

const idForm = /^[0-9a-z-]{16,64}$/;

export async function backup(request: HttpRequest, parts: BackupParts): Promise<HttpResponse> {
  const { backups, bounds, node } = parts;
  const body = await readJsonBody(request, bounds);
  if (body.kind === "refused") return body.reply;
  const { id, chunk, giveUp } = body.value;
  if (typeof id !== "string" || !idForm.test(id)) {
    const message = `id must be random, like ${idForm.source}`;
    return badRequestReply(400, { path: "id", message });
  }
  if (giveUp === true) {
    backups.giveUp(id);
    return jsonReply(200, { standing: "given-up" });
  }
  if (typeof chunk !== "number" || !Number.isSafeInteger(chunk) || chunk < 0) {
    return badRequestReply(400, { path: "chunk", message: "chunk must be a whole number from 0" });
  }
  if (!backups.has(id)) {
    const { retryAfterMs } = bounds;
    const elsewhere = toLeader(node.status(), { path: backupPath, retryAfterMs });
    if (elsewhere !== undefined) return elsewhere;
  }
  return replyTo(await backups.ask({ id, chunk }), bounds);
}

function replyTo(
  answer: BackupAnswer,
  { retryAfterMs }: { readonly retryAfterMs: number },
): HttpResponse {
  switch (answer.kind) {
    case "preparing":
      return jsonReply(200, { standing: "preparing" });
    case "chunk": {
      const { buffer, byteOffset, byteLength } = answer.bytes;
      const bytes = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
      return jsonReply(200, { standing: "chunk", header: answer.header, bytes });
    }
    case "end":
      return jsonReply(200, { standing: "end", header: answer.header });
    case "unknown":
      return errorReply(
        errorObject("compacted", "the node that began the backup does not have it any more"),
      );
    case "busy":
      return errorReply(
        errorObject("overloaded", "this node is serving another backup", { retryAfterMs }),
      );
    case "failed":
      // A result, not an error: the same id again would begin anew, and could go on so for ever.
      return jsonReply(200, { standing: "failed", reason: answer.reason });
  }
}
