// restore.ts — POST /v1/admin/restore: one step of bringing a backup into an empty cluster, as one entry of
// the log. Steps are numbered, so whoever does not hear an answer sends the step again.
import { type GroupWrite, type ImportedTable, logTimeMs } from "@rogerd/global-state";
import { type Answer, errorObject } from "@rogerd/protocol";
import type { HttpRequest, HttpResponse } from "../network.ts";
import type { RequestRouter } from "../request/route-request.ts";
import { importId, importTables } from "../state/import-codec.ts";
import { oneCall } from "./command.ts";
import { isMap, readJsonBody } from "./json-body.ts";
import { badRequestReply, errorReply, jsonReply, leaderReply } from "./reply.ts";

export interface RestoreParts {
  readonly router: Pick<RequestRouter, "receiveWrite">;
  readonly bounds: { readonly httpBodyBytesMax: number };
}

export const restorePath = "/v1/admin/restore";

export async function restore(request: HttpRequest, parts: RestoreParts): Promise<HttpResponse> {
  const body = await readJsonBody(request, parts.bounds);
  if (body.kind === "refused") return body.reply;
  const step = parseStep(body.value);
  if (typeof step === "string") {
    return badRequestReply(400, { path: step, message: `${step} is missing, or makes no sense` });
  }
  const bytes = step.name === "admin.importRows" ? step.args.bytes.length : 0;
  const answer = await new Promise<Answer>((resolve) => {
    parts.router.receiveWrite(step, { caller: oneCall(resolve), bytes });
  });
  return replyTo(answer);
}

type Fields = Readonly<Record<string, unknown>>;

/** A text names the field that is wrong. */
function parseStep(body: Fields): GroupWrite | string {
  const { id } = body;
  if (typeof id !== "string" || !importId.test(id)) return "id";
  switch (body["step"]) {
    case "begin":
      return parseBegin(id, body);
    case "end": {
      const { steps, rows } = body;
      if (!isCount(steps)) return "steps";
      if (!isCount(rows)) return "rows";
      return { name: "admin.importEnd", args: { id, steps, rows } };
    }
    default:
      return parseRows(id, body);
  }
}

function parseBegin(id: string, { logTime, counters }: Fields): GroupWrite | string {
  if (!isCount(logTime)) return "logTime";
  if (!isMap(counters)) return "counters";
  const { session, partition, token } = counters;
  if (!isCount(session) || !isCount(partition) || !isCount(token)) return "counters";
  const drawn = { session, partition, token };
  return {
    name: "admin.importBegin",
    args: { id, logTime: logTimeMs(logTime), counters: drawn },
  };
}

function parseRows(id: string, { step, table, version, bytes }: Fields): GroupWrite | string {
  if (!isCount(step)) return "step";
  const known: ImportedTable | undefined = importTables.find((each) => each === table);
  if (known === undefined) return "table";
  if (!isCount(version)) return "version";
  if (typeof bytes !== "string") return "bytes";
  const rows = new Uint8Array(Buffer.from(bytes, "base64"));
  return { name: "admin.importRows", args: { id, step, table: known, version, bytes: rows } };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function replyTo(answer: Answer): HttpResponse {
  if ("error" in answer) {
    const { error } = answer;
    const { leader } = error;
    if (!leader) return errorReply(error);
    return leaderReply(error, { clientUrl: leader.clientUrl, path: restorePath });
  }
  const { result, revision } = answer;
  switch (result.status) {
    case "importing":
      return jsonReply(200, { standing: "importing", next: result.next, revision });
    case "imported":
      return jsonReply(200, { standing: "imported", revision });
    case "not_imported":
      return jsonReply(200, { standing: "not_imported", reason: result.reason, revision });
    default:
      return errorReply(
        errorObject("indeterminate", `an answer of another kind: ${result.status}`),
      );
  }
}
