// to-leader.ts — what only the leader does is sent on to it; where none is known, it is said.
import type { RaftStatus } from "@rogerd/raft";
import type { HttpResponse } from "../network.ts";
import { elsewhereError, leaderHint } from "../request/redirect.ts";
import { errorReply, leaderReply } from "./reply.ts";

/** Undefined: this node leads. */
export function toLeader(
  status: RaftStatus,
  { path, retryAfterMs }: { readonly path: string; readonly retryAfterMs: number },
): HttpResponse | undefined {
  if (status.role === "leader") return undefined;
  const leader = leaderHint(status);
  const error = elsewhereError({ status, retryAfterMs });
  if (leader === null) return errorReply(error);
  return leaderReply(error, { clientUrl: leader.clientUrl, path });
}
