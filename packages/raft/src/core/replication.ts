// replication.ts — the leader's side of AppendEntries (§3.5): what to send to whom, and what an
// answer means. Entries leave while our own disk is still writing them (§10.2.1).
// It only learns and sends. What the answers add up to — commits, reads, transfers — is raft.ts's.
import { assert } from "./assert.ts";
import { committableIndex } from "./commit.ts";
import { isVoter } from "./configuration.ts";
import type { RefusalReason } from "./effect.ts";
import type { Entry } from "./entry.ts";
import {
  indexAfter,
  indexBefore,
  type LogIndex,
  later,
  logIndex,
  type MonotonicMs,
  type NodeId,
  type ReadRound,
  readRound,
} from "./ids.ts";
import type { Input } from "./input.ts";
import { appendEntries } from "./log-changes.ts";
import type { AppendAccepted, AppendRejected, HeartbeatReply } from "./message.ts";
import type { Step } from "./outbox.ts";
import {
  accept,
  hasRoom,
  isCurrentRefusal,
  type Progress,
  sent,
  toProbe,
  toSnapshot,
  toStream,
} from "./progress.ts";
import { agreedValue } from "./quorum.ts";
import type { Leader, RaftState } from "./state.ts";

/** A leader's first entry: without one of its own term nothing may be committed (§3.6.2, §6.4). */
export function appendNoop(state: RaftState, step: Step): void {
  const position = { index: indexAfter(state.log.lastIndex), term: state.hardState.term };
  appendEntries(state, [{ ...position, kind: "noop" }], step.out);
}

/** All payloads become entries, or none does. What waits for a quorum is bounded (L4). */
export function onPropose(
  state: RaftState,
  proposal: Extract<Input, { readonly kind: "propose" }>,
  step: Step,
): void {
  const { payloads, ticket } = proposal;
  assert(payloads.length > 0, "a proposal proposes something");
  const reason = refusal(state);
  if (reason !== undefined) return step.out.emit({ kind: "refused", ticket, reason });
  const { term } = state.hardState;
  const first = indexAfter(state.log.lastIndex);
  const entries = payloads.map(
    (payload, place): Entry => ({ index: logIndex(first + place), term, kind: "command", payload }),
  );
  step.out.emit({ kind: "accepted", ticket, first, term });
  appendEntries(state, entries, step.out);
}

/** Why nothing can be proposed now. */
function refusal(state: RaftState): RefusalReason | undefined {
  if (state.role.kind !== "leader") return "not-leader";
  const { commitIndex, configurations, log, settings } = state;
  // A leader that has left hands over as soon as that is committed (§4.2.2).
  const isLeaving = !isVoter(configurations.inForce, state.nodeId);
  if (state.transfer !== undefined || isLeaving) return "transferring";
  const waiting = log.bytesBetween({ after: commitIndex, through: log.lastIndex });
  return waiting >= settings.uncommittedBytesMax ? "overloaded" : undefined;
}

export function onAppendAccepted(state: RaftState, message: AppendAccepted, step: Step): void {
  const progress = heardFrom(state, message.from, step.now);
  if (progress === undefined) return;
  const { matchIndex } = message;
  assert(matchIndex <= state.log.lastIndex, "nobody acknowledges what the leader does not have");
  accept(progress, matchIndex);
  const { kind } = progress.flow;
  if (kind === "probe") toStream(progress);
  // Whatever brought it back to where our log begins, a snapshot is no longer needed (S8).
  if (kind === "snapshot" && progress.matchIndex >= state.log.base.index) toStream(progress);
}

/** The logs differ at the asked place: go back, a whole term of either log at a time (§3.5). */
export function onAppendRejected(state: RaftState, message: AppendRejected, step: Step): void {
  const progress = heardFrom(state, message.from, step.now);
  if (progress === undefined || !isCurrentRefusal(progress, message.rejectedIndex)) return;
  const hint = { index: message.hintIndex, term: message.hintTerm };
  const mayMatch = state.log.lastPositionAtMost(hint)?.index;
  // Before the base nothing can be compared: asking for the place before it leads to a snapshot.
  const nextIndex =
    mayMatch === undefined ? logIndex(Math.max(1, state.log.base.index)) : indexAfter(mayMatch);
  const askedIndex = message.rejectedIndex;
  toProbe(progress, nextIndex < askedIndex ? nextIndex : askedIndex);
}

/** It lives: a probe may be repeated, and what got lost on a stream is looked for. */
export function onHeartbeatReply(state: RaftState, message: HeartbeatReply, step: Step): void {
  const progress = heardFrom(state, message.from, step.now);
  if (progress === undefined) return;
  if (message.round > progress.answeredRound) progress.answeredRound = message.round;
  progress.wantsSnapshot = message.wantsSnapshot;
  if (progress.flow.kind === "probe") progress.flow.isWaiting = false;
  if (isStalled(state, progress, step.now)) checkStream(state, message.from, progress, step);
}

/** Without entries, from where the stream has come to: a follower that lacks something says so. */
function checkStream(state: RaftState, to: NodeId, progress: Progress, step: Step): void {
  if (indexBefore(progress.nextIndex) < state.log.base.index) return toSnapshot(progress);
  sendAppend(state, to, [], step);
}

