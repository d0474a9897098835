// batch.ts — what one sync makes durable, as a run of 512-byte sectors (RAFT E3, E4.2).
// Begins on a sector boundary of a zeroed segment. Its head holds its length and a checksum of each
// of its sectors, so that after a crash a reader can tell which sectors came to the disk:
//   sector 0:  magic, checksum of the rest of this sector, sequence, length, number of sectors' …
//   then 4 bytes for each further sector: its checksum. The table may run on into further sectors;
//   the checksum of a sector always lies in an earlier one. Then the records, the last of them the
//   batch end. Only reads and writes bytes in memory; what damage means is decided in tail.ts.

import type { Term } from "../../core/ids.ts";
import { isZero, readCount, writeCount } from "../binary.ts";
import { checksum, placeSeed } from "../checksum.ts";
import type { WalBatch } from "../storage.ts";
import {
  type BatchEnd,
  batchEndBytes,
  type EncodedRecord,
  encodeBatchEnd,
  encodeRecord,
} from "./entry-codec.ts";
import { type Chain, recordBytes, recordTypes, writeRecord } from "./record.ts";

export const sectorBytes = 512;
const batchMagic = 0x31544252; // "RBT1"
const headBytes = 32;

/** Sectors of a batch whose records take `bytes`. */
export function batchSectors(bytes: number): number {
  let sectors = 1;
  while (recordsAt(sectors) + bytes > sectors * sectorBytes) {
    sectors = Math.ceil((recordsAt(sectors) + bytes) / sectorBytes);
  }
  return sectors;
}

function recordsAt(sectors: number): number {
  return Math.ceil((headBytes + 4 * (sectors - 1)) / 8) * 8;
}

/** A batch whose records are ready to be written anywhere. */
export interface PreparedBatch {
  readonly records: readonly EncodedRecord[];
  readonly recordsBytes: number;
  readonly sectors: number;
}

/** `termBefore` answers for the log as it is when the record's turn comes. */
export function prepareBatch(
  batch: WalBatch,
  termBefore: (record: WalBatch["records"][number]) => Term,
): PreparedBatch {
  return prepareRecords(batch.records.map((record) => encodeRecord(record, termBefore(record))));
}

export function prepareRecords(records: readonly EncodedRecord[]): PreparedBatch {
  let bytes = recordBytes(batchEndBytes);
  for (const record of records) bytes += recordBytes(record.payload.byteLength);
  return { records, recordsBytes: bytes, sectors: batchSectors(bytes) };
}

/** The last batch of each segment: it says that the log goes on in the next one. */
export const sealBatch: PreparedBatch = prepareRecords([
  { type: recordTypes.seal, index: 0, term: 0, payload: new Uint8Array(0) },
]);

export interface BatchPlace {
  readonly segment: number;
  readonly offset: number;
  /** Counts all batches of this log, from 1. */
  readonly sequence: number;
}

/** Encodes batches one after the other into one buffer that grows and is used again. */
export class BatchBuffer {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #sectors: Uint8Array[] = [];

  /** The bytes are good until the next call. Moves `chain` on. */
  encode(batch: PreparedBatch, place: BatchPlace, end: BatchEnd, chain: Chain): Uint8Array {
    const length = batch.sectors * sectorBytes;
    this.#clear(length);
    const first = recordsAt(batch.sectors);
    const last = this.#writeRecords(batch, place, first, chain);
    const ended = this.#writeEnd(place, last, end, chain);
    this.#view.setUint32(0, batchMagic, true);
    writeCount(this.#view, 8, place.sequence);
    this.#view.setUint32(16, ended, true);
    this.#view.setUint32(20, batch.records.length, true);
    writeCount(this.#view, 24, end.durableThrough);
    this.#writeChecksums(batch.sectors, place);
    return this.#bytes.subarray(0, length);
  }

  #writeRecords(batch: PreparedBatch, place: BatchPlace, first: number, chain: Chain): number {
    let at = first;
    const { segment, offset, sequence } = place;
    for (const { type, index, term, payload } of batch.records) {
      const facts = { type, batch: sequence, index, term };
      at = writeRecord(
        { bytes: this.#bytes, at, segment, offset: offset + at },
        facts,
        payload,
        chain,
      );
    }
    return at;
  }

  #writeEnd(place: BatchPlace, at: number, end: BatchEnd, chain: Chain): number {
    const { segment, offset, sequence } = place;
    const facts = { type: recordTypes.batchEnd, batch: sequence, index: 0, term: 0 };
    const payload = encodeBatchEnd(end);
    return writeRecord(
      { bytes: this.#bytes, at, segment, offset: offset + at },
      facts,
      payload,
      chain,
    );
  }

  /** From the last sector to the first: a table that runs on is covered by the sectors before it. */
  #writeChecksums(sectors: number, place: BatchPlace): void {
    for (let sector = sectors - 1; sector > 0; sector -= 1) {
      const seed = placeSeed({
        segment: place.segment,
        offset: place.offset + sector * sectorBytes,
      });
      this.#view.setUint32(tableAt(sector), checksum(this.#sector(sector), seed), true);
    }
    this.#view.setUint32(4, checksum(this.#bytes.subarray(8, sectorBytes), placeSeed(place)), true);
  }

  #sector(sector: number): Uint8Array {
    const known = this.#sectors[sector];
    if (known !== undefined) return known;
    const view = this.#bytes.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
    this.#sectors[sector] = view;
    return view;
  }

