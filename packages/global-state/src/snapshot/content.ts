// content.ts — the bytes of a snapshot: header, every bucket of every table in order, root.
// One stream of frames (length in four bytes, then that many), cut into chunks of equal size without
// regard to what is in them. Two nodes at the same entry write the same bytes.
import { assert } from "../assert.ts";
import { featureLevelFirst, isKnownFeatureLevel } from "../feature-level.ts";
import { logTimeMs, revision } from "../ids.ts";
import { type Import, readImport, writeImport } from "../import/import.ts";
import { type Positions, type State, type Tables, tablesOf } from "../state.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export const chunkBytesMax: number = 256 * 1024;
/** A bucket of the largest rows is far smaller. */
export const frameBytesMax: number = 256 * 1024 * 1024;
export const lengthBytes = 4;

const magic = "rogerd-state";
const formatVersion = 1;
/** 2^26 buckets are two thousand million rows. */
const bucketsMax = 2 ** 26;

export interface TableSize {
  readonly name: keyof Tables;
  readonly buckets: number;
  readonly rows: number;
}

export interface Header {
  readonly positions: Positions;
  readonly tables: readonly TableSize[];
  readonly import: Import | undefined;
}

export function writeHeader(state: State): Uint8Array {
  const writer = new Writer();
  writer.reset(0);
  writer.text(magic);
  writer.count(formatVersion);
  writer.count(state.featureLevel);
  writer.count(state.revision);
  writer.count(state.term);
  writer.count(state.logTime);
  writer.count(state.counters.session);
  writer.count(state.counters.partition);
  writer.count(state.counters.token);
  if (state.featureLevel > featureLevelFirst) writer.count(state.counters.ticket);
  const order = tablesOf(state.featureLevel);
  writer.count(order.length);
  for (const name of order) {
    const table = state[name];
    writer.text(table.spec.name);
    writer.count(table.spec.version);
    writer.count(table.bucketCount);
    writer.count(table.count);
  }
  // Only where there was one: other clusters write what they always wrote.
  if (state.import !== undefined) writeImport(state.import, writer);
  return writer.take();
}

/** `known`: the tables that this program has, to compare with. */
export function readHeader(bytes: Uint8Array, known: State): Header {
  const reader = new Reader(bytes);
  if (reader.text() !== magic) throw new DamagedSnapshotError("this is no snapshot of the state");
  if (reader.count() !== formatVersion) {
    throw new DamagedSnapshotError("the snapshot has a format that this version does not know");
  }
  const featureLevel = reader.count();
  if (!isKnownFeatureLevel(featureLevel)) {
    throw new DamagedSnapshotError("the snapshot has rules that this version does not know");
  }
  const positions = {
    featureLevel,
    revision: revision(reader.count()),
    term: reader.count(),
    logTime: logTimeMs(reader.count()),
    counters: {
      session: reader.count(),
      partition: reader.count(),
      token: reader.count(),
      ticket: featureLevel > featureLevelFirst ? reader.count() : 0,
    },
  };
  const order = tablesOf(featureLevel);
  if (reader.count() !== order.length) {
    throw new DamagedSnapshotError("the snapshot has other tables than this version");
  }
  const tables = order.map((name) => readTableSize(reader, { name, known }));
  const record = reader.isAtEnd ? undefined : readImport(reader);
  if (!reader.isAtEnd) throw new DamagedSnapshotError("the header is too long");
  return { positions, tables, import: record };
}

function readTableSize(
  reader: Reader,
  expected: { readonly name: keyof Tables; readonly known: State },
): TableSize {
  const { spec } = expected.known[expected.name];
  if (reader.text() !== spec.name || reader.count() !== spec.version) {
    throw new DamagedSnapshotError("the snapshot has other tables than this version");
  }
  const buckets = reader.count();
  const rows = reader.count();
  if (buckets < 1 || buckets > bucketsMax) {
    throw new DamagedSnapshotError("a table has a number of buckets that can't be");
  }
  return { name: expected.name, buckets, rows };
}

/** Frames to chunks of `chunkBytesMax`, the last one shorter. */
export function* cutToChunks(frames: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let chunk = new Uint8Array(chunkBytesMax);
  let length = 0;
  for (const part of withLengths(frames)) {
    let from = 0;
    while (from < part.length) {
      const piece = part.subarray(from, from + chunkBytesMax - length);
      chunk.set(piece, length);
      length += piece.length;
      from += piece.length;
      if (length < chunkBytesMax) continue;
      yield chunk;
      chunk = new Uint8Array(chunkBytesMax);
      length = 0;
    }
  }
  if (length > 0) yield chunk.slice(0, length);
}

function* withLengths(frames: Iterable<Uint8Array>): Iterable<Uint8Array> {
  for (const frame of frames) {
    assert(frame.length <= frameBytesMax, "a frame is not too long to be read again");
    const length = new Uint8Array(lengthBytes);
    new DataView(length.buffer).setUint32(0, frame.length, true);
    yield length;
    yield frame;
  }
}
