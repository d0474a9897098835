// oracle-membership.ts — what must hold between the configurations of one log (V10), judged naively: quorums
// of those that follow each other share a node, nobody who was removed comes back or counts, a learner
// does not count, and a leader has one change at a time on its way.
import { assert } from "../src/core/assert.ts";
import type { Configuration } from "../src/core/configuration.ts";
import type { Entry } from "../src/core/entry.ts";
import type { NodeId } from "../src/core/ids.ts";
import type { TestNode } from "./test-node.ts";

/** Naive, and not the code under test. */
export function isQuorum(configuration: Configuration, ids: ReadonlySet<NodeId>): boolean {
  const isMajority = (voters: readonly NodeId[]): boolean =>
    voters.filter((id) => ids.has(id)).length * 2 > voters.length;
  const { voters, votersOutgoing } = configuration;
  return isMajority(voters) && (votersOutgoing.length === 0 || isMajority(votersOutgoing));
}

export function checkConfigurations(
  node: TestNode,
  seen: { readonly log: readonly Entry[]; readonly committedCount: number },
): void {
  const { role, snapshotIndex } = node.core.positions;
  const { committedCount, log } = seen;
  const inLog = log.flatMap((entry) =>
    entry.kind === "configuration" && entry.index > snapshotIndex ? [entry] : [],
  );
  if (role === "leader") {
    // Not by its own commit index: a new leader learns late what is committed.
    const uncommitted = inLog.filter(({ index }) => index > committedCount);
    assert(uncommitted.length <= 1, "V10: one uncommitted change at most");
  }
  let before = node.core.configurationAt(snapshotIndex);
  for (const { configuration } of inLog) {
    if (before.voters.length > 0) checkStep(before, configuration);
    before = configuration;
  }
}

function checkStep(before: Configuration, after: Configuration): void {
  const ids = [
    ...new Set([
      ...before.voters,
      ...before.votersOutgoing,
      ...after.voters,
      ...after.votersOutgoing,
    ]),
  ];
  // A quorum of one and its complement: if both are quorums, they share nobody.
  for (let subset = 0; subset < 2 ** ids.length; subset++) {
    const chosen = new Set(ids.filter((_, place) => (subset >> place) % 2 === 1));
    const rest = new Set(ids.filter((id) => !chosen.has(id)));
    const isApart = isQuorum(before, chosen) && isQuorum(after, rest);
    assert(!isApart, "V10: quorums of consecutive configurations overlap");
  }
  assert(
    before.removed.every((id) => after.removed.includes(id)),
    "V10: a tombstone stays",
  );
  const counted = [...after.voters, ...after.votersOutgoing];
  assert(!counted.some((id) => after.removed.includes(id)), "V10: a removed node never counts");
  const wasKnown = (id: NodeId): boolean =>
    before.voters.includes(id) ||
    before.votersOutgoing.includes(id) ||
    before.learners.includes(id);
  assert(after.voters.every(wasKnown), "V10: who votes was a learner first");
}
