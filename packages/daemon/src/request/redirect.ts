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

/** What became of a request that was not decided: nothing, for certain. */
interface Undecided {
  readonly status: LeaderKnowledge & Pick<RaftStatus, "role">;
  readonly retryAfterMs: number;
}

/** For commands that reached a node which does not lead, or not just now: try there, or here again. */
export function elsewhereError({ status, retryAfterMs }: Undecided): ErrorObject {
  if (status.role === "leader") return stillHereError(retryAfterMs);
  const leader = leaderHint(status);
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
export function lostError({ status, retryAfterMs }: Undecided): ErrorObject {
  if (status.role === "leader") return stillHereError(retryAfterMs);
  const leader = leaderHint(status);
  return errorObject("not_leader", "leadership was lost before this was decided", { leader });
}

/**
 * A node that leads sends nobody away: when a hand-over fails it leads on, and who left for another node
 * would not be told. When it succeeds, that is announced.
 */
function stillHereError(retryAfterMs: number): ErrorObject {
  const message = "leadership is being handed over, or has just come back: ask again";
  return errorObject("unavailable", message, { retryAfterMs });
}
