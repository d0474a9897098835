// log-reader.ts — reads a WAL folder from its first segment to its end, batch by batch, and stops at
// the first thing that is not as it must be. It reports; recovery.ts, inspect.ts and recover.ts act.
// Never writes.
import type { Incarnation } from "../../core/ids.ts";
import { isZero } from "../binary.ts";
import type { Damage } from "../damage.ts";
import type { Disk } from "../disk.ts";
import { FIRST_START, LogPositions } from "../log-positions.ts";
import type { StorageIdentity, WalRecord } from "../storage.ts";
import { type BatchHead, batchRecordsAt, sectorBytes } from "./batch.ts";
import { type BatchEnd, decodeRecord } from "./entry-codec.ts";
import { Chain, readRecord } from "./record.ts";
import { readSegmentHeader, type SegmentHeader, segmentSequence } from "./segment.ts";
import { problemWithHeader } from "./segment-check.ts";
import { classifyTail, lastUsed } from "./tail.ts";

/** A segment in memory. */
export interface SegmentFile {
  readonly path: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export type LogEvent =
  | { readonly kind: "segment"; readonly file: SegmentFile; readonly header: SegmentHeader }
  | {
      readonly kind: "batch";
      readonly file: SegmentFile;
      readonly offset: number;
      readonly head: BatchHead;
      readonly records: readonly WalRecord[];
      readonly end: BatchEnd;
      readonly isSeal: boolean;
    }
  /** A last write that was never synced: its bytes, to be zeroed. */
  | {
      readonly kind: "torn";
      readonly file: SegmentFile;
      readonly offset: number;
      readonly through: number;
    }
  | { readonly kind: "unused"; readonly file: SegmentFile }
  | { readonly kind: "damage"; readonly damage: Damage };

/** Where the next batch goes. `offset` 0: the segment has no header yet. */
export interface LogTail {
  readonly path: string;
  readonly sequence: number;
  readonly offset: number;
  readonly capacityBytes: number;
}

export interface LogReaderParts {
  readonly disk: Disk;
  readonly directory: string;
  /** Undefined: whoever it belongs to (inspect). */
  readonly owner:
    | { readonly identity: StorageIdentity; readonly incarnation: Incarnation }
    | undefined;
}

export class LogReader {
  readonly #parts: LogReaderParts;
  positions: LogPositions = new LogPositions(FIRST_START);
  chain: Chain = new Chain({ a: 0, b: 0 });
  /** Sequence of the next batch. */
  nextBatch = 1;
  /** Undefined in an empty folder. */
  tail: LogTail | undefined;
  /** The last header that was read. */
  header: SegmentHeader | undefined;

  constructor(parts: LogReaderParts) {
    this.#parts = parts;
  }

  async *events(): AsyncGenerator<LogEvent> {
    const sequences = await segmentSequences(this.#parts);
    let torn: LogEvent | undefined;
    let previous: number | undefined;
    let isOver = false;
    for (const [sequence, name] of sequences) {
      const path = `${this.#parts.directory}/${name}`;
      if (previous !== undefined && sequence !== previous + 1) {
        const what = `segment ${previous + 1} is missing between ${previous} and ${sequence}`;
        yield this.#damage({ what, file: this.#parts.directory, remedy: "cut" });
        return;
      }
      previous = sequence;
      const file: SegmentFile = { path, sequence, bytes: await readWhole(this.#parts.disk, path) };
      if (isOver) {
        const spare = this.#spare(file);
        yield spare;
        if (spare.kind === "damage") return;
        continue;
      }
      for (const event of this.#segment(file)) {
        if (event.kind === "torn") torn = event;
        else yield event;
        if (event.kind === "damage") return;
        isOver = event.kind !== "batch" || !event.isSeal;
      }
    }
    yield* this.#end({ torn, isOver, previous });
  }

  *#end(found: {
    readonly torn: LogEvent | undefined;
    readonly isOver: boolean;
    readonly previous: number | undefined;
  }): Generator<LogEvent> {
    if (found.torn !== undefined) yield found.torn;
    if (found.isOver || found.previous === undefined) return;
    const what = `segment ${found.previous + 1} is missing: the one before it says that the log goes on`;
    yield this.#damage({ what, file: this.#parts.directory, remedy: "cut" });
  }

  /** Behind the end of the log: only segments that were never used. */
  #spare(file: SegmentFile): LogEvent {
    if (isZero(file.bytes, 0, file.bytes.byteLength)) return { kind: "unused", file };
    const what = "the segment holds something, but the one before it has lost its end";
    return this.#damage({ what, file: file.path, offset: 0, remedy: "cut" });
  }