/** Its connection closed: what was on its way is probably lost. */
export function onFollowerDisconnected(leader: Leader, peer: NodeId): void {
  const progress = leader.progress.get(peer);
  if (progress?.flow.kind === "stream") toProbe(progress, indexAfter(progress.matchIndex));
}

/** To each follower as much as its flow allows. */
export function feedFollowers(state: RaftState, leader: Leader, step: Step): void {
  for (const [to, progress] of leader.progress) feed(state, to, progress, step);
}

function feed(state: RaftState, to: NodeId, progress: Progress, step: Step): void {
  const { log, settings } = state;
  while (hasRoom(progress.flow, settings)) {
    const after = indexBefore(progress.nextIndex);
    if (after < log.base.index) return toSnapshot(progress);
    const isProbe = progress.flow.kind === "probe";
    if (!isProbe && after === log.lastIndex) return;
    const range = { after, through: log.lastIndex, bytesMax: settings.appendBytesMax };
    const entries = log.entriesBetween(range);
    sendAppend(state, to, entries, step);
    if (progress.flow.kind === "probe") {
      progress.flow.isWaiting = true;
      return;
    }
    const lastIndex = logIndex(after + entries.length);
    sent(progress, { lastIndex, bytes: log.bytesBetween({ after, through: lastIndex }) });
  }
}

/** With what comes before the entries, so that the follower can compare (§3.5). */
function sendAppend(state: RaftState, to: NodeId, entries: readonly Entry[], step: Step): void {
  const { role, log } = state;
  const progress = role.kind === "leader" ? role.progress.get(to) : undefined;
  assert(progress !== undefined, "only a leader sends entries, to members only");
  const prevIndex = indexBefore(progress.nextIndex);
  const prevTerm = log.termAt(prevIndex);
  assert(prevTerm !== undefined, "what is sent follows something that is here (R13)");
  assert((entries[0]?.index ?? progress.nextIndex) === progress.nextIndex, "entries follow prev");
  step.out.send({
    kind: "append-entries",
    from: state.nodeId,
    to,
    term: state.hardState.term,
    prevIndex,
    prevTerm,
    entries,
    commitIndex: state.commitIndex,
  });
}

/**
 * A round of heartbeats, with a number of its own: answers to it prove that we still led after it left
 * (§6.4). Each follower is told to commit only what it is known to hold. They wait for no disk.
 */
export function sendHeartbeats(state: RaftState, leader: Leader, step: Step): ReadRound {
  leader.round = readRound(leader.round + 1);
  for (const [to, progress] of leader.progress) {
    const { matchIndex } = progress;
    step.out.send({
      kind: "heartbeat",
      from: state.nodeId,
      to,
      term: state.hardState.term,
      commitIndex: matchIndex < state.commitIndex ? matchIndex : state.commitIndex,
      round: leader.round,
    });
  }
  return leader.round;
}

export function restartHeartbeatTimer(state: RaftState, leader: Leader, now: MonotonicMs): void {
  leader.heartbeatDueAt = later(now, state.settings.heartbeatMs);
}

/** Through where this leader may commit. Its own disk is one replica among the others (§10.2.1). */
export function quorumCommitIndex(state: RaftState, leader: Leader): LogIndex {
  const held = agreedValue(state.configurations.inForce, (voter) =>
    voter === state.nodeId
      ? state.durability.lastIndex
      : (leader.progress.get(voter)?.matchIndex ?? 0),
  );
  const { commitIndex, log } = state;
  const { firstIndexOfTerm } = leader;
  const { lastIndex } = log;
  return committableIndex({ firstIndexOfTerm, commitIndex, lastIndex }, logIndex(held));
}

/** Check-quorum (§6.2): a leader that no quorum answers any more must not go on as if it led. */
export function hasLostQuorum(state: RaftState, leader: Leader, now: MonotonicMs): boolean {
  const heardAt = agreedValue(state.configurations.inForce, (voter) =>
    voter === state.nodeId
      ? now
      : (leader.progress.get(voter)?.heardAt ?? Number.NEGATIVE_INFINITY),
  );
  const silentSince = Math.max(heardAt, leader.silenceCountsFrom);
  return now - silentSince > state.settings.electionTimeoutMaxMs;
}

/** Notes the sign of life. Undefined for who is not followed: nobody is added by being heard (M10). */
function heardFrom(state: RaftState, from: NodeId, now: MonotonicMs): Progress | undefined {
  const progress = state.role.kind === "leader" ? state.role.progress.get(from) : undefined;
  if (progress !== undefined) progress.heardAt = now;
  return progress;
}

/** Whether what is on its way has not moved for a heartbeat: lost, or its answer lost, or a slow disk. */
function isStalled(state: RaftState, progress: Progress, now: MonotonicMs): boolean {
  const { flow, matchIndex, nextIndex } = progress;
  if (flow.kind !== "stream") return false;
  const hasArrived = matchIndex === indexBefore(nextIndex);
  const isNew = flow.stall?.matchIndex !== matchIndex;
  const isDue = !isNew && now - (flow.stall?.since ?? now) >= state.settings.heartbeatMs;
  if (hasArrived) flow.stall = undefined;
  else if (isNew || isDue) flow.stall = { matchIndex, since: now };
  return !hasArrived && isDue;
}
