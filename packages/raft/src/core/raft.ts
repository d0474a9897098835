// raft.ts — class Raft: one node's part of the protocol, as a function of its inputs. Here is decided
// who acts on what: the role × input table, and in which order a leader draws its conclusions.
// Everything is synchronous; there is no clock, no disk, no socket, and no dice but the seeded ones.
// How it is done is in the duties: election, append-entries, replication, install-snapshot,
// send-snapshot, read-index, membership-change, leadership-transfer.
import { onAppendEntries, onHeartbeat } from "./append-entries.ts";
import { assert, unreachable } from "./assert.ts";
import { type Configuration, isSoleVoter, isVoter } from "./configuration.ts";
import type { Effect } from "./effect.ts";
import {
  canCampaign,
  countOwnVote,
  heardLeader,
  onClosedPreVoteDue,
  onDisconnected,
  onElectionDue,
  onPreVoteReply,
  onRequestPreVote,
  onRequestVote,
  onVoteGranted,
  type Standing,
  startElection,
} from "./election.ts";
import type { Entry } from "./entry.ts";
import type { LogIndex, MonotonicMs, NodeId } from "./ids.ts";
import type { Input } from "./input.ts";
import { onChunkRefused, onChunkStored, onInstallSnapshot } from "./install-snapshot.ts";
import { checkState, checkStep } from "./invariants.ts";
import { handOver, onTransfer, pursueTransfer, repeatTimeoutNow } from "./leadership-transfer.ts";
import { commitThrough, tellCommit } from "./log-changes.ts";
import { onChangeMembership, pursueChange } from "./membership-change.ts";
import { type HeartbeatReply, isOfLeader, type Message, type SnapshotMeta } from "./message.ts";
import { Outbox, type Step } from "./outbox.ts";
import { onApplied, onBootstrap, onCompact, onSnapshotTaken } from "./own-log.ts";
import { awaitsRound, confirmReads, joinRound, onRead, refuseReads } from "./read-index.ts";
import {
  appendNoop,
  feedFollowers,
  hasLostQuorum,
  onAppendAccepted,
  onAppendRejected,
  onFollowerDisconnected,
  onHeartbeatReply,
  onPropose,
  quorumCommitIndex,
  restartHeartbeatTimer,
  sendHeartbeats,
} from "./replication.ts";
import { becomeFollower, becomeLeader, restartElectionTimer } from "./roles.ts";
import {
  isSnapshotUnreadable,
  isSnapshotWanted,
  nudgeTransfer,
  onChunkLoaded,
  onChunkUnavailable,
  onNewestStored,
  onSnapshotProgress,
  pinnedAfter,
  snapshotsInUse,
} from "./send-snapshot.ts";
import { checkSettings } from "./settings.ts";
import {
  type Leader,
  type Positions,
  positionsOf,
  type RaftParts,
  type RaftState,
  recoveredState,
} from "./state.ts";
import { type CoreStatus, statusOf } from "./status.ts";
import { forgiveLateness, nextWake } from "./waking.ts";

export type { CoreStatus } from "./status.ts";

type MessageInput = Extract<Input, { readonly kind: "message" }>;

export class Raft {
  readonly #state: RaftState;
  #now: MonotonicMs;
  #wakeAt: MonotonicMs;
  #status: CoreStatus | undefined;

