// quorum.ts — what a majority agrees on (§3.3), and while joint, both majorities (§4.3).
// Pure. It always counts from scratch over a handful of voters: nothing incremental that could drift
// (R8), and it never counts anybody who is not a voter, however often he answers (E6, E9).
import { assert } from "./assert.ts";
import type { Configuration } from "./configuration.ts";
import type { NodeId } from "./ids.ts";

/** More than half: of 3 two, of 4 three. */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/** Not by subtraction: values may be infinite. */
const highestFirst = (left: number, right: number): number =>
  left > right ? -1 : Number(left < right);

/** The highest value that a majority of `voters` has reached. */
function agreedByMajority(voters: readonly NodeId[], valueOf: (voter: NodeId) => number): number {
  const values = voters.map(valueOf).sort(highestFirst);
  const agreed = values[majorityOf(voters.length) - 1];
  assert(agreed !== undefined, "nothing is agreed on without voters (R9)");
  return agreed;
}

/** The highest value that a quorum has reached: an index, a round, a time at which it was heard. */
export function agreedValue(
  configuration: Configuration,
  valueOf: (voter: NodeId) => number,
): number {
  const incoming = agreedByMajority(configuration.voters, valueOf);
  if (configuration.votersOutgoing.length === 0) return incoming;
  return Math.min(incoming, agreedByMajority(configuration.votersOutgoing, valueOf));
}

/** Whether these are a quorum, or contain one. */
export function hasQuorum(configuration: Configuration, granted: ReadonlySet<NodeId>): boolean {
  if (configuration.voters.length === 0) return false;
  return agreedValue(configuration, (voter) => (granted.has(voter) ? 1 : 0)) === 1;
}
