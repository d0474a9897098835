// own-log.ts — what a node does with its log by itself: found a cluster on it, hear how far it was
// applied, mark a snapshot of it, and drop the prefix that the snapshot covers (§5.1).
// It never drops what no mark on disk covers.
import { assert } from "./assert.ts";
import { type Configuration, isVoter } from "./configuration.ts";
import { indexAfter, type LogIndex } from "./ids.ts";
import { appendEntries, markSnapshot } from "./log-changes.ts";
import type { SnapshotMeta } from "./message.ts";
import type { Outbox, Step } from "./outbox.ts";
import { foundFirstTerm } from "./roles.ts";
import type { RaftState } from "./state.ts";

/**
 * Entry 1 is the first configuration (DESIGN §4, forming), in term 1 by decree: only the one founder
 * who writes it may be in that term. It campaigns at once; the others have nothing to campaign with.
 */
export function onBootstrap(state: RaftState, configuration: Configuration, step: Step): void {
  const { hardState, log, nodeId } = state;
  assert(log.lastIndex === 0 && hardState.term === 0, "a cluster is founded on an empty log");
  assert(isVoter(configuration, nodeId), "who founds a cluster is a voter of it");
  foundFirstTerm(state, step.out);
  const position = { index: indexAfter(log.lastIndex), term: state.hardState.term };
  appendEntries(state, [{ ...position, kind: "configuration", configuration }], step.out);
  state.electionDueAt = step.now;
}

/** Word from before an installed snapshot says less than is known. */
export function onApplied(state: RaftState, through: LogIndex): void {
  assert(through <= state.toldIndex, "nothing is applied that was not committed");
  if (through > state.appliedIndex) state.appliedIndex = through;
}

/** A diverged node's state is not what the log says; one that was overtaken is of no use (S6). */
export function onSnapshotTaken(state: RaftState, snapshot: SnapshotMeta, out: Outbox): void {
  if (state.isDiverged || snapshot.index <= (state.snapshot?.index ?? 0)) return;
  assert(state.log.matches(snapshot), "our own snapshot is of our own log");
  onApplied(state, snapshot.index);
  markSnapshot(state, snapshot, out);
}

export function onCompact(state: RaftState, through: LogIndex): void {
  assert(
    through <= state.durability.snapshotIndex,
    "entries go only once a mark on disk covers them (S3)",
  );
  state.log.compact(through);
}