  constructor(parts: RaftParts) {
    checkSettings(parts.settings);
    this.#state = recoveredState(parts);
    this.#now = parts.now;
    const step = { now: parts.now, out: new Outbox() };
    // Nobody else can lead a cluster of one: it need not wait for him.
    if (!this.#isAlone()) restartElectionTimer(this.#state, step);
    checkState(this.#state);
    this.#wakeAt = nextWake(this.#state);
  }

  /** After a start apply through `positions.commitIndex`; from then on `commit` effects tell. */
  step(input: Input, now: MonotonicMs): readonly Effect[] {
    assert(now >= this.#now, "the monotonic clock never goes back");
    const before = positionsOf(this.#state);
    const step = { now, out: new Outbox() };
    if (!this.#isAlone()) forgiveLateness(this.#state, now - this.#wakeAt, step);
    this.#now = now;
    this.#status = undefined;
    this.#dispatch(input, step);
    this.#conclude(step);
    const effects = this.#effectsOf(step.out);
    checkStep(before, positionsOf(this.#state));
    checkState(this.#state);
    this.#wakeAt = nextWake(this.#state);
    return effects;
  }

  /** When the next `wake` is due. Changes with every step. */
  get wakeAt(): MonotonicMs {
    return this.#wakeAt;
  }

  get positions(): Positions {
    return positionsOf(this.#state);
  }

  /** Made once between two steps, however often it is asked for. */
  status(): CoreStatus {
    this.#status ??= statusOf(this.#state);
    return this.#status;
  }

  /** For apply: entries after `after` through `through` at most; at least one, then up to `bytesMax`. */
  entriesBetween(range: {
    readonly after: LogIndex;
    readonly through: LogIndex;
    readonly bytesMax: number;
  }): readonly Entry[] {
    return this.#state.log.entriesBetween(range);
  }

  /** After this and through `through` are at most so many bytes of entries. */
  indexWithin(range: { readonly through: LogIndex; readonly bytesMax: number }): LogIndex {
    return this.#state.log.indexWithin(range);
  }

  /** For a snapshot at `index`: the configuration as of it, never a later one (M2, M11). */
  configurationAt(index: LogIndex): Configuration {
    return this.#state.configurations.asOf(index);
  }

  /** Entries after this are still wanted by a follower that is being fed: compact through it at most. */
  get pinnedAfter(): LogIndex | undefined {
    const { role } = this.#state;
    return role.kind === "leader" ? pinnedAfter(this.#state, role, this.#now) : undefined;
  }

  /** Snapshots on their way to a follower: they must stay readable. */
  get snapshotsInUse(): readonly SnapshotMeta[] {
    const { role } = this.#state;
    return role.kind === "leader" ? snapshotsInUse(role) : [];
  }

  /** A follower needs a snapshot, and ours is missing, too old for it, or does not read: take one now. */
  get isSnapshotWanted(): boolean {
    const { role } = this.#state;
    return role.kind === "leader" && isSnapshotWanted(this.#state, role, this.#now);
  }

  /** Our newest does not read: one of the same state, in its place, is as good as a newer one. */
  get isSnapshotUnreadable(): boolean {
    const { role } = this.#state;
    return role.kind === "leader" && isSnapshotUnreadable(role);
  }

  #dispatch(input: Input, step: Step): void {
    const state = this.#state;
    switch (input.kind) {
      case "wake":
        return this.#onWake(step);
      case "message":
        return this.#onMessage(input, step);
      case "disconnected":
        if (state.role.kind === "leader") onFollowerDisconnected(state.role, input.peer);
        return onDisconnected(state, input, step);
      case "propose":
        return onPropose(state, input, step);
      case "read":
        return onRead(state, input, step.out);
      case "persisted":
        state.durability.completed(input);
        return this.#actOn(countOwnVote(state), step);
      case "applied":
        return onApplied(state, input.through);
      case "bootstrap":
        return onBootstrap(state, input.configuration, step);
      case "transfer":
        return this.#onTransfer(input, step);
      case "change-membership":
        return onChangeMembership(state, input, step);
      case "snapshot-taken":
        onSnapshotTaken(state, input.snapshot, step.out);
        return onNewestStored(state, input.snapshot);
      case "compact":
        return onCompact(state, input.through);
      case "chunk-loaded":
        return onChunkLoaded(state, input, step);
      case "chunk-unavailable":
        return onChunkUnavailable(state, input, step);
      case "chunk-stored":
        return onChunkStored(state, input, step);
      case "chunk-refused":
        return onChunkRefused(state, input, step);
      case "diverged":
        return this.#onDiverged(input.diverged, step);
      case "disk-stalled":
        return this.#onDiskStalled(input.stalled, step);
      default:
        return unreachable(input);
    }
  }

  /** Terms first (§3.3): a later one makes a follower of anybody, an earlier one is history. */
  #onMessage(input: MessageInput, step: Step): void {
    const state = this.#state;
    const { message } = input;
    if (message.to !== state.nodeId || message.from === state.nodeId) return;
    if (message.kind === "request-pre-vote") return onRequestPreVote(state, message, step);
    if (message.kind === "request-vote") return onRequestVote(state, message, step);
    if (message.kind === "pre-vote-reply" && message.isGranted) {
      return this.#actOn(onPreVoteReply(state, message), step);
    }
    const { term } = message;
    if (term < state.hardState.term) return this.#onEarlierTerm(message, step);
    if (isOfLeader(message)) {
      heardLeader(state, input, step);
    } else if (term > state.hardState.term) {
      becomeFollower(state, { term, leaderId: undefined, cause: `heard of term ${term}` }, step);
    }
    this.#onCurrentTerm(message, step);
  }

  /** A leader that was replaced must learn of it, or a node with a later term stays out for ever (E13). */
  #onEarlierTerm(message: Message, step: Step): void {
    if (message.kind !== "heartbeat") return;
    const { hardState, isDiverged, nodeId } = this.#state;
    const { from: to, round } = message;
    const reply = { from: nodeId, to, term: hardState.term, round, wantsSnapshot: isDiverged };
    step.out.send({ kind: "heartbeat-reply", ...reply });
  }

  #onCurrentTerm(message: Message, step: Step): void {
    const state = this.#state;
    switch (message.kind) {
      case "append-entries":
        return onAppendEntries(state, message, step.out);
      case "heartbeat":
        return onHeartbeat(state, message, step.out);
      case "install-snapshot":
        return onInstallSnapshot(state, message, step);
      case "vote-granted":
        return this.#actOn(onVoteGranted(state, message), step);
      case "append-accepted":
        return onAppendAccepted(state, message, step);
      case "append-rejected":
        return onAppendRejected(state, message, step);
      case "heartbeat-reply":
        return this.#onHeartbeatReply(message, step);
      case "snapshot-progress":
        return onSnapshotProgress(state, message, step);
      case "timeout-now":
        return this.#onTimeoutNow(message.from, step);
      case "vote-refused":
      case "pre-vote-reply":
      case "request-pre-vote":
      case "request-vote":
        return; // Refusals have told their term; requests were answered before.
      default:
        return unreachable(message);
    }
  }

  #onHeartbeatReply(message: HeartbeatReply, step: Step): void {
    onHeartbeatReply(this.#state, message, step);
    nudgeTransfer(this.#state, message.from, step);
    repeatTimeoutNow(this.#state, message.from);
  }

  /** §3.10: the leader itself asks us to campaign, so nobody is disturbed, and no pre-vote needed. */
  #onTimeoutNow(from: NodeId, step: Step): void {
    const { role } = this.#state;
    if (role.kind !== "follower" || role.leaderId !== from) return;
    if (canCampaign(this.#state)) startElection(this.#state, "transfer", step);
  }

  #onWake(step: Step): void {
    const state = this.#state;
    const { role } = state;
    if (role.kind === "leader") return this.#onLeaderWake(role, step);
    const closed = state.contact?.closed;
    if (closed !== undefined && step.now >= closed.preVoteDueAt) {
      this.#actOn(onClosedPreVoteDue(state, step), step);
    }
    if (step.now >= state.electionDueAt) this.#actOn(onElectionDue(state, step), step);
  }

  #onLeaderWake(leader: Leader, step: Step): void {
    if (step.now < leader.heartbeatDueAt) return;
    if (hasLostQuorum(this.#state, leader, step.now)) {
      return this.#stepDown("no quorum answered", step);
    }
    sendHeartbeats(this.#state, leader, step);
    restartHeartbeatTimer(this.#state, leader, step.now);
  }

  /** A quorum of pre-votes leads to the election, a quorum of votes to leading. */
  #actOn(standing: Standing, step: Step): void {
    if (standing === "open") return;
    if (this.#state.role.kind === "pre-candidate") {
      return startElection(this.#state, "timeout", step);
    }
    this.#lead(step);
  }

  #lead(step: Step): void {
    const leader = becomeLeader(this.#state, step);
    this.#state.install = undefined;
    appendNoop(this.#state, step);
    restartHeartbeatTimer(this.#state, leader, step.now);
  }

  #onTransfer(request: Extract<Input, { readonly kind: "transfer" }>, step: Step): void {
    const standing = onTransfer(this.#state, request, step);
    const { role } = this.#state;
    if (standing === "begun" && role.kind === "leader") refuseReads(role, step.out);
  }

  /** Whose state is wrong must neither lead nor serve; its log is right, so it votes and accepts. */
  #onDiverged(isDiverged: boolean, step: Step): void {
    this.#state.isDiverged = isDiverged;
    if (isDiverged) return this.#handOver("diverged from the majority", step);
    const { commitIndex, toldIndex } = this.#state;
    if (toldIndex < commitIndex) tellCommit(this.#state, step.out);
  }

  /** Another, whose disk works, should lead (L3). */
  #onDiskStalled(isStalled: boolean, step: Step): void {
    this.#state.isDiskStalled = isStalled;
    if (isStalled) this.#handOver("the disk does not keep up", step);
  }

  /** Within the term: the vote stays given (E3). */
  #stepDown(cause: string, step: Step): void {
    if (this.#state.role.kind === "follower") return;
    const { term } = this.#state.hardState;
    becomeFollower(this.#state, { term, leaderId: undefined, cause }, step);
  }

  /** What follows from all that is known now: commits, membership, reads, entries, transfer. */
  #conclude(step: Step): void {
    const state = this.#state;
    const { role } = state;
    if (role.kind === "leader") {
      commitThrough(state, quorumCommitIndex(state, role), step.out);
      pursueChange(state, role, step);
      confirmReads(state, role, step.out);
      if (awaitsRound(state, role)) joinRound(state, role, sendHeartbeats(state, role, step));
      confirmReads(state, role, step.out);
      feedFollowers(state, role, step);
      if (this.#hasLeft()) this.#handOver("left the cluster", step);
    }
    pursueTransfer(state, step);
  }

  /** A leader that is no voter any more leads until that configuration is committed (§4.2.2, M7). */
  #hasLeft(): boolean {
    const { commitIndex, configurations, nodeId } = this.#state;
    if (configurations.inForceSince > commitIndex) return false;
    return !isVoter(configurations.inForce, nodeId);
  }

  /** Not before another was asked to lead: then nobody waits for an election timeout. */
  #handOver(cause: string, step: Step): void {
    const { role } = this.#state;
    if (role.kind === "leader") handOver(this.#state, role, step);
    this.#stepDown(cause, step);
  }

  #isAlone(): boolean {
    return isSoleVoter(this.#state.configurations.inForce, this.#state.nodeId);
  }

  #effectsOf(out: Outbox): readonly Effect[] {
    const parts = out.persistParts;
    if (parts === undefined) return out.effects(undefined);
    const { durability, hardState, log } = this.#state;
    const sequence = durability.issue({
      term: hardState.term,
      lastIndex: log.lastIndex,
      hardState: parts.hardState,
      snapshotIndex: parts.snapshotMark?.snapshot.index,
    });
    return out.effects({ kind: "persist", sequence, term: hardState.term, ...parts });
  }
}
