// record.ts — one framed, checksummed, chained record of the WAL (RAFT E3; docs/disk-format.md).
// Header and payload are checked apart, so that damage to a payload still leaves its index known.
// Both checksums start from the place (segment, offset): bytes of another place never check out here.
// Never decides what damage means: recovery.ts does.
import { highWord, lowWord, readCount, writeCount } from "../binary.ts";
import { checksum, placeSeed } from "../checksum.ts";

export const recordHeaderBytes = 40;

export const recordTypes = {
  noop: 1,
  command: 2,
  configuration: 3,
  hardState: 4,
  truncate: 5,
  snapshotMark: 6,
  batchEnd: 7,
  seal: 8,
} as const;

/** The bytes a record takes: header, payload, padding to 8. */
export function recordBytes(payloadBytes: number): number {
  return recordHeaderBytes + Math.ceil(payloadBytes / 8) * 8;
}

/**
 * 64 bits that depend on every record so far: a record that is dropped, repeated or exchanged breaks
 * the chain. Independent of places, so that equal histories have equal chains on all nodes.
 */
export class Chain {
  a: number;
  b: number;

  constructor(start: { readonly a: number; readonly b: number }) {
    this.a = start.a >>> 0;
    this.b = start.b >>> 0;
  }

  add(word: number): void {
    this.a = mixed(this.a, word, 0xcc9e2d51, 0x1b873593);
    this.b = mixed(this.b, word, 0xab0e9789, 0x38b34ae5);
  }

  /** A count may have 53 bits. */
  addCount(count: number): void {
    this.add(lowWord(count));
    this.add(highWord(count));
  }

  copy(): Chain {
    return new Chain(this);
  }

  equals(other: { readonly a: number; readonly b: number }): boolean {
    return this.a === other.a && this.b === other.b;
  }
}

function mixed(hash: number, word: number, first: number, second: number): number {
  const scrambled = Math.imul(rotated(Math.imul(word, first), 15), second);
  return (Math.imul(rotated(hash ^ scrambled, 13), 5) + 0xe6546b64) >>> 0;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

export interface RecordFacts {
  readonly type: number;
  readonly batch: number;
  readonly index: number;
  readonly term: number;
}

function chainRecord(
  chain: Chain,
  facts: RecordFacts,
  payload: { bytes: number; crc: number },
): void {
  chain.add(facts.type);
  chain.add(payload.bytes);
  chain.addCount(facts.index);
  chain.addCount(facts.term);
  chain.add(payload.crc);
}

const scratch = new Uint8Array(recordHeaderBytes);
const scratchView = new DataView(scratch.buffer);
const checkedHeader = scratch.subarray(0, recordHeaderBytes - 4);

/** Where a record goes: `at` in `bytes`, which will be at `offset` of segment `segment`. */
export interface RecordPlace {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly segment: number;
  readonly offset: number;
}

/** Writes header and payload; the padding must be zeros already. Returns where the next one goes. */
export function writeRecord(
  place: RecordPlace,
  facts: RecordFacts,
  payload: Uint8Array,
  chain: Chain,
): number {
  const seed = placeSeed(place);
  const crc = payload.byteLength === 0 ? 0 : checksum(payload);
  chainRecord(chain, facts, { bytes: payload.byteLength, crc });
  scratchView.setUint32(0, payload.byteLength, true);
  scratchView.setUint8(4, facts.type);
  scratchView.setUint8(5, 0);
  scratchView.setUint16(6, facts.batch % 65_536, true);
  writeCount(scratchView, 8, facts.index);
  writeCount(scratchView, 16, facts.term);
  scratchView.setUint32(24, chain.a, true);
  scratchView.setUint32(28, chain.b, true);
  scratchView.setUint32(32, (crc ^ seed) >>> 0, true);
  scratchView.setUint32(36, checksum(checkedHeader, seed), true);
  place.bytes.set(scratch, place.at);
  place.bytes.set(payload, place.at + recordHeaderBytes);
  return place.at + recordBytes(payload.byteLength);
}

export interface ReadRecord {
  readonly kind: "record";
  readonly facts: RecordFacts;
  readonly payload: Uint8Array;
  /** Where the next record begins. */
  readonly next: number;
}

/** What does not check out. `index` is known when the header does. */
export interface BadRecord {
  readonly kind: "bad";
  readonly what: string;
  readonly index: number | undefined;
  /** Where the record ends, if its header could be read. */
  readonly next: number | undefined;
}

/** Reads and checks one record that must end at or before `end`; moves `chain` on. */
export function readRecord(
  place: RecordPlace & { readonly end: number; readonly batch: number },
  chain: Chain,
): ReadRecord | BadRecord {
  const read = readUnchained(place);
  if (read.kind === "bad") return read;
  const { crc, facts, next, payload } = read;
  chainRecord(chain, facts, { bytes: payload.byteLength, crc });
  if (!chain.equals(read.chain)) {
    return { ...bad("a record does not follow from the one before it"), index: facts.index, next };
  }
  return { kind: "record", facts, payload, next };
}

interface Unchained extends ReadRecord {
  readonly crc: number;
  readonly chain: { readonly a: number; readonly b: number };
}

/** Whole in itself and in its place; whether it follows from what came before is not asked. */
export function readUnchained(
  place: RecordPlace & { readonly end: number; readonly batch: number },
): Unchained | BadRecord {
  const header = readHeader(place);
  if (header === undefined) return bad("the checksum of a record's header is wrong");
  const { facts, payloadBytes } = header;
  const index = facts.index;
  const next = place.at + recordBytes(payloadBytes);
  if (next > place.end) return { ...bad("a record is longer than its batch"), index };
  if (facts.batch !== place.batch % 65_536) {
    return { ...bad("a record belongs to another batch"), index, next };
  }
  const from = place.at + recordHeaderBytes;
  const payload = place.bytes.subarray(from, from + payloadBytes);
  const crc = payload.byteLength === 0 ? 0 : checksum(payload);
  if ((crc ^ placeSeed(place)) >>> 0 !== header.payloadCrc) {
    return { ...bad("the checksum of a record's payload is wrong"), index, next };
  }
  return { kind: "record", facts, payload, next, crc, chain: header.chain };
}

function bad(what: string): BadRecord {
  return { kind: "bad", what, index: undefined, next: undefined };
}

function readHeader(place: RecordPlace & { readonly end: number }):
  | {
      readonly facts: RecordFacts;
      readonly payloadBytes: number;
      readonly payloadCrc: number;
      readonly chain: { readonly a: number; readonly b: number };
    }
  | undefined {
  if (place.at + recordHeaderBytes > place.end) return undefined;
  const header = place.bytes.subarray(place.at, place.at + recordHeaderBytes);
  const view = new DataView(header.buffer, header.byteOffset, recordHeaderBytes);
  const crc = checksum(header.subarray(0, recordHeaderBytes - 4), placeSeed(place));
  const index = readCount(view, 8);
  const term = readCount(view, 16);
  if (crc !== view.getUint32(36, true) || index === undefined || term === undefined) {
    return undefined;
  }
  return {
    facts: { type: view.getUint8(4), batch: view.getUint16(6, true), index, term },
    payloadBytes: view.getUint32(0, true),
    payloadCrc: view.getUint32(32, true),
    chain: { a: view.getUint32(24, true), b: view.getUint32(28, true) },
  };
}
