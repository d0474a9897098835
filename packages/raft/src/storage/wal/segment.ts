// segment.ts — one file of the WAL: its name, and its first sector (RAFT E3; docs/disk-format.md).
// A segment is made ahead of its time, full of zeros and without a header; its header is written
// together with its first batch. Its name is its number alone, because its first index is not known
// when it is made. Only bytes and names here, no decisions.
import type { HardState } from "../../core/effect.ts";
import { incarnation, type LogIndex, logIndex, type NodeId, nodeId, term } from "../../core/ids.ts";
import { isZero, readCount, readId, writeCount, writeId } from "../binary.ts";
import { checksum, placeSeed } from "../checksum.ts";
import type { LogPosition } from "../log-positions.ts";
import type { StorageIdentity } from "../storage.ts";
import { sectorBytes } from "./batch.ts";

export const walFormat = 1;
export const segmentHeaderBytes: number = sectorBytes;
/** "ROGERWAL", as bytes in this order. */
const magic = [0x52, 0x4f, 0x47, 0x45, 0x52, 0x57, 0x41, 0x4c] as const;
const checkedFrom = 16;

export interface SegmentHeader {
  readonly identity: StorageIdentity;
  /** The run that wrote it; never goes down from one segment to the next. */
  readonly incarnation: number;
  readonly sequence: number;
  readonly capacityBytes: number;
  /** The end of the log before this segment: its own first index is the next. */
  readonly before: LogPosition;
  /** Of the last record of the segment before. */
  readonly chain: { readonly a: number; readonly b: number };
  /** The first batch in it has this sequence number. */
  readonly batch: number;
  readonly hardState: HardState;
  readonly commitIndex: LogIndex;
}

export function segmentName(sequence: number): string {
  return `${String(sequence).padStart(10, "0")}.wal`;
}

/** The number of the segment that has this name. */
export function segmentSequence(name: string): number | undefined {
  const match = /^(\d{10})\.wal$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(magic, 0);
  view.setUint32(8, walFormat, true);
  writeId(bytes, 16, header.identity.clusterId);
  writeId(bytes, 32, header.identity.nodeId);
  writeCount(view, 48, header.incarnation);
  view.setUint32(56, header.identity.group, true);
  writeCount(view, 64, header.sequence);
  writeCount(view, 72, header.capacityBytes);
  writeCount(view, 80, header.before.index + 1);
  writeCount(view, 88, header.before.term);
  view.setUint32(96, header.chain.a, true);
  view.setUint32(100, header.chain.b, true);
  writeCount(view, 104, header.batch);
  writeCount(view, 112, header.hardState.term);
  writeVote(bytes, view, header.hardState.votedFor);
  writeCount(view, 144, header.commitIndex);
  view.setUint32(12, headerChecksum(bytes, header.sequence), true);
  return bytes;
}

function writeVote(bytes: Uint8Array, view: DataView, votedFor: NodeId | undefined): void {
  view.setUint32(120, votedFor === undefined ? 0 : 1, true);
  if (votedFor !== undefined) writeId(bytes, 128, votedFor);
}

function headerChecksum(bytes: Uint8Array, sequence: number): number {
  const seed = placeSeed({ segment: sequence, offset: 0 });
  return checksum(
    bytes.subarray(checkedFrom, segmentHeaderBytes),
    checksum(bytes.subarray(0, 12), seed),
  );
}

export type ReadHeader =
  /** All zeros: made ahead, never written. */
  | { readonly kind: "unused" }
  | { readonly kind: "header"; readonly header: SegmentHeader }
  | { readonly kind: "future"; readonly format: number }
  | { readonly kind: "bad" };

/** `sequence` is what the file's name says. */
export function readSegmentHeader(file: {
  readonly bytes: Uint8Array;
  readonly sequence: number;
}): ReadHeader {
  const { bytes, sequence } = file;
  if (bytes.byteLength < segmentHeaderBytes) return { kind: "bad" };
  if (isZero(bytes, 0, segmentHeaderBytes)) return { kind: "unused" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, segmentHeaderBytes);
  if (magic.some((byte, at) => bytes[at] !== byte)) return { kind: "bad" };
  const format = view.getUint32(8, true);
  if (format > walFormat) return { kind: "future", format };
  if (view.getUint32(12, true) !== headerChecksum(bytes, sequence)) return { kind: "bad" };
  const header = readFields(bytes, view);
  if (header === undefined || header.sequence !== sequence) return { kind: "bad" };
  return { kind: "header", header };
}

function readFields(bytes: Uint8Array, view: DataView): SegmentHeader | undefined {
  const counts = [48, 64, 72, 80, 88, 104, 112, 144].map((at) => readCount(view, at));
  if (!counts.every((count) => count !== undefined)) return undefined;
  const [run, sequence, capacityBytes, firstIndex, baseTerm, batch, hardTerm, commitIndex] = counts;
  if (run === undefined || sequence === undefined || capacityBytes === undefined) return undefined;
  if (firstIndex === undefined || baseTerm === undefined || batch === undefined) return undefined;
  if (hardTerm === undefined || commitIndex === undefined || firstIndex < 1) return undefined;
  const votedFor = view.getUint32(120, true) === 1 ? nodeId(readId(bytes, 128)) : undefined;
  return {
    identity: {
      clusterId: readId(bytes, 16),
      nodeId: nodeId(readId(bytes, 32)),
      group: view.getUint32(56, true),
    },
    incarnation: incarnation(run),
    sequence,
    capacityBytes,
    before: { index: logIndex(firstIndex - 1), term: term(baseTerm) },
    chain: { a: view.getUint32(96, true), b: view.getUint32(100, true) },
    batch,
    hardState: { term: term(hardTerm), votedFor },
    commitIndex: logIndex(commitIndex),
  };
}
