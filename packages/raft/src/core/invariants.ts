// invariants.ts — what one node can see of Figure 3.2 and of our own promises, checked after every step.
// checkStep: what may change. checkState: what always holds. The cheap ones stay on in production;
// checkEverything scans the log and is for tests and simulation. Nothing here repairs anything.
import { assert } from "./assert.ts";
import { memberIds } from "./configuration.ts";
import { indexBefore } from "./ids.ts";
import type { Progress } from "./progress.ts";
import type { Leader, Positions, RaftState } from "./state.ts";

/** From before a step to after it. */
export function checkStep(before: Positions, after: Positions): void {
  assert(after.term >= before.term, "the term never decreases");
  assert(after.commitIndex >= before.commitIndex, "what is committed stays committed (R5)");
  assert(after.appliedIndex >= before.appliedIndex, "what is applied stays applied (V5)");
  assert(after.snapshotIndex >= before.snapshotIndex, "a newer snapshot is never replaced (S6)");
  assert(after.baseIndex >= before.baseIndex, "what was compacted does not come back");
  if (after.term !== before.term) return;
  if (before.votedFor !== undefined) {
    assert(after.votedFor === before.votedFor, "a vote, once given, stands for its term");
  }
  if (before.leaderId !== undefined && after.leaderId !== undefined) {
    assert(after.leaderId === before.leaderId, "a term has one leader (§3.6)");
  }
  if (before.role === "leader" && after.role === "leader") {
    assert(after.lastIndex >= before.lastIndex, "a leader only appends to its log (§3.6)");
  }
}

/** After every step. */
export function checkState(state: RaftState): void {
  checkPositions(state);
  if (state.role.kind === "leader") checkLeader(state, state.role);
  if (state.settings.checkEverything) checkEverything(state);
}

function checkPositions(state: RaftState): void {
  const { appliedIndex, commitIndex, durability, hardState, log, snapshot, toldIndex } = state;
  const snapshotIndex = snapshot?.index ?? 0;
  assert(log.base.index <= snapshotIndex, "only what a snapshot covers is compacted");
  assert(snapshotIndex <= appliedIndex, "a snapshot is of applied entries");
  assert(appliedIndex <= toldIndex, "nothing is applied that was not committed");
  assert(toldIndex <= commitIndex, "nothing is told as committed that is not");
  assert(commitIndex <= log.lastIndex, "only what is in the log is committed");
  assert(durability.lastIndex <= log.lastIndex, "only what is in the log is on disk");
  assert(durability.snapshotIndex <= snapshotIndex, "a mark is of a snapshot that is there");
  assert(log.lastTerm <= hardState.term, "no entry is of a term still to come");
  assert(durability.hardState.term <= hardState.term, "the disk follows the term");
}

function checkLeader(state: RaftState, leader: Leader): void {
  const { hardState, log, nodeId } = state;
  assert(hardState.votedFor === nodeId, "a leader voted for itself");
  assert(durableTerm(state) === hardState.term, "a leader's own vote is on its disk");
  assert(state.leaderOfTerm === nodeId, "a term has one leader (§3.6)");
  assert(leader.firstIndexOfTerm <= log.lastIndex, "a leader has an entry of its own term");
  assert(!state.isDiskStalled, "who can't write does not lead");
  assert(!state.isDiverged, "who is diverged does not lead");
  for (const progress of leader.progress.values()) checkProgress(state, progress);
}

function checkProgress(state: RaftState, progress: Progress): void {
  const { log, settings } = state;
  const { flow, matchIndex, nextIndex } = progress;
  assert(matchIndex < nextIndex, "what is sent next is not yet known to have arrived");
  assert(matchIndex <= log.lastIndex, "nobody acknowledges what the leader does not have");
  assert(indexBefore(nextIndex) <= log.lastIndex, "nothing was sent that the leader does not have");
  if (flow.kind !== "stream") return;
  assert(flow.inFlight.length <= settings.windowMessagesMax, "a window has its size");
}

function durableTerm(state: RaftState): number {
  return state.durability.hardState.term;
}

function checkEverything(state: RaftState): void {
  const { configurations, log, role } = state;
  log.check();
  const { base, lastIndex } = log;
  const all = { after: base.index, through: lastIndex, bytesMax: Number.MAX_SAFE_INTEGER };
  configurations.check(log.entriesBetween(all));
  if (role.kind !== "leader") return;
  const others = memberIds(configurations.inForce).filter((id) => id !== state.nodeId);
  assert(
    others.length === role.progress.size && others.every((id) => role.progress.has(id)),
    "a leader follows the progress of every other member",
  );
  const { firstIndexOfTerm } = role;
  assert(
    log.base.index >= firstIndexOfTerm || log.termAt(firstIndexOfTerm) === state.hardState.term,
    "a leader's first entry is of its own term",
  );
  assert(
    log.base.index >= firstIndexOfTerm ||
      log.termAt(indexBefore(firstIndexOfTerm)) !== state.hardState.term,
    "and no entry before it is",
  );
}
