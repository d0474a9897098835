// entry-codec.ts — what the WAL's records mean: WalRecord ↔ type, index, term and payload.
// Nothing unchecked gets past `decodeRecord`.
import { unreachable } from "../../core/assert.ts";
import type { LogIndex, Term } from "../../core/ids.ts";
import { logIndex, nodeId, term } from "../../core/ids.ts";
import { readCount, readId, writeCount, writeId } from "../binary.ts";
import {
  decodeConfiguration,
  decodeMark,
  encodeConfiguration,
  encodeMark,
} from "../configuration-codec.ts";
import type { WalRecord } from "../storage.ts";
import { type RecordFacts, recordTypes } from "./record.ts";

const noBytes = new Uint8Array(0);

export interface EncodedRecord {
  readonly type: number;
  readonly index: number;
  readonly term: number;
  readonly payload: Uint8Array;
}

/** `termBefore`: of the entry before the place where a truncation cuts. */
export function encodeRecord(record: WalRecord, termBefore: Term): EncodedRecord {
  switch (record.kind) {
    case "entry":
      return encodeEntry(record);
    case "hard-state": {
      const { term, votedFor } = record.hardState;
      const payload = votedFor === undefined ? noBytes : new Uint8Array(16);
      if (votedFor !== undefined) writeId(payload, 0, votedFor);
      return { type: recordTypes.hardState, index: 0, term, payload };
    }
    case "truncate":
      return { type: recordTypes.truncate, index: record.from, term: termBefore, payload: noBytes };
    case "snapshot-mark": {
      const { index, term } = record.mark.snapshot;
      return { type: recordTypes.snapshotMark, index, term, payload: encodeMark(record.mark) };
    }
    default:
      return unreachable(record);
  }
}

function encodeEntry(record: WalRecord & { readonly kind: "entry" }): EncodedRecord {
  const { entry } = record;
  const { index, term } = entry;
  switch (entry.kind) {
    case "command":
      return { type: recordTypes.command, index, term, payload: entry.payload };
    case "noop":
      return { type: recordTypes.noop, index, term, payload: noBytes };
    case "configuration": {
      const payload = encodeConfiguration(entry.configuration);
      return { type: recordTypes.configuration, index, term, payload };
    }
    default:
      return unreachable(entry);
  }
}

/** What ends each batch: how much was there, and what was known when it was written. */
export interface BatchEnd {
  /** The newest batch whose sync had returned. */
  readonly durableThrough: number;
  /** Committed, and synced by this node before this batch. */
  readonly commitIndex: LogIndex;
  /** Records before this one. */
  readonly records: number;
}

export const batchEndBytes = 24;

export function encodeBatchEnd(end: BatchEnd): Uint8Array {
  const payload = new Uint8Array(batchEndBytes);
  const view = new DataView(payload.buffer);
  writeCount(view, 0, end.durableThrough);
  writeCount(view, 8, end.commitIndex);
  view.setUint32(16, end.records, true);
  return payload;
}

export type DecodedRecord =
  | { readonly kind: "change"; readonly record: WalRecord; readonly termBefore: Term }
  | { readonly kind: "batch-end"; readonly end: BatchEnd }
  /** The last record of a segment: the log goes on in the next one. */
  | { readonly kind: "seal" };

/** Undefined: the checksums are right, but this program does not know what it means. */
export function decodeRecord(facts: RecordFacts, payload: Uint8Array): DecodedRecord | undefined {
  switch (facts.type) {
    case recordTypes.noop:
    case recordTypes.command:
    case recordTypes.configuration:
      return decodeEntry(facts, payload);
    case recordTypes.hardState:
      return decodeHardState(facts, payload);
    case recordTypes.truncate:
      return change({ kind: "truncate", from: logIndex(facts.index) }, term(facts.term));
    case recordTypes.snapshotMark: {
      const mark = decodeMark(payload, facts);
      return mark === undefined ? undefined : change({ kind: "snapshot-mark", mark });
    }
    case recordTypes.batchEnd:
      return decodeBatchEnd(payload);
    case recordTypes.seal:
      return { kind: "seal" };
    default:
      return undefined;
  }
}

function change(record: WalRecord, termBefore: Term = term(0)): DecodedRecord {
  return { kind: "change", record, termBefore };
}

function decodeEntry(facts: RecordFacts, payload: Uint8Array): DecodedRecord | undefined {
  const position = { index: logIndex(facts.index), term: term(facts.term) };
  if (facts.type === recordTypes.noop) {
    return change({ kind: "entry", entry: { ...position, kind: "noop" } });
  }
  if (facts.type === recordTypes.command) {
    // A copy, so that the entry does not keep its whole segment in memory.
    return change({
      kind: "entry",
      entry: { ...position, kind: "command", payload: payload.slice() },
    });
  }
  const configuration = decodeConfiguration(payload);
  if (configuration === undefined) return undefined;
  return change({ kind: "entry", entry: { ...position, kind: "configuration", configuration } });
}

function decodeHardState(facts: RecordFacts, payload: Uint8Array): DecodedRecord | undefined {
  if (payload.byteLength !== 0 && payload.byteLength !== 16) return undefined;
  const votedFor = payload.byteLength === 0 ? undefined : nodeId(readId(payload, 0));
  return change({ kind: "hard-state", hardState: { term: term(facts.term), votedFor } });
}

function decodeBatchEnd(payload: Uint8Array): DecodedRecord | undefined {
  if (payload.byteLength !== batchEndBytes) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, batchEndBytes);
  const durableThrough = readCount(view, 0);
  const commitIndex = readCount(view, 8);
  if (durableThrough === undefined || commitIndex === undefined) return undefined;
  const end = {
    durableThrough,
    commitIndex: logIndex(commitIndex),
    records: view.getUint32(16, true),
  };
  return { kind: "batch-end", end };
}