  *#segment(file: SegmentFile): Generator<LogEvent> {
    const read = readSegmentHeader(file);
    if (read.kind === "unused") {
      yield this.#withoutHeader(file);
      return;
    }
    const problem = problemWithHeader(read, {
      file,
      owner: this.#parts.owner,
      previous: this.header,
      positions: this.positions,
      chain: this.chain,
      nextBatch: this.nextBatch,
    });
    if (problem !== undefined || read.kind !== "header") {
      yield { kind: "damage", damage: problem ?? this.#headerDamage(file) };
      return;
    }
    if (this.header === undefined) this.#begin(read.header);
    this.header = read.header;
    yield { kind: "segment", file, header: read.header };
    yield* this.#batches(file);
  }

  #headerDamage(file: SegmentFile): Damage {
    return { what: "the header is damaged", file: file.path, offset: 0, remedy: "cut" };
  }

  #begin(header: SegmentHeader): void {
    const { before: base, hardState, commitIndex } = header;
    this.positions = new LogPositions({ base, hardState, commitIndex });
    this.chain = new Chain(header.chain);
    this.nextBatch = header.batch;
  }

  /** Made ahead and not used yet, or its first write (header and first batch at once) was torn. */
  #withoutHeader(file: SegmentFile): LogEvent {
    const { path, sequence, bytes } = file;
    if (this.header === undefined && sequence !== 1) {
      const what = "the header is gone, and segments before it too";
      return this.#damage({ what, file: path, offset: 0, remedy: "rejoin" });
    }
    this.tail = { path, sequence, offset: 0, capacityBytes: bytes.byteLength };
    if (isZero(bytes, 0, bytes.byteLength)) return { kind: "unused", file };
    const place = { bytes, segment: sequence, offset: sectorBytes, sequence: this.nextBatch };
    const first = classifyTail(place);
    if (first.kind === "torn") return { kind: "torn", file, offset: 0, through: first.through };
    if (first.kind === "batch") {
      const through = sectorBytes + first.head.sectors * sectorBytes;
      if (lastUsed(bytes, through) === through) return { kind: "torn", file, offset: 0, through };
    }
    const what = "the header is gone, and more than one write follows";
    return this.#damage({ what, file: path, offset: 0, remedy: "cut" });
  }

  *#batches(file: SegmentFile): Generator<LogEvent> {
    const { path, sequence, bytes } = file;
    for (let offset: number = sectorBytes; ; ) {
      this.tail = { path, sequence, offset, capacityBytes: bytes.byteLength };
      const found = classifyTail({ bytes, segment: sequence, offset, sequence: this.nextBatch });
      if (found.kind === "clean") return;
      if (found.kind === "torn") {
        yield { kind: "torn", file, offset, through: found.through };
        return;
      }
      if (found.kind === "damaged") {
        const { what, offset: at } = found;
        yield this.#damage({ what, file: path, offset: at, remedy: "cut" });
        return;
      }
      const event = this.#batch(file, offset, found.head);
      yield event;
      if (event.kind !== "batch") return;
      offset += found.head.sectors * sectorBytes;
      if (event.isSeal) {
        const problem = this.#afterSeal(file, offset);
        if (problem !== undefined) yield problem;
        return;
      }
    }
  }

  #afterSeal(file: SegmentFile, offset: number): LogEvent | undefined {
    if (lastUsed(file.bytes, offset) === offset) return undefined;
    const what = "something follows after the end of the segment";
    return this.#damage({ what, file: file.path, offset, remedy: "cut" });
  }

  /** All sectors are whole: what they say must make sense too. */
  #batch(file: SegmentFile, offset: number, head: BatchHead): LogEvent {
    const records: WalRecord[] = [];
    const end = offset + head.bytes;
    let isSeal = false;
    for (let at = offset + batchRecordsAt(head); at < end; ) {
      const place = { bytes: file.bytes, at, segment: file.sequence, offset: at, end };
      const read = readRecord({ ...place, batch: head.sequence }, this.chain);
      if (read.kind === "bad") return this.#badRecord(file, { ...read, offset: at });
      const { facts } = read;
      const decoded = decodeRecord(facts, read.payload);
      if (decoded === undefined) {
        const what = `a record of kind ${facts.type} has no meaning here`;
        return this.#badRecord(file, { what, offset: at, index: facts.index });
      }
      at = read.next;
      if (decoded.kind === "batch-end") {
        return this.#ended({
          file,
          offset,
          head,
          records,
          isSeal,
          end: decoded.end,
          isLast: at === end,
        });
      }
      if (decoded.kind === "seal") {
        isSeal = true;
        continue;
      }
      const { record, termBefore } = decoded;
      const problem =
        record.kind === "truncate"
          ? this.positions.applyTruncate({ from: record.from, termBefore })
          : this.positions.apply(record);
      if (problem !== undefined) {
        return this.#badRecord(file, { what: problem, offset: at, index: facts.index });
      }
      records.push(record);
    }
    return this.#badRecord(file, { what: "a batch has no end", offset, index: undefined });
  }

  #ended(batch: {
    readonly file: SegmentFile;
    readonly offset: number;
    readonly head: BatchHead;
    readonly records: readonly WalRecord[];
    readonly isSeal: boolean;
    readonly end: BatchEnd;
    readonly isLast: boolean;
  }): LogEvent {
    const { file, offset, head, records, isSeal, end } = batch;
    const count = records.length + (isSeal ? 1 : 0);
    const agrees =
      batch.isLast &&
      end.records === count &&
      head.records === count &&
      end.durableThrough === head.durableThrough;
    if (!agrees) {
      return this.#badRecord(file, {
        what: "the end of a batch contradicts it",
        offset,
        index: undefined,
      });
    }
    if (end.commitIndex > this.positions.lastIndex) {
      const what = `entry ${end.commitIndex} is known to be committed, but the log ends at ${this.positions.lastIndex}`;
      return this.#badRecord(file, { what, offset, index: end.commitIndex });
    }
    this.positions.noteCommit(end.commitIndex);
    this.nextBatch = head.sequence + 1;
    return { kind: "batch", file, offset, head, records, end, isSeal };
  }

  #badRecord(
    file: SegmentFile,
    found: { readonly what: string; readonly offset: number; readonly index: number | undefined },
  ): LogEvent {
    const { what, offset, index } = found;
    const known = index === undefined || index === 0 ? {} : { index };
    return this.#damage({ what, file: file.path, offset, ...known, remedy: "cut" });
  }

  /** Where the index is not known better, it is the one that would have come next. */
  #damage(damage: Damage): LogEvent {
    const index = this.positions.lastIndex + 1;
    return { kind: "damage", damage: { index, ...damage } };
  }
}

export async function segmentSequences(
  parts: Pick<LogReaderParts, "disk" | "directory">,
): Promise<readonly (readonly [number, string])[]> {
  const names = await parts.disk.list(parts.directory);
  return names
    .flatMap((name) => {
      const sequence = segmentSequence(name);
      return sequence === undefined ? [] : [[sequence, name] as const];
    })
    .toSorted(([left], [right]) => left - right);
}

export async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path);
  try {
    return await file.read({ at: 0, bytes: await file.size() });
  } finally {
    await file.close();
  }
}
