// wal.ts — appends batches to the log: one write and one sync for each, one at a time (RAFT E3).
// Only what recovery.ts found may be continued. Nothing is tried again: a failed write or sync is
// the end of this object (D2, E4.5). Never decides what to write, nor when.
import { assert, InvariantViolation } from "../../core/assert.ts";
import type { ForgottenLog } from "../../core/forgotten-log.ts";
import type { Incarnation, LogIndex } from "../../core/ids.ts";
import type { Disk } from "../disk.ts";
import { writeForgottenNote } from "../forgotten-note.ts";
import { commitSynced, type LogPositions } from "../log-positions.ts";
import { type SpaceReserve, withRoom } from "../space-reserve.ts";
import type { LogStorage, Recovered, StorageIdentity, WalBatch } from "../storage.ts";
import { BatchBuffer, type PreparedBatch, prepareBatch, sealBatch, sectorBytes } from "./batch.ts";
import type { Chain } from "./record.ts";
import type { RecoveredLog, UsedSegment } from "./recovery.ts";
import { encodeSegmentHeader, segmentHeaderBytes } from "./segment.ts";
import type { OpenSegment, SpareSegments } from "./spare-segments.ts";

export interface WalParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly identity: StorageIdentity;
  readonly incarnation: Incarnation;
  readonly log: RecoveredLog;
  readonly segment: OpenSegment;
  /** Where the next batch goes; 0 while the segment has no header. */
  readonly offset: number;
  readonly spares: SpareSegments;
  readonly reserve: SpaceReserve;
}

const sealBytes = sealBatch.sectors * sectorBytes;

export class Wal implements LogStorage {
  readonly recovered: Recovered;
  readonly #parts: WalParts;
  readonly #positions: LogPositions;
  readonly #chain: Chain;
  readonly #buffer: BatchBuffer = new BatchBuffer();
  #segment: OpenSegment;
  #offset: number;
  /** Of the next batch; all before it are synced. */
  #sequence: number;
  /** In order; the last one is the segment that is written. */
  #used: UsedSegment[];
  #markedIn: number | undefined;
  /** Of the newest mark that is synced. */
  #coveredIndex: number;
  #state: "ready" | "writing" | "ended" = "ready";
  #dropping: Promise<void> = Promise.resolve();

  constructor(parts: WalParts) {
    const { log } = parts;
    this.#parts = parts;
    this.recovered = log.recovered;
    this.#positions = log.positions;
    this.#chain = log.chain;
    this.#sequence = log.nextBatch;
    this.#used = [...log.used];
    this.#markedIn = log.markedIn;
    this.#coveredIndex = log.recovered.snapshot?.index ?? 0;
    this.#segment = parts.segment;
    this.#offset = parts.offset;
  }

