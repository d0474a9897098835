// change-member.ts — POST /v1/admin/member/ACTION: an operator adds, promotes, removes, replaces or moves a
// member (§4). A change that the cluster declines is a result with a reason; errors mean not decided
// or not known. It carries no number: whoever does not hear the answer looks at the members.
import { errorObject } from "@rogerd/protocol";
import type { MembershipChange, MembershipOutcome, RaftStatus } from "@rogerd/raft";
import type { Invitation } from "../membership/invitation.ts";
import { isPassing, type RefusalReason, refusalSentence } from "../membership/refusal-words.ts";
import type { HttpRequest, HttpResponse } from "../network.ts";
import { elsewhereError } from "../request/redirect.ts";
import type { MembershipChanger } from "../request/surroundings.ts";
import { readJsonBody } from "./json-body.ts";
import { type MemberWish, memberNamed, parseMemberWish } from "./member-wish.ts";
import { badRequestReply, errorReply, jsonReply } from "./reply.ts";
import { toLeader } from "./to-leader.ts";

export interface ChangeMemberParts {
  readonly node: MembershipChanger;
  readonly invite: () => Invitation;
  readonly bounds: { readonly httpBodyBytesMax: number; readonly retryAfterMs: number };
}

export const memberActions = ["add", "promote", "remove", "replace", "update"] as const;
export type MemberAction = (typeof memberActions)[number];

export const memberPath = (action: MemberAction): string => `/v1/admin/member/${action}`;

export async function changeMember(
  request: HttpRequest,
  parts: ChangeMemberParts & { readonly action: MemberAction },
): Promise<HttpResponse> {
  const { action, bounds, node } = parts;
  const body = await readJsonBody(request, bounds);
  if (body.kind === "refused") return body.reply;
  const wish = parseMemberWish(action, body.value);
  if (wish.kind === "wrong") return badRequestReply(400, wish);
  const status = node.status();
  const { retryAfterMs } = bounds;
  const elsewhere = toLeader(status, { path: memberPath(action), retryAfterMs });
  if (elsewhere !== undefined) return elsewhere;
  const planned = plan(wish, { ...parts, status });
  if (planned === undefined) {
    const isOther = memberNamed(status.configuration, wish.name) !== undefined;
    const name = wish.kind === "replace" && isOther ? wish.by : wish.name;
    return declined("not-a-member", { ...wish, name });
  }
  const { guard } = wish;
  const outcome = await node.changeMembership({ change: planned.change, guard });
  return replyTo(outcome, { ...parts, wish, secret: planned.secret });
}

type Wish = Exclude<MemberWish, { readonly kind: "wrong" }>;

interface Planned {
  readonly change: MembershipChange;
  readonly secret?: string;
}

/** Undefined: it names nobody. */
function plan(
  wish: Wish,
  { invite, status }: ChangeMemberParts & { readonly status: RaftStatus },
): Planned | undefined {
  if (wish.kind === "add") {
    const { id, secret } = invite();
    const { clientUrl, name, peerUrl } = wish;
    return { change: { kind: "add-learner", member: { id, name, clientUrl, peerUrl } }, secret };
  }
  const member = memberNamed(status.configuration, wish.name);
  if (member === undefined) return undefined;
  const { id } = member;
  switch (wish.kind) {
    case "promote":
    case "remove":
      return { change: { kind: wish.kind, id } };
    case "replace": {
      const by = memberNamed(status.configuration, wish.by);
      return by === undefined ? undefined : { change: { kind: "replace", id, member: by } };
    }
    case "update": {
      const { clientUrl = member.clientUrl, peerUrl = member.peerUrl } = wish;
      return { change: { kind: "update-address", id, clientUrl, peerUrl } };
    }
  }
}

function replyTo(
  outcome: MembershipOutcome,
  asked: ChangeMemberParts & { readonly wish: Wish; readonly secret: string | undefined },
): HttpResponse {
  const { bounds, node, secret, wish } = asked;
  const { retryAfterMs } = bounds;
  switch (outcome.kind) {
    case "changed": {
      const told = secret === undefined ? {} : { secret, join: ownPeerAddress(node.status()) };
      return jsonReply(200, { changed: true, name: wish.name, index: outcome.index, ...told });
    }
    case "refused": {
      if (!isPassing(outcome.reason)) return declined(outcome.reason, wish);
      const message = refusalSentence(outcome.reason, wish.name);
      return errorReply(errorObject("unavailable", message, { retryAfterMs }));
    }
    case "not-leader":
      return errorReply(elsewhereError({ status: node.status(), retryAfterMs }));
    case "indeterminate": {
      const message = "leadership moved before it was through: see the members";
      return errorReply(errorObject("indeterminate", message));
    }
  }
}

/** Where the new node asks to be let in: here. */
function ownPeerAddress({ configuration, nodeId }: RaftStatus): string | undefined {
  const self = configuration.members.find(({ id }) => id === nodeId);
  return self?.peerUrl.replace(/^ws:\/\//, "");
}

function declined(reason: RefusalReason, wish: Wish): HttpResponse {
  const message = refusalSentence(reason, subjectOf(reason, wish));
  return jsonReply(200, { changed: false, name: wish.name, reason, message });
}

/** Who is meant by "it": of two, the one that is not ready to take the other's place. */
function subjectOf(reason: RefusalReason, wish: Wish): string {
  const isOfOther = reason === "not-caught-up" || reason === "not-a-learner";
  return wish.kind === "replace" && isOfOther ? wish.by : wish.name;
}
