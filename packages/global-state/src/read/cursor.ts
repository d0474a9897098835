// cursor.ts — where a walk through a table stands, as text that a client carries from page to page.
// A place in the order of rows (row.ts), not in a bucket: buckets may divide and join in between.
// It names no node and no time, so any node can go on from it.

const prefix = "c1";

/** Rows from here on; `after`: only those that come after this key at this very place. */
export interface Place {
  /** Of the reversed hash, 0 to 2^32 − 1. */
  readonly reversed: number;
  readonly after: string | undefined;
}

export const start: Place = { reversed: 0, after: undefined };

export function writeCursor(place: Place): string {
  const where = `${prefix}.${place.reversed.toString(16).padStart(8, "0")}`;
  return place.after === undefined ? where : `${where}.${place.after}`;
}

export function readCursor(cursor: string): Place | undefined {
  const parts = /^c1\.([0-9a-f]{8})(?:\.(.+))?$/s.exec(cursor);
  if (parts === null) return undefined;
  const [, digits, after] = parts;
  return { reversed: Number.parseInt(digits ?? "", 16), after };
}