  async append(batch: WalBatch): Promise<void> {
    assert(this.#state === "ready", "one batch is written at a time, and none after a failure");
    if (batch.records.length === 0) return;
    this.#state = "writing";
    try {
      const bytes = await this.#appendNow(batch);
      this.#state = "ready";
      this.#parts.reserve.noteWrite(bytes);
    } catch (error) {
      this.#state = "ended";
      throw error;
    }
  }

  async #appendNow(batch: WalBatch): Promise<number> {
    const syncedIndex = this.#positions.lastIndex;
    const before = this.#stand();
    const prepared = prepareBatch(batch, (record) => this.#admit(record));
    const commitIndex = commitSynced(batch, syncedIndex);
    assert(commitIndex <= this.#positions.lastIndex, "what is committed stays in the log");
    await this.#write(prepared, { commitIndex, before });
    this.#noteWritten(batch);
    return prepared.sectors * sectorBytes;
  }

  async dropPrefix(drop: { readonly through: LogIndex }): Promise<void> {
    assert(
      drop.through <= this.#coveredIndex,
      "the log is dropped only below a synced snapshot mark",
    );
    this.#dropping = this.#dropping.then(() => this.#drop(drop.through));
    await this.#dropping;
  }

  /** Beside a write that is under way: it is of no use any more, and does no harm. */
  condemn(forgotten: ForgottenLog): Promise<void> {
    const { directory, disk } = this.#parts;
    return withRoom({ disk, directory }, () => writeForgottenNote({ disk, directory, forgotten }));
  }

  isNearlyFull(): boolean {
    return this.#parts.reserve.isNearlyFull();
  }

  async close(): Promise<void> {
    assert(this.#state !== "writing", "a write is awaited before the log is closed");
    this.#state = "ended";
    await this.#dropping;
    await this.#parts.spares.close();
    await this.#parts.reserve.close();
    await this.#segment.file.close();
  }

  /** Moves the positions on by one record and tells the term that a truncation's record keeps. */
  #admit(record: WalBatch["records"][number]): ReturnType<LogPositions["termBefore"]> {
    const problem = this.#positions.apply(record);
    if (problem !== undefined)
      throw new InvariantViolation(`the log can't be continued: ${problem}`);
    if (record.kind === "snapshot-mark" && record.mark.log === "keep") {
      const begin = this.#used[0]?.beforeIndex ?? 0;
      assert(
        record.mark.snapshot.index >= begin,
        "the log goes on from its snapshot without a gap",
      );
    }
    return this.#positions.last.term;
  }

  #stand(): Stand {
    const { last, hardState, commitIndex } = this.#positions;
    return { last, hardState, commitIndex };
  }

  async #write(
    batch: PreparedBatch,
    known: { readonly commitIndex: LogIndex; readonly before: Stand },
  ): Promise<void> {
    const bytes = batch.sectors * sectorBytes;
    const start = Math.max(this.#offset, segmentHeaderBytes);
    if (start + bytes + sealBytes > this.#segment.capacityBytes) {
      await this.#rotate({ bytes, commitIndex: known.before.commitIndex });
    }
    const { file } = this.#segment;
    const isFirst = this.#offset === 0;
    const header = isFirst ? [this.#header(known.before)] : [];
    const offset = isFirst ? segmentHeaderBytes : this.#offset;
    const encoded = this.#encode(batch, offset, known.commitIndex);
    await file.write({ at: this.#offset, buffers: [...header, encoded] });
    await file.syncData();
    this.#offset = offset + encoded.byteLength;
    this.#sequence += 1;
    this.#positions.noteCommit(known.commitIndex);
    this.#parts.spares.prepare(this.#segment.sequence + 1);
  }

  #encode(batch: PreparedBatch, offset: number, commitIndex: LogIndex): Uint8Array {
    const place = { segment: this.#segment.sequence, offset, sequence: this.#sequence };
    const durableThrough = this.#sequence - 1;
    const end = { durableThrough, commitIndex, records: batch.records.length };
    return this.#buffer.encode(batch, place, end, this.#chain);
  }

  /** What the log was before the first batch of the segment. */
  #header(before: Stand): Uint8Array {
    const { sequence, capacityBytes, path } = this.#segment;
    this.#used.push({ path, sequence, beforeIndex: before.last.index, highestIndex: 0 });
    return encodeSegmentHeader({
      identity: this.#parts.identity,
      incarnation: this.#parts.incarnation,
      sequence,
      capacityBytes,
      before: before.last,
      chain: this.#chain.copy(),
      batch: this.#sequence,
      hardState: before.hardState,
      commitIndex: before.commitIndex,
    });
  }

  /**
   * Ends the segment with a sealing batch, synced before anything is written to the next one: so
   * that a lost last segment is noticed (D13), and damage in a last batch stays a question of one
   * segment. The next one is there, durably, before the seal says so. A batch that fits in no
   * ordinary segment gets one of its own size.
   */
  async #rotate(next: { readonly bytes: number; readonly commitIndex: LogIndex }): Promise<void> {
    const { file, sequence } = this.#segment;
    const bytesMin = Math.ceil((segmentHeaderBytes + next.bytes + sealBytes) / 4096) * 4096;
    const isUnused = this.#offset === 0;
    const wanted = { sequence: isUnused ? sequence : sequence + 1, bytesMin };
    const following = await this.#parts.spares.take(wanted);
    if (!isUnused) {
      const seal = this.#encode(sealBatch, this.#offset, next.commitIndex);
      await file.write({ at: this.#offset, buffers: [seal] });
      await file.syncData();
      this.#sequence += 1;
    }
    await file.close();
    this.#segment = following;
    this.#offset = 0;
  }

  #noteWritten(batch: WalBatch): void {
    const segment = this.#used.at(-1);
    assert(segment !== undefined, "a batch was written to a segment");
    for (const record of batch.records) {
      if (record.kind === "snapshot-mark") {
        this.#markedIn = segment.sequence;
        this.#coveredIndex = record.mark.snapshot.index;
      }
      if (record.kind === "entry") {
        segment.highestIndex = Math.max(segment.highestIndex, record.entry.index);
      }
    }
  }

  /** One after the other, each removal synced: what is left after a crash has no gap. */
  async #drop(through: LogIndex): Promise<void> {
    const { disk, directory } = this.#parts;
    for (;;) {
      const [oldest] = this.#used;
      if (oldest === undefined || !this.#mayGo(oldest, through)) return;
      this.#used.shift();
      await disk.remove(oldest.path);
      await disk.syncDirectory(directory);
    }
  }

  #mayGo(segment: UsedSegment, through: LogIndex): boolean {
    if (segment.sequence === this.#used.at(-1)?.sequence) return false;
    return segment.highestIndex <= through && segment.sequence < (this.#markedIn ?? 0);
  }
}

type Stand = Pick<LogPositions, "last" | "hardState" | "commitIndex">;
