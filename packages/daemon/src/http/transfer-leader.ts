// transfer-leader.ts — POST /v1/admin/transfer-leader { to? }: an operator wants another node to lead (§3.10).
// It carries no number, so what may have happened is never called undone.
import { type ErrorObject, errorObject } from "@rogerd/protocol";
import type { NodeId, RaftStatus, TransferOutcome } from "@rogerd/raft";
import type { HttpRequest, HttpResponse } from "../network.ts";
import { leaderHint } from "../request/redirect.ts";
import type { Transferrer } from "../request/surroundings.ts";
import { type ReadBody, readJsonBody } from "./json-body.ts";
import { badRequestReply, errorReply, jsonReply } from "./reply.ts";
import { toLeader } from "./to-leader.ts";

export interface TransferParts {
  readonly node: Transferrer;
  readonly bounds: { readonly httpBodyBytesMax: number; readonly retryAfterMs: number };
}

export const transferLeaderPath = "/v1/admin/transfer-leader";

export async function transferLeader(
  request: HttpRequest,
  parts: TransferParts,
): Promise<HttpResponse> {
  const body: ReadBody = await readJsonBody(request, parts.bounds);
  if (body.kind === "refused") return body.reply;
  const { node, bounds } = parts;
  const before = node.status();
  const { retryAfterMs } = bounds;
  const elsewhere = toLeader(before, { path: transferLeaderPath, retryAfterMs });
  if (elsewhere !== undefined) return elsewhere;
  const target = targetOf(before, body.value["to"]);
  if (target.kind === "wrong") {
    return badRequestReply(400, { path: "to", message: target.message });
  }
  const outcome = await node.transferLeadership({ nodeId: target.nodeId });
  const leader = leaderHint(node.status());
  if (outcome.kind === "done" && leader !== null) {
    return jsonReply(200, { previous: nameOf(before, before.nodeId), leader: leader.name });
  }
  return undone(outcome, nameOf(before, target.nodeId));
}

type Target =
  | { readonly kind: "target"; readonly nodeId: NodeId | undefined }
  | { readonly kind: "wrong"; readonly message: string };

function targetOf(status: RaftStatus, to: unknown): Target {
  if (to === undefined) return { kind: "target", nodeId: undefined };
  const { members, voters } = status.configuration;
  const member = members.find(({ name }) => name === to);
  if (member !== undefined && voters.includes(member.id)) {
    return { kind: "target", nodeId: member.id };
  }
  const names = members.filter(({ id }) => voters.includes(id)).map(({ name }) => name);
  return { kind: "wrong", message: `to must name a voter: ${names.join(", ")}` };
}

function nameOf({ configuration }: RaftStatus, nodeId: NodeId | undefined): string {
  if (nodeId === undefined) return "the other node";
  return configuration.members.find(({ id }) => id === nodeId)?.name ?? nodeId;
}

function undone({ kind }: TransferOutcome, target: string): HttpResponse {
  if (kind === "no-target") {
    return declined("there is no other voter that leadership can be handed over to now");
  }
  if (kind === "unreachable") return declined(`${target} was not heard from lately: it can't lead`);
  if (kind === "timed-out") {
    return declined(`${target} did not take over in time: the leader is the same as before`);
  }
  return errorReply(errorObject("indeterminate", "leadership moved in another way: see status"));
}

/** Final: each try keeps all writes of the cluster waiting, so whether there is another one is for a person to say. */
function declined(message: string): HttpResponse {
  const error: ErrorObject = { ...errorObject("unavailable", message), retryable: false };
  return jsonReply(409, { error });
}
