// loop.ts — the driver's one loop (E2). A turn: completions, then what arrived, then all proposals
// and all reads as one input each; then everything leaves at once, the next write starts, and only
// then is applied what is committed. It waits for nothing: completions come back as inputs, and after
// the end none is listened to any more (J4).
import type { Configuration } from "../core/configuration.ts";
import { ForgottenLogError } from "../core/forgotten-log.ts";
import { type LogIndex, type MonotonicMs, monotonicMs } from "../core/ids.ts";
import type { Input } from "../core/input.ts";
import type { Message, SnapshotMeta } from "../core/message.ts";
import { Raft } from "../core/raft.ts";
import { type DiskHealthLimits, diskHealth, diskHealthChangesAt } from "./disk-health.ts";
import { type Duties, makeDuties, type RaftNodeParts } from "./duties.ts";
import { DiskStalledError } from "./failures.ts";
import type { Synced } from "./group-commit.ts";
import { InputQueue, type MessageInput } from "./input-queue.ts";
import { lastWord } from "./last-word.ts";
import type { RoleChange } from "./observer.ts";
import { Performer } from "./performer.ts";
import { bounds, coreSettings } from "./settings.ts";
import { type Ring, WakeTimer } from "./timers.ts";

export class Loop<Result> {
  readonly duties: Duties<Result>;
  /** When proposals were last asked for. */
  isDiskNearlyFull: boolean = false;
  /** Resolves when nothing more is written. */
  lastWord: Promise<void> = Promise.resolve();
  readonly #parts: RaftNodeParts<Result>;
  readonly #raft: Raft;
  readonly #performer: Performer<Result>;
  readonly #timer: WakeTimer;
  readonly #diskLimits: DiskHealthLimits;
  readonly #queue: InputQueue = new InputQueue({
    messagesMax: bounds.inputMessagesMax,
    bytesMax: bounds.inputBytesMax,
  });
  #synced: Synced[] = [];
  #restored: SnapshotMeta[] = [];
  #ticket = 0;
  #isScheduled = false;
  #isStalled = false;
  #isLeader = false;
  #isDiverged = false;
  #configuration: Configuration | undefined;
  #committed: { readonly index: LogIndex; readonly configuration: Configuration } | undefined;
  #hasEnded = false;

  constructor(parts: RaftNodeParts<Result>) {
    const { identity, platform, settings, storage } = parts;
    this.#parts = parts;
    this.duties = makeDuties(parts, {
      happened: (input) => this.happened(input),
      synced: (batch) => {
        this.#synced.push(batch);
        this.schedule();
      },
      restored: (snapshot) => {
        this.#restored.push(snapshot);
        this.schedule();
      },
      failed: (cause) => this.fail(cause),
    });
    this.#performer = new Performer(this.duties, (change) => this.#roleChanged(change));
    this.#timer = new WakeTimer({ platform, rang: (ring) => this.#turn(ring) });
    this.#diskLimits = {
      stalledAfterMs: settings.electionTimeoutMaxMs,
      deadAfterMs: settings.diskStallTimeoutMs,
    };
    this.#raft = new Raft({
      nodeId: identity.nodeId,
      incarnation: identity.incarnation,
      settings: coreSettings(settings),
      seed: platform.drawSeed(),
      now: this.#now(),
      recovered: storage.recovered,
    });
  }

  get raft(): Pick<Raft, "positions" | "status"> {
    return this.#raft;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  nextTicket(): number {
    this.#ticket += 1;
    return this.#ticket;
  }

  /**
   * What the log knows to be committed is applied from here on. Nothing happens before the turn's end:
   * who started the node has it in hand by then.
   */
  begin(): void {
    this.duties.applier.commit(this.#raft.positions.commitIndex);
    const trailingAfter = this.#trailingAfter(this.#raft.positions.snapshotIndex);
    this.#compactTo(this.duties.compaction.logThrough({ trailingAfter }));
    this.schedule();
  }

  /** A turn at the end of this turn of the process's own loop, once, however often it is asked for. */
  schedule(): void {
    if (this.#isScheduled || this.#hasEnded) return;
    this.#isScheduled = true;
    this.#parts.platform.afterTurn(() => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  happened(input: Exclude<Input, { readonly kind: "message" }>): void {
    if (this.#hasEnded) return;
    this.#queue.add(input);
    this.schedule();
  }

  /** A full queue drops the message: the sender repeats what matters (V12). */
  received(input: MessageInput): void {
    if (this.#hasEnded) return;
    this.#queue.offer(input);
    this.schedule();
  }

  /** The node has ended for good: nothing leaves it any more, every waiter gets an outcome. */
  fail(cause: unknown): void {
    if (this.#hasEnded) return;
    this.end();
    const { observer, platform, settings, storage } = this.#parts;
    if (!(cause instanceof ForgottenLogError)) return observer.failed(cause);
    const withinMs = settings.diskStallTimeoutMs;
    this.lastWord = lastWord({ storage, platform, observer, withinMs }, cause);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#timer.cancel();
    this.duties.proposals.end();
    this.duties.reads.end();
    this.duties.transfers.end();
    this.duties.membershipChanges.end();
    this.duties.bootstrap.refuse(new Error("the node has ended"));
  }

  /** `ring`: of the timer, if it is why there is a turn. */
  #turn(ring?: Ring): void {
    if (this.#hasEnded) return;
    try {
      this.#work(ring);
    } catch (bug) {
      this.fail(bug);
    }
  }

  #work(ring: Ring | undefined): void {
    const now = this.#now();
    this.#takeCompletions(now);
    for (const input of this.#queue.drain()) this.#step(input, now);
    if (ring !== undefined) this.#wake(ring, now);
    this.#askForWaiters(now);
    this.#settle(now);
    this.#leave();
    this.#apply(now);
    this.#settle(now);
    this.#leave();
    this.#lookAtCommitted();
    this.#arm(now);
  }

  #takeCompletions(now: MonotonicMs): void {
    const synced = this.#synced;
    this.#synced = [];
    for (const batch of synced) this.#takeSynced(batch, now);
    const restored = this.#restored;
    this.#restored = [];
    for (const snapshot of restored) this.#takeRestored(snapshot, now);
  }

  #takeSynced(batch: Synced, now: MonotonicMs): void {
    this.#performer.release(batch.release);
    this.#step({ kind: "persisted", sequence: batch.sequence, term: batch.term }, now);
    this.duties.bootstrap.synced(batch.sequence);
    for (const snapshot of batch.marked) this.#takeMarked(snapshot, now);
  }

  #takeMarked(snapshot: SnapshotMeta, now: MonotonicMs): void {
    const { pinnedAfter, snapshotsInUse } = this.#raft;
    this.duties.sending.keepOnly(snapshotsInUse);
    const kept = {
      pinnedAfter,
      snapshotsInUse,
      trailingAfter: this.#trailingAfter(snapshot.index),
    };
    this.#compactTo(this.duties.compaction.marked(snapshot, kept), now);
    if (!this.duties.restoring.marked(snapshot)) this.#parts.observer.snapshotStored(snapshot);
  }

  #takeRestored(snapshot: SnapshotMeta, now: MonotonicMs): void {
    const { applier, compaction, proposals, reads } = this.duties;
    applier.restored(snapshot);
    compaction.installed();
    proposals.covered(snapshot);
    reads.applied(snapshot.index);
    this.#step({ kind: "applied", through: snapshot.index }, now);
    if (this.#isDiverged) this.#step({ kind: "diverged", diverged: false }, now);
    this.#isDiverged = false;
    this.#parts.observer.snapshotInstalled(snapshot);
  }

  /** What time alone brings about; only after the sockets were read (timers.ts). */
  #wake(ring: Ring, now: MonotonicMs): void {
    this.duties.groupCommit.forgive(ring);
    this.#lookAtDisk(now);
    if (this.#raft.wakeAt <= now) this.#step({ kind: "wake" }, now);
    this.duties.proposals.giveUp(now);
  }

  #lookAtDisk(now: MonotonicMs): void {
    const { writingSince } = this.duties.groupCommit;
    const verdict = diskHealth(this.#diskLimits, { now, writingSince });
    if (verdict === "dead" && writingSince !== undefined) {
      throw new DiskStalledError({ stalledMs: now - writingSince });
    }
    const isStalled = verdict !== "healthy";
    if (isStalled === this.#isStalled) return;
    this.#isStalled = isStalled;
    this.#step({ kind: "disk-stalled", stalled: isStalled }, now);
  }

  #hasRoom(): boolean {
    const { duties, isDiskNearlyFull: wasNearlyFull } = this;
    if (!duties.proposals.hasGathered) return !wasNearlyFull;
    this.isDiskNearlyFull = this.#parts.storage.isNearlyFull();
    if (this.isDiskNearlyFull !== wasNearlyFull) {
      const message = wasNearlyFull
        ? "the disk has room again, proposals are taken"
        : "the disk is nearly full, proposals are refused";
      this.#parts.observer.note({ message, fields: {} });
    }
    return !this.isDiskNearlyFull;
  }

  #askForWaiters(now: MonotonicMs): void {
    const { bootstrap, groupCommit, proposals, reads } = this.duties;
    const configuration = bootstrap.wanted;
    if (configuration !== undefined) {
      const before = groupCommit.lastSequence;
      this.#step({ kind: "bootstrap", configuration }, now);
      bootstrap.stepped({ before, after: groupCommit.lastSequence });
    }
    const ticket = this.nextTicket();
    const payloads = proposals.ask({
      ticket,
      term: this.#raft.positions.term,
      leaderId: this.#performer.leaderId,
      hasRoom: this.#hasRoom(),
    });
    if (payloads !== undefined) this.#step({ kind: "propose", ticket, payloads }, now);
    const readTicket = this.nextTicket();
    if (reads.ask(readTicket)) this.#step({ kind: "read", ticket: readTicket }, now);
  }

  /** Persists that write nothing, and wait for none before them, are complete at once. */
  #settle(now: MonotonicMs): void {
    const { groupCommit } = this.duties;
    for (
      let done = groupCommit.takeSettled();
      done !== undefined;
      done = groupCommit.takeSettled()
    ) {
      this.#takeSynced(done, now);
    }
  }

  /** Messages first, so that followers write while we do; then our own next write. */
  #leave(): void {
    const messages = this.#performer.takeOutgoing();
    const { transport } = this.#parts;
    const fitting = messages.filter((message) => !isBulk(message) || transport.hasRoom(message.to));
    if (fitting.length > 0) transport.send(fitting);
    const { commitIndex, persistedIndex } = this.#raft.positions;
    this.duties.groupCommit.flush({
      commitIndex: commitIndex < persistedIndex ? commitIndex : persistedIndex,
    });
    if (this.#performer.takeTouchedConfiguration()) this.#lookAtConfiguration();
  }

  #lookAtConfiguration(): void {
    const { configuration } = this.#raft.status();
    if (configuration === this.#configuration) return;
    this.#configuration = configuration;
    this.#parts.transport.configure(configuration);
    this.#parts.observer.configurationChanged(configuration);
  }

  #lookAtCommitted(): void {
    const index = this.#raft.positions.commitIndex;
    const before = this.#committed;
    if (index === before?.index) return;
    const configuration = this.#raft.configurationAt(index);
    this.#committed = { index, configuration };
    if (configuration !== before?.configuration && configuration.voters.length > 0)
      this.#parts.observer.configurationCommitted(configuration);
  }

  #apply(now: MonotonicMs): void {
    const { applier, compaction, proposals, reads } = this.duties;
    const slice = applier.applySlice((range) => this.#raft.entriesBetween(range));
    if (slice !== undefined) {
      const { index } = applier.applied;
      compaction.applied({ entries: slice.committed.length, bytes: slice.bytes });
      this.#step({ kind: "applied", through: index }, now);
      proposals.applied(slice.committed, slice.results);
      reads.applied(index);
    }
    if (applier.hasWork) this.schedule();
    this.#takeSnapshotIfDue(now);
  }

  #takeSnapshotIfDue(now: MonotonicMs): void {
    const { applier, compaction } = this.duties;
    if (applier.isRestoring) return;
    const { index, term } = applier.applied;
    const { snapshotIndex } = this.#raft.positions;
    const isAgain = index === snapshotIndex && this.#raft.isSnapshotUnreadable;
    if (index <= snapshotIndex && !isAgain) return;
    if (!compaction.isDue({ now, isWanted: this.#raft.isSnapshotWanted })) return;
    compaction.take({ index, term, configuration: this.#raft.configurationAt(index) });
  }

  #arm(now: MonotonicMs): void {
    const { compaction, groupCommit, proposals } = this.duties;
    const { writingSince } = groupCommit;
    const diskAt = diskHealthChangesAt(this.#diskLimits, { now, writingSince });
    this.#timer.arm(
      Math.min(this.#raft.wakeAt, proposals.giveUpAt, compaction.retryAt(now), diskAt ?? Infinity),
    );
  }

  #step(input: Input, now: MonotonicMs): void {
    if (input.kind === "diverged") this.#isDiverged = input.diverged;
    for (const effect of this.#raft.step(input, now)) this.#performer.perform(effect);
  }

  #compactTo(through: LogIndex, now: MonotonicMs = this.#now()): void {
    if (through <= this.#raft.positions.baseIndex) return;
    this.#step({ kind: "compact", through }, now);
  }

  /** As much as is written between two snapshots may stay behind the newer one. */
  #trailingAfter(snapshotIndex: LogIndex): LogIndex {
    const bytesMax = this.#parts.settings.snapshotEveryBytes;
    return this.#raft.indexWithin({ through: snapshotIndex, bytesMax });
  }

  #roleChanged(change: RoleChange): void {
    const isLeader = change.role === "leader";
    if (this.#isLeader && !isLeader) {
      const until = this.#now() + this.#parts.settings.electionTimeoutMaxMs;
      this.duties.proposals.leadershipLost({ until });
      this.duties.sending.keepOnly([]);
    }
    this.#isLeader = isLeader;
    this.#parts.observer.roleChanged(change);
  }

  #now(): MonotonicMs {
    return monotonicMs(this.#parts.platform.monotonicNow());
  }
}

/** What pauses while a peer has no room; Raft repeats it. */
function isBulk(message: Message): boolean {
  if (message.kind === "append-entries") return message.entries.length > 0;
  return message.kind === "install-snapshot";
}
