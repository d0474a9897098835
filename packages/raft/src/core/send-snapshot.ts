// send-snapshot.ts — the leader's side of a snapshot for a follower (§5): whose next entry was compacted
// away, or whose state is wrong (DESIGN §5). One chunk at a time; where it left off is the
// follower's word, so a lost message or connection costs one chunk.
// It begins, and begins again, only when a heartbeat was answered: then somebody is there to take it.
import type { LogIndex, MonotonicMs, NodeId } from "./ids.ts";
import type { Input } from "./input.ts";
import type { SnapshotMeta, SnapshotProgress } from "./message.ts";
import type { Step } from "./outbox.ts";
import { endTransfer, type Progress, type SnapshotTransfer } from "./progress.ts";
import type { Leader, RaftState } from "./state.ts";

/** What can't be stored there, or not read here, is tried again after pauses that grow from one heartbeat to so many times the election timeout. */
const setbackPauseTimeouts = 16;

/** The follower lives: begin, or go on with what was held up. */
export function nudgeTransfer(state: RaftState, to: NodeId, step: Step): void {
  const progress = progressOf(state, to);
  if (progress === undefined) return;
  if (!needsSnapshot(progress)) return endTransfer(progress);
  const { transfer } = progress;
  if (transfer === undefined) return begin(state, to, progress, step);
  const isResting = transfer.step === "resting" || transfer.step === "unreadable";
  if (isResting && step.now - transfer.since < restMs(state, progress)) return;
  if (isOvertaken(state, transfer, step)) return begin(state, to, progress, step);
  const { electionTimeoutMaxMs } = state.settings;
  if (!isResting && step.now - transfer.since < electionTimeoutMaxMs) return;
  // Chunk 0 asks: who has begun names the chunk to go on with, who has no use for it stays silent.
  if (transfer.step === "sent") transfer.chunk = 0;
  load(to, transfer, step);
}

export function onSnapshotProgress(state: RaftState, message: SnapshotProgress, step: Step): void {
  const progress = progressOf(state, message.from);
  if (progress === undefined) return;
  progress.heardAt = step.now;
  const { transfer } = progress;
  if (transfer?.step !== "sent" || transfer.snapshot.index !== message.snapshotIndex) return;
  if (transfer.snapshot.hash !== message.snapshotHash) return;
  const hasMoved = message.nextChunk > transfer.chunk;
  transfer.chunk = message.nextChunk;
  if (hasMoved) return load(message.from, transfer, step);
  progress.setbacks += 1;
  rest(transfer, step);
}

export function onChunkLoaded(
  state: RaftState,
  loaded: Extract<Input, { readonly kind: "chunk-loaded" }>,
  step: Step,
): void {
  const transfer = loadingFor(state, loaded);
  if (transfer?.chunk !== loaded.chunk) return;
  transfer.step = "sent";
  transfer.since = step.now;
  step.out.send({
    kind: "install-snapshot",
    from: state.nodeId,
    to: loaded.to,
    term: state.hardState.term,
    snapshot: transfer.snapshot,
    chunk: loaded.chunk,
    bytes: loaded.bytes,
    isLast: loaded.isLast,
  });
}

/** It can't be read: start anew with the newest, after a pause. If this is the newest, another is wanted. */
export function onChunkUnavailable(
  state: RaftState,
  failed: Extract<Input, { readonly kind: "chunk-unavailable" }>,
  step: Step,
): void {
  const transfer = loadingFor(state, failed);
  const progress = progressOf(state, failed.to);
  if (transfer === undefined || progress === undefined) return;
  progress.setbacks += 1;
  const snapshot = state.snapshot ?? transfer.snapshot;
  const isNewest = isSame(snapshot, transfer.snapshot);
  const pause = isNewest ? "unreadable" : "resting";
  progress.transfer = { snapshot, chunk: 0, step: pause, since: step.now };
}

/**
 * Our newest is whole on disk, a newer one or the same once more: who could not be given it begins anew. Not
 * before the pause is over: one that does not read either must not lead to the next at once.
 */
export function onNewestStored(state: RaftState, stored: SnapshotMeta): void {
  const { role, snapshot } = state;
  if (role.kind !== "leader" || snapshot === undefined || !isSame(snapshot, stored)) return;
  for (const progress of role.progress.values()) {
    const { transfer } = progress;
    if (transfer?.step !== "unreadable") continue;
    progress.transfer = { ...transfer, snapshot: stored, step: "resting" };
  }
}

/**
 * Entries after this are still wanted by somebody who is being fed (S13): not by one who is silent, nor by
 * one who would need more than is kept for anybody.
 */
