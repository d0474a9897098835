// install-snapshot.ts — the follower's side of a snapshot from the leader (§5), chunk by chunk.
// One at a time; a newer one supersedes an older; a chunk of another one is never mixed in (S6, S7).
// Nothing changes here before the last chunk is durable. What is known to be committed is never
// taken back: a snapshot of it is answered with the commit index instead.
import type { LogIndex } from "./ids.ts";
import type { Input } from "./input.ts";
import { commitThrough, installSnapshot } from "./log-changes.ts";
import type { InstallSnapshot, SnapshotMeta } from "./message.ts";
import type { Outbox, Step } from "./outbox.ts";
import { type Install, leaderIdOf, type RaftState } from "./state.ts";

/** `unneeded`: our log has it. `unfit`: a diverged node already applied more than it holds. */
type Fitness = "needed" | "unneeded" | "unfit";

function fitness(state: RaftState, snapshot: SnapshotMeta): Fitness {
  if (state.isDiverged) return snapshot.index >= state.toldIndex ? "needed" : "unfit";
  if (snapshot.index <= state.commitIndex || state.log.matches(snapshot)) return "unneeded";
  return "needed";
}

export function onInstallSnapshot(state: RaftState, message: InstallSnapshot, step: Step): void {
  const { snapshot, chunk, bytes, isLast } = message;
  const found = fitness(state, snapshot);
  if (found === "unfit") return;
  if (found === "unneeded") return answerUnneeded(state, snapshot, step.out);
  const install = resumedOrNew(state, message);
  if (install === undefined) return;
  state.install = install;
  if (chunk !== install.nextChunk) return sendProgress(state, step.out);
  if (install.storing !== undefined) return;
  state.install = { ...install, storing: { isLast } };
  step.out.emit({ kind: "store-chunk", snapshot, chunk, bytes, isLast });
}

/** A new leader goes on with what an earlier one began, if it sends the same (resume). */
function resumedOrNew(state: RaftState, message: InstallSnapshot): Install | undefined {
  const { install } = state;
  const { snapshot, term } = message;
  if (install !== undefined && isSameSnapshot(install.snapshot, snapshot)) {
    return { ...install, term };
  }
  const isLate = install?.term === term && snapshot.index < install.snapshot.index;
  return isLate ? undefined : { snapshot, term, nextChunk: 0, storing: undefined };
}

export function onChunkStored(
  state: RaftState,
  stored: Extract<Input, { readonly kind: "chunk-stored" }>,
  step: Step,
): void {
  const install = busyWith(state, stored);
  if (install?.storing === undefined) return;
  if (install.storing.isLast) return finish(state, install.snapshot, step.out);
  state.install = { ...install, nextChunk: install.nextChunk + 1, storing: undefined };
  sendProgress(state, step.out);
}

/** It did not check out: from the beginning. */
export function onChunkRefused(
  state: RaftState,
  refused: Extract<Input, { readonly kind: "chunk-refused" }>,
  step: Step,
): void {
  const install = busyWith(state, refused);
  if (install === undefined) return;
  state.install = { ...install, nextChunk: 0, storing: undefined };
  sendProgress(state, step.out);
}

/** All of it is durable: it takes the place of log and state (§5). Not on one who leads, or may soon. */
function finish(state: RaftState, snapshot: SnapshotMeta, out: Outbox): void {
  state.install = undefined;
  if (state.role.kind === "leader" || state.role.kind === "candidate") return;
  const found = fitness(state, snapshot);
  if (found === "unfit") return;
  if (found === "unneeded") return answerUnneeded(state, snapshot, out);
  installSnapshot(state, snapshot, out);
  acknowledge(state, snapshot.index, out);
}

/** What is committed is in every leader's log (§3.6): it may be acknowledged as it stands. */
function answerUnneeded(state: RaftState, snapshot: SnapshotMeta, out: Outbox): void {
  if (state.install !== undefined && state.install.snapshot.index <= snapshot.index) {
    state.install = undefined;
  }
  if (state.log.matches(snapshot)) commitThrough(state, snapshot.index, out);
  acknowledge(state, state.commitIndex, out);
}

function acknowledge(state: RaftState, matchIndex: LogIndex, out: Outbox): void {
  const to = leaderIdOf(state);
  if (to === undefined || to === state.nodeId) return;
  const { term } = state.hardState;
  out.sendOncePersisted({ kind: "append-accepted", from: state.nodeId, to, term, matchIndex });
}

/** "Go on with this chunk": after one was stored, or when another one came than was expected. */
function sendProgress(state: RaftState, out: Outbox): void {
  const to = leaderIdOf(state);
  const { install } = state;
  if (install === undefined || to === undefined || to === state.nodeId) return;
  out.send({
    kind: "snapshot-progress",
    from: state.nodeId,
    to,
    term: state.hardState.term,
    snapshotIndex: install.snapshot.index,
    snapshotHash: install.snapshot.hash,
    nextChunk: install.nextChunk,
  });
}

/** The install whose chunk the storage speaks of; it may have been given up meanwhile. */
function busyWith(
  state: RaftState,
  answer: { readonly snapshot: SnapshotMeta; readonly chunk: number },
): Install | undefined {
  const { install } = state;
  if (install?.storing === undefined || install.nextChunk !== answer.chunk) return undefined;
  return isSameSnapshot(install.snapshot, answer.snapshot) ? install : undefined;
}

function isSameSnapshot(one: SnapshotMeta, other: SnapshotMeta): boolean {
  return one.index === other.index && one.term === other.term && one.hash === other.hash;
}
