// redirect.ts — not the leader: who is, as far as this node knows. The address comes from the
// configuration, so that clients reach a leader where it says it can be reached. It is a hint: who
// follows it may be sent on again.
import { type ErrorObject, errorObject, type LeaderHint, type NodeHint } from "@rogerd/protocol";
import type { RaftStatus } from "@rogerd/raft";

export type LeaderKnowledge = Pick<RaftStatus, "leaderId" | "configuration">;

/** Null: no leader is known, or its address is not (yet) in the configuration. */
export function leaderHint({ leaderId, configuration }: LeaderKnowledge): LeaderHint | null {
  if (leaderId === undefined) return null;
  const member = configuration.members.find((each) => each.id === leaderId);
  return member === undefined ? null : { name: member.name, clientUrl: member.clientUrl };
}

/** All members whose address is known, whether they vote or not. */
export function memberHints({ configuration }: Pick<LeaderKnowledge, "configuration">): NodeHint[] {
  return configuration.members
    .filter(({ clientUrl }) => clientUrl !== "")
    .map(({ name, clientUrl }) => ({ name, clientUrl }));
}

/** For commands that reached a node which does not lead: nothing was decided, try there. */
export function elsewhereError(parts: {
  readonly leader: LeaderHint | null;
  readonly retryAfterMs: number;
}): ErrorObject {
  const { leader, retryAfterMs } = parts;
  if (leader === null) {
    return errorObject(
      "unavailable",
      "no leader is known to this node: a majority of the voters must run and reach each other (rogerctl status)",
      { retryAfterMs },
    );
  }
  return errorObject("not_leader", `this node does not lead: ${leader.name} does`, { leader });
}

/** A proposal that certainly was not applied and never will be: safe to repeat, wherever. */
export function lostError(leader: LeaderHint | null): ErrorObject {
  return errorObject("not_leader", "leadership was lost before this was decided", { leader });
}