  #clear(length: number): void {
    if (length > this.#bytes.byteLength) {
      this.#bytes = new Uint8Array(Math.max(length, this.#bytes.byteLength * 2));
      this.#view = new DataView(this.#bytes.buffer);
      this.#sectors = [];
      return;
    }
    this.#bytes.fill(0, 0, length);
  }
}

function tableAt(sector: number): number {
  return headBytes + 4 * (sector - 1);
}

export interface BatchHead {
  readonly sequence: number;
  /** Bytes from the start of the batch to the end of its last record. */
  readonly bytes: number;
  readonly sectors: number;
  readonly records: number;
  readonly durableThrough: number;
}

/** A place in a segment that was read whole. */
export interface SegmentPlace {
  readonly bytes: Uint8Array;
  readonly segment: number;
  readonly offset: number;
}

/** The head of a batch, if this sector is one, whole and in its place. */
export function readBatchHead(place: SegmentPlace): BatchHead | undefined {
  const { bytes, offset } = place;
  if (offset + sectorBytes > bytes.byteLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, sectorBytes);
  if (view.getUint32(0, true) !== batchMagic) return undefined;
  const crc = checksum(bytes.subarray(offset + 8, offset + sectorBytes), placeSeed(place));
  const sequence = readCount(view, 8);
  const durableThrough = readCount(view, 24);
  if (crc !== view.getUint32(4, true)) return undefined;
  if (sequence === undefined || durableThrough === undefined) return undefined;
  const length = view.getUint32(16, true);
  const records = view.getUint32(20, true);
  return {
    sequence,
    bytes: length,
    sectors: Math.ceil(length / sectorBytes),
    records,
    durableThrough,
  };
}

export function batchRecordsAt(head: BatchHead): number {
  return recordsAt(head.sectors);
}

/** Sectors of the batch that are not what its head says; `old`: still all zeros, as before the write. */
export interface DamagedSector {
  readonly sector: number;
  readonly state: "old" | "neither";
}

/** A sector whose checksum lies in a damaged sector can't be judged: it is left out. */
export function damagedSectors(place: SegmentPlace, head: BatchHead): readonly DamagedSector[] {
  const { bytes, segment, offset } = place;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, head.sectors * sectorBytes);
  const damaged: DamagedSector[] = [];
  const unreadable = new Set<number>();
  for (let sector = 1; sector < head.sectors; sector += 1) {
    if (unreadable.has(Math.floor(tableAt(sector) / sectorBytes))) {
      unreadable.add(sector);
      continue;
    }
    const from = offset + sector * sectorBytes;
    const content = bytes.subarray(from, from + sectorBytes);
    const expected = view.getUint32(tableAt(sector), true);
    if (checksum(content, placeSeed({ segment, offset: from })) === expected) continue;
    unreadable.add(sector);
    damaged.push({ sector, state: isZero(content, 0, sectorBytes) ? "old" : "neither" });
  }
  return damaged;
}

/** The first head of a batch at or after a place: a batch is begun only when the one before is synced. */
export function laterBatch(place: SegmentPlace): BatchHead | undefined {
  const end = place.bytes.byteLength;
  for (let offset = place.offset; offset + sectorBytes <= end; offset += sectorBytes) {
    const head = readBatchHead({ ...place, offset });
    if (head !== undefined) return head;
  }
  return undefined;
}

/** How many heads of batches there are from a place on. */
export function countBatchesFrom(place: SegmentPlace): number {
  let count = 0;
  const end = place.bytes.byteLength;
  for (let offset = place.offset; offset + sectorBytes <= end; offset += sectorBytes) {
    if (readBatchHead({ ...place, offset }) !== undefined) count += 1;
  }
  return count;
}