export function pinnedAfter(
  state: RaftState,
  leader: Leader,
  now: MonotonicMs,
): LogIndex | undefined {
  let pinned: LogIndex | undefined;
  for (const { flow, heardAt, matchIndex, transfer } of leader.progress.values()) {
    const isThere = heardAt !== undefined && now - heardAt < state.settings.electionTimeoutMaxMs;
    if (!isThere || flow.kind === "probe") continue;
    const wantedAfter = transfer?.snapshot.index ?? matchIndex;
    if (isTooMuch(state, wantedAfter)) continue;
    if (pinned === undefined || wantedAfter < pinned) pinned = wantedAfter;
  }
  return pinned;
}

/** A follower that can't store a snapshot, or is slower than the log grows, must not make ours grow for ever. */
function isTooMuch(state: RaftState, wantedAfter: LogIndex): boolean {
  const { log, settings } = state;
  if (wantedAfter < log.base.index) return true;
  const bytes = log.bytesBetween({ after: wantedAfter, through: log.lastIndex });
  return bytes > settings.pinnedBytesMax;
}

export function snapshotsInUse(leader: Leader): readonly SnapshotMeta[] {
  return [...leader.progress.values()].flatMap(({ transfer }) =>
    transfer === undefined ? [] : [transfer.snapshot],
  );
}

/**
 * A diverged follower can use only one that is newer than all it applied: ours may be too old. And one that
 * can't be read is of use to nobody (S9).
 */
export function isSnapshotWanted(state: RaftState, leader: Leader, now: MonotonicMs): boolean {
  const { snapshot } = state;
  if (isSnapshotUnreadable(leader)) return true;
  return [...leader.progress.values()].some(({ wantsSnapshot, transfer }) => {
    if (!wantsSnapshot || snapshot === undefined) return wantsSnapshot;
    if (transfer === undefined || transfer.snapshot.index < snapshot.index) return false;
    return isIgnored(state, transfer, now);
  });
}

/** Our newest: then also one of the very same state is wanted. Nothing newer may come to be without the follower. */
export function isSnapshotUnreadable(leader: Leader): boolean {
  return [...leader.progress.values()].some(({ transfer }) => transfer?.step === "unreadable");
}

function needsSnapshot(progress: Progress): boolean {
  return progress.flow.kind === "snapshot" || progress.wantsSnapshot;
}

/** There is a newer one, and the one on its way leads nowhere: the log after it is gone, or it is ignored. */
function isOvertaken(state: RaftState, transfer: SnapshotTransfer, step: Step): boolean {
  if (state.snapshot === undefined || state.snapshot.index <= transfer.snapshot.index) return false;
  return state.log.base.index > transfer.snapshot.index || isIgnored(state, transfer, step.now);
}

function isIgnored(state: RaftState, transfer: SnapshotTransfer, now: MonotonicMs): boolean {
  const isWaiting = transfer.chunk === 0 && transfer.step === "sent";
  return isWaiting && now - transfer.since >= state.settings.electionTimeoutMinMs;
}

function begin(state: RaftState, to: NodeId, progress: Progress, step: Step): void {
  if (state.snapshot === undefined) return;
  progress.transfer = { snapshot: state.snapshot, chunk: 0, step: "loading", since: step.now };
  load(to, progress.transfer, step);
}

function load(to: NodeId, transfer: SnapshotTransfer, step: Step): void {
  transfer.step = "loading";
  transfer.since = step.now;
  const { chunk, snapshot } = transfer;
  step.out.emit({ kind: "load-chunk", to, snapshot, chunk });
}

function restMs(state: RaftState, { setbacks }: Progress): number {
  const { electionTimeoutMaxMs, heartbeatMs } = state.settings;
  const longestMs = setbackPauseTimeouts * electionTimeoutMaxMs;
  return Math.min(longestMs, heartbeatMs * 2 ** Math.max(0, setbacks - 1));
}

function rest(transfer: SnapshotTransfer, step: Step): void {
  transfer.step = "resting";
  transfer.since = step.now;
}

function progressOf(state: RaftState, id: NodeId): Progress | undefined {
  return state.role.kind === "leader" ? state.role.progress.get(id) : undefined;
}

/** The transfer whose chunk was asked for; late answers to a given-up one find none. */
function loadingFor(
  state: RaftState,
  answer: { readonly to: NodeId; readonly snapshot: SnapshotMeta },
): SnapshotTransfer | undefined {
  const transfer = progressOf(state, answer.to)?.transfer;
  const isExpected = transfer?.step === "loading" && isSame(transfer.snapshot, answer.snapshot);
  return isExpected ? transfer : undefined;
}

function isSame(one: SnapshotMeta, other: SnapshotMeta): boolean {
  return one.index === other.index && one.hash === other.hash;
}
