// row.ts — what every table keeps, and how the rows of one kind become bytes and come back.
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";
import { reversed } from "./hash.ts";

/** Three fields name a row; to look one up, it is enough to have these. */
export interface Row {
  /** Of scope and key, see hash.ts. */
  readonly hash: number;
  /** The number of the partition or session that it belongs to; 0 when it belongs to the group. */
  readonly scope: number;
  readonly key: string | number;
}

export interface RowCodec<Kind extends Row> {
  write(row: Kind, writer: Writer): void;
  /** Throws DamagedSnapshotError. */
  read(reader: Reader): Kind;
}

/** Rows of a bucket in the order in which they are written and listed: total, and free of history. */
export function compareRows(left: Row, right: Row): number {
  const byHash = reversed(left.hash) - reversed(right.hash);
  return byHash === 0 ? compareNames(left, right) : byHash;
}

/** By scope, then by key: numbers by size, text by code unit. */
export function compareNames(left: Row, right: Row): number {
  if (left.scope !== right.scope) return left.scope - right.scope;
  return compareKeys(left.key, right.key);
}

function compareKeys(left: string | number, right: string | number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
