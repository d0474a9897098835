// compaction.ts — when to take a snapshot of our own state, and what may go once it is marked (§5, E5).
// The order is the promise: stored durably → marked in the log → log prefix dropped → older snapshots
// removed; two stay, and the log back to the older one. It drops nothing above a durable mark, nothing
// that a transfer needs, and nothing at all behind a persister that is not durable.
import { assert, InvariantViolation } from "../core/assert.ts";
import type { Configuration } from "../core/configuration.ts";
import { type LogIndex, logIndex, type Term, ZERO_INDEX } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { Persister, SnapshotName } from "../storage/persister.ts";
import { snapshotName, snapshotSet } from "../storage/snapshot/snapshot-set.ts";
import { snapshotChunks } from "../storage/snapshot/snapshot-stream.ts";
import { DamagedDataError, type LogStorage, type StorageIdentity } from "../storage/storage.ts";
import { reason, writeFailure } from "./failures.ts";
import type { Note } from "./observer.ts";
import type { SnapshotContent, StateMachine } from "./state-machine.ts";

export interface CompactionParts {
  readonly persister: Persister;
  readonly storage: Pick<LogStorage, "dropPrefix">;
  readonly stateMachine: Pick<StateMachine<unknown>, "takeSnapshot">;
  readonly identity: StorageIdentity;
  readonly limits: {
    readonly snapshotEveryBytes: number;
    readonly snapshotEveryEntries: number;
    readonly trailingEntries: number;
    readonly retryMinMs: number;
    readonly retryMaxMs: number;
  };
  readonly isArriving: (name: SnapshotName) => boolean;
  readonly monotonicNow: () => number;
  /** In [0, 1): nodes must not all take their snapshots at once. */
  readonly draw: () => number;
  /** Our snapshot is durable, or the newest is once more: only enqueues `snapshot-taken`. */
  readonly stored: (snapshot: SnapshotMeta) => void;
  /** The log on disk can't be trusted any more, the marked snapshot is gone, or this is a bug: the node must end. */
  readonly failed: (cause: unknown) => void;
  readonly note: (fact: Note) => void;
}

/** What the core knows of the log that is to be compacted. */
export interface LogKept {
  /** After this one and up to the snapshot are as many bytes as may trail behind it, and no more. */
  readonly trailingAfter: LogIndex;
}

/** … and what it still needs to feed a follower. */
export interface Pinned extends LogKept {
  readonly snapshotsInUse: readonly SnapshotMeta[];
  /** Entries after this one. */
  readonly pinnedAfter: LogIndex | undefined;
}

type Stage =
  | { readonly kind: "idle" | "storing" }
  | { readonly kind: "marking"; readonly index: LogIndex };

export class Compaction {
  readonly #parts: CompactionParts;
  #stage: Stage = { kind: "idle" };
  #newestMarked: SnapshotMeta | undefined;
  #bytes = 0;
  #entries = 0;
  #dueShare: number;
  #failures = 0;
  #retryAt = 0;
  #ended = false;
  #isInterrupted = false;
  #storing: Promise<void> = Promise.resolve();
  #clearing: Promise<void> = Promise.resolve();

  constructor(parts: CompactionParts) {
    this.#parts = parts;
    this.#dueShare = dueShare(parts.draw());
  }

  /** Removes what no mark names: leftovers of a store that was cut short. */
  async begin(marked: SnapshotMeta | undefined): Promise<void> {
    this.#newestMarked = marked;
    const listed = await this.#parts.persister.list();
    await this.#removeAll(snapshotSet({ listed, marked }).removable);
  }

  applied(slice: { readonly entries: number; readonly bytes: number }): void {
    this.#entries += slice.entries;
    this.#bytes += slice.bytes;
  }

