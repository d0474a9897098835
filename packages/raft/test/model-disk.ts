// model-disk.ts — what one node has on disk, as the tests know it: a synced part, and persists that
// are still on their way and are lost by a crash. It obeys effect.ts and nothing else.
import { assert } from "../src/core/assert.ts";
import type { HardState, Persist } from "../src/core/effect.ts";
import type { Entry, Position } from "../src/core/entry.ts";
import { type LogIndex, logIndex, ZERO_INDEX, ZERO_TERM } from "../src/core/ids.ts";
import type { SnapshotMeta } from "../src/core/message.ts";
import type { RecoveredLog } from "../src/core/state.ts";

export interface StoredSnapshot {
  readonly meta: SnapshotMeta;
  readonly chunks: readonly Uint8Array[];
}

export class ModelDisk {
  hardState: HardState = { term: ZERO_TERM, votedFor: undefined };
  base: Position = { index: ZERO_INDEX, term: ZERO_TERM };
  entries: Entry[] = [];
  /** What the newest synced mark names. */
  mark: SnapshotMeta | undefined;
  /** Stored whole and durable; marked or not. */
  readonly snapshots: StoredSnapshot[] = [];
  /** Asked for and not synced. */
  pending: Persist[] = [];

  get lastIndex(): LogIndex {
    return this.entries.at(-1)?.index ?? this.base.index;
  }

  entryAt(index: number): Entry | undefined {
    return this.entries[index - this.base.index - 1];
  }

  /** Syncs the oldest persist on its way and returns it. */
  sync(): Persist | undefined {
    const persist = this.pending.shift();
    if (persist !== undefined) this.#write(persist);
    return persist;
  }

  /** Power is cut: what was not synced is gone. */
  crash(): void {
    this.pending = [];
  }

  dropPrefix(through: LogIndex): void {
    assert(through <= (this.mark?.index ?? 0), "a prefix goes only below a synced mark");
    const last = this.entryAt(through);
    if (last === undefined) return;
    this.entries = this.entries.slice(through - this.base.index);
    this.base = { index: last.index, term: last.term };
  }

  snapshot(name: SnapshotMeta): StoredSnapshot | undefined {
    return this.snapshots.find(
      ({ meta }) => meta.index === name.index && meta.term === name.term && meta.hash === name.hash,
    );
  }

  recovered(): RecoveredLog {
    const { base, entries, hardState, mark } = this;
    assert(mark === undefined || this.snapshot(mark) !== undefined, "a marked snapshot is there");
    return { hardState, snapshot: mark, entries, base, commitIndex: mark?.index ?? ZERO_INDEX };
  }

  #write(persist: Persist): void {
    if (persist.hardState !== undefined) this.hardState = persist.hardState;
    const { truncateFrom } = persist;
    if (truncateFrom !== undefined) {
      this.entries = this.entries.filter((entry) => entry.index < truncateFrom);
    }
    for (const entry of persist.entries) {
      assert(entry.index === this.lastIndex + 1, "entries reach the disk without gaps");
      assert(entry.term <= this.hardState.term, "a term is on disk before its entries (R17)");
      this.entries.push(entry);
    }
    if (persist.snapshotMark !== undefined) this.#mark(persist.snapshotMark);
  }

  #mark(mark: Persist["snapshotMark"] & object): void {
    const { snapshot } = mark;
    assert(this.snapshot(snapshot) !== undefined, "a snapshot is stored before it is marked (D8)");
    this.mark = snapshot;
    const last = this.entryAt(snapshot.index);
    const isKept = mark.log === "keep";
    if (isKept) {
      const matches = last?.term === snapshot.term || this.base.index === logIndex(snapshot.index);
      assert(matches, "a log is kept behind a snapshot that it matches");
      return;
    }
    this.entries = [];
    this.base = { index: snapshot.index, term: snapshot.term };
  }
}
