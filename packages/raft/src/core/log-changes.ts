// log-changes.ts — the only door through which the log and the commit index change: log,
// configurations in force, what is durable, and the effects that tell of it move together here.
// Whoever calls has decided; here it is only carried out, and checked that it may be done at all.
import { assert } from "./assert.ts";
import type { SnapshotMark } from "./effect.ts";
import type { Entry } from "./entry.ts";
import { indexBefore, type LogIndex } from "./ids.ts";
import type { SnapshotMeta } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { RaftState } from "./state.ts";

/** A configuration is in force from here on, committed or not (§4.1). */
export function appendEntries(state: RaftState, entries: readonly Entry[], out: Outbox): void {
  if (entries.length === 0) return;
  state.log.append(entries);
  state.configurations.append(entries);
  assert(state.log.lastTerm <= state.hardState.term, "no entry is of a term still to come");
  out.persistEntries(entries);
}

/** Removes what conflicts with the leader's log (§3.5); with it go the configurations in it (M3). */
export function truncateLog(state: RaftState, from: LogIndex, out: Outbox): void {
  assert(state.role.kind !== "leader", "a leader only appends to its log (§3.6, Figure 3.2)");
  assert(from > state.commitIndex, "a committed entry is never removed (§3.6)");
  state.log.truncate(from);
  state.configurations.truncate(from);
  state.durability.cap(indexBefore(from));
  out.persistTruncation(from);
  out.emit({ kind: "truncated", from });
}

/**
 * What is committed never ceases to be (R5). A diverged node applies nothing more: the state it would
 * apply to is wrong, and the snapshot that replaces it must not lie behind it.
 */
export function commitThrough(state: RaftState, index: LogIndex, out: Outbox): void {
  if (index <= state.commitIndex) return;
  assert(index <= state.log.lastIndex, "only what is in the log is committed");
  state.commitIndex = index;
  if (!state.isDiverged) tellCommit(state, out);
}

/** The driver may apply all that is committed. */
export function tellCommit(state: RaftState, out: Outbox): void {
  state.toldIndex = state.commitIndex;
  out.emit({ kind: "commit", through: state.commitIndex });
}

/** Our own snapshot is stored: its mark makes it count, and allows to compact. */
export function markSnapshot(state: RaftState, snapshot: SnapshotMeta, out: Outbox): void {
  state.snapshot = snapshot;
  state.configurations.forget(snapshot.index);
  out.persistSnapshotMark({ snapshot, log: "keep" });
}

/**
 * A snapshot from elsewhere takes the place of the log through its index. Entries after it stay only
 * if the one at its index is the snapshot's last; else they follow from something that was never
 * committed, and all go (§5, S1).
 */
export function installSnapshot(state: RaftState, snapshot: SnapshotMeta, out: Outbox): void {
  assert(snapshot.index >= state.toldIndex, "a snapshot never takes the state back (V9)");
  const log: SnapshotMark["log"] = state.log.matches(snapshot) ? "keep" : "discard";
  if (log === "discard") discardLog(state, snapshot, out);
  state.configurations.restart({
    index: snapshot.index,
    configuration: snapshot.configuration,
  });
  state.snapshot = snapshot;
  out.persistSnapshotMark({ snapshot, log });
  state.isDiverged = false;
  state.appliedIndex = snapshot.index;
  out.emit({ kind: "restore", snapshot });
  if (state.commitIndex < snapshot.index) state.commitIndex = snapshot.index;
  tellCommit(state, out);
}

/** From the snapshot's index on, what was here can never be committed any more. */
function discardLog(state: RaftState, snapshot: SnapshotMeta, out: Outbox): void {
  assert(snapshot.index > state.commitIndex, "a committed entry is never removed (§3.6)");
  const hadConflict = state.log.lastIndex >= snapshot.index;
  state.durability.cap(state.commitIndex);
  state.configurations.truncate(snapshot.index);
  state.log.restart({ index: snapshot.index, term: snapshot.term });
  if (hadConflict) out.emit({ kind: "truncated", from: snapshot.index });
}