  /** `isWanted`: a follower waits for one, whatever the size of the log. */
  isDue(at: { readonly now: number; readonly isWanted: boolean }): boolean {
    if (this.#ended || !this.#parts.persister.durable) return false;
    if (this.#stage.kind !== "idle" || at.now < this.#retryAt) return false;
    if (at.isWanted) return true;
    const { snapshotEveryBytes, snapshotEveryEntries } = this.#parts.limits;
    if (this.#entries === 0) return false;
    return (
      this.#bytes >= snapshotEveryBytes * this.#dueShare ||
      this.#entries >= snapshotEveryEntries * this.#dueShare
    );
  }

  /** Starts a snapshot of the state as it is now: `at` is the last applied entry. */
  take(at: {
    readonly index: LogIndex;
    readonly term: Term;
    readonly configuration: Configuration;
  }): void {
    assert(this.#stage.kind === "idle", "one snapshot at a time (S6)");
    const counted = { entries: this.#entries, bytes: this.#bytes };
    this.#stage = { kind: "storing" };
    this.#storing = this.#store(at, counted);
  }

  /**
   * This snapshot is named by a mark on disk. Starts to clear the disk of what it makes superfluous,
   * and answers through where entries in memory may go.
   */
  marked(snapshot: SnapshotMeta, pinned: Pinned): LogIndex {
    if (this.#stage.kind === "marking" && this.#stage.index <= snapshot.index) {
      this.#stage = { kind: "idle" };
    }
    this.#newestMarked = snapshot;
    if (!this.#parts.persister.durable) return ZERO_INDEX;
    const through = this.#logThrough(snapshot, pinned);
    this.#clearing = this.#clearing.then(() => this.#clear(snapshot, pinned, through));
    return through;
  }

  /** What stays in memory after a start: the log on disk may reach further back. */
  logThrough(kept: LogKept): LogIndex {
    if (this.#newestMarked === undefined) return ZERO_INDEX;
    return this.#logThrough(this.#newestMarked, { ...kept, pinnedAfter: undefined });
  }

  /** The log was replaced along with the state: what was counted is in the snapshot. */
  installed(): void {
    this.#entries = 0;
    this.#bytes = 0;
    if (this.#stage.kind === "marking") this.#stage = { kind: "idle" };
  }

  /**
   * When a failed store is tried again, as long as that is still to come. Once the time has come it is
   * tried as soon as a snapshot is due; time alone makes none due, so nothing is to be woken for it.
   */
  retryAt(now: number): number {
    const isWaiting = this.#failures > 0 && this.#stage.kind === "idle" && now < this.#retryAt;
    return isWaiting ? this.#retryAt : Number.POSITIVE_INFINITY;
  }

  /** The state is about to be replaced: gives up the snapshot under way, and resolves when it has. */
  async interrupt(): Promise<void> {
    this.#isInterrupted = true;
    await this.#storing;
    this.#isInterrupted = false;
  }

  /** Gives up the snapshot under way; resolves when nothing touches the persister any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#storing;
    await this.#clearing;
  }

  /** What trails is bounded by number and by bytes: an entry may be large. */
  #logThrough(
    snapshot: SnapshotMeta,
    pinned: Pick<Pinned, "pinnedAfter" | "trailingAfter">,
  ): LogIndex {
    const { trailingEntries } = this.#parts.limits;
    const behind = Math.max(0, snapshot.index - trailingEntries, pinned.trailingAfter);
    return logIndex(Math.min(behind, pinned.pinnedAfter ?? behind));
  }

  /**
   * The last two steps of the order above: the log's prefix, then older snapshots. One that is newer
   * than the mark, or on its way in, may be about to get a mark of its own.
   */
  async #clear(snapshot: SnapshotMeta, pinned: Pinned, logThrough: LogIndex): Promise<void> {
    try {
      if (this.#ended) return;
      const listed = await this.#parts.persister.list();
      const { logNeededAfter, removable } = snapshotSet({ listed, marked: snapshot });
      if (logNeededAfter !== undefined && logThrough > 0 && logNeededAfter > 0) {
        const through = logIndex(Math.min(logThrough, logNeededAfter));
        await this.#drop(through);
      }
      if (this.#ended) return;
      const mayGo = (name: SnapshotName): boolean =>
        name.index < snapshot.index && !isAmong(pinned, name) && !this.#parts.isArriving(name);
      await this.#removeAll(removable.filter(mayGo));
    } catch (cause) {
      if (cause instanceof DamagedDataError || cause instanceof InvariantViolation)
        return this.#fail(cause);
      this.#parts.note({
        message: "nothing cleared after a snapshot",
        fields: { index: snapshot.index, reason: reason(cause) },
      });
    }
  }

  async #drop(through: LogIndex): Promise<void> {
    try {
      if (!this.#ended) await this.#parts.storage.dropPrefix({ through });
    } catch (cause) {
      this.#fail(writeFailure(cause));
    }
  }

  #fail(cause: unknown): void {
    this.#ended = true;
    this.#parts.failed(cause);
  }

  async #store(
    at: { readonly index: LogIndex; readonly term: Term; readonly configuration: Configuration },
    counted: { readonly entries: number; readonly bytes: number },
  ): Promise<void> {
    try {
      const content = await this.#parts.stateMachine.takeSnapshot();
      if (content === undefined) {
        this.#tryLater("the state machine gave none");
        return;
      }
      const meta: SnapshotMeta = { ...at, hash: content.hash };
      await this.#storeContent(meta, content);
      this.#done(meta, counted);
    } catch (cause) {
      if (cause instanceof InvariantViolation) this.#fail(cause);
      else this.#tryLater(reason(cause));
    }
  }

  async #storeContent(meta: SnapshotMeta, content: SnapshotContent): Promise<void> {
    try {
      const chunks = snapshotChunks({
        meta,
        identity: this.#parts.identity,
        content: this.#untilEnd(content.chunks),
      });
      await this.#parts.persister.store(snapshotName(meta), chunks);
    } finally {
      content.release();
    }
  }

  #done(meta: SnapshotMeta, counted: { readonly entries: number; readonly bytes: number }): void {
    if (this.#ended) return;
    const isAgain = meta.index === this.#newestMarked?.index;
    if (isAgain && meta.hash !== this.#newestMarked?.hash) {
      return this.#tryLater("the newest one, of the same entry, has another hash");
    }
    this.#failures = 0;
    this.#entries = Math.max(0, this.#entries - counted.entries);
    this.#bytes = Math.max(0, this.#bytes - counted.bytes);
    this.#dueShare = dueShare(this.#parts.draw());
    if (isAgain) {
      this.#stage = { kind: "idle" }; // it has its mark: only its bytes are new
      this.#parts.note({ message: "newest snapshot stored anew", fields: { index: meta.index } });
      return this.#parts.stored(meta);
    }
    if (meta.index < (this.#newestMarked?.index ?? 0)) {
      this.#stage = { kind: "idle" }; // a newer one was installed meanwhile; the next start removes ours
      return;
    }
    this.#stage = { kind: "marking", index: meta.index };
    this.#parts.stored(meta);
  }

  #tryLater(why: string): void {
    if (this.#ended) return;
    const { retryMinMs, retryMaxMs } = this.#parts.limits;
    const waitMs = Math.min(retryMaxMs, retryMinMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#retryAt = this.#parts.monotonicNow() + waitMs;
    this.#stage = { kind: "idle" };
    this.#parts.note({
      message: "snapshot not stored, the log stays",
      fields: { reason: why, retryAfterMs: waitMs },
    });
  }

  async *#untilEnd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (this.#ended) throw new Error("the node is stopping");
      if (this.#isInterrupted) throw new Error("the state is replaced by the leader's snapshot");
      yield chunk;
    }
  }

  async #removeAll(names: readonly SnapshotName[]): Promise<void> {
    for (const name of names) {
      try {
        await this.#parts.persister.remove(name);
      } catch (cause) {
        if (cause instanceof InvariantViolation) throw cause;
        this.#parts.note({
          message: "old snapshot not removed",
          fields: { index: name.index, reason: reason(cause) },
        });
      }
    }
  }
}

function isAmong(pinned: Pinned, name: SnapshotName): boolean {
  return pinned.snapshotsInUse.some((sent) => sent.index === name.index && sent.hash === name.hash);
}

/** Between three quarters and five quarters of the limits. */
function dueShare(drawn: number): number {
  return 0.75 + drawn / 2;
}
