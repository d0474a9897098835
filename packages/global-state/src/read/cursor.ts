// cursor.ts — where a walk through a table stands, as text that a client carries from page to page.
// A place in the order of rows (row.ts), not in a bucket: buckets may divide and join in between.
// A place alone names no node and no time. What a client gets names the view as well that it stands in.

const placePrefix = "c1";
const viewPrefix = "c2";

/** Rows from here on; `after`: only those that come after this key at this very place. */
export interface Place {
  /** Of the reversed hash, 0 to 2^32 − 1. */
  readonly reversed: number;
  readonly after: string | undefined;
}

/** A place in the view of a list: `of` names the node and its run, `view` counts its views. */
export interface ViewPlace {
  readonly of: string;
  readonly view: number;
  /** The cursor that is the place alone. */
  readonly place: string;
}

export const start: Place = { reversed: 0, after: undefined };

export function writeCursor(place: Place): string {
  const where = `${placePrefix}.${place.reversed.toString(16).padStart(8, "0")}`;
  return place.after === undefined ? where : `${where}.${place.after}`;
}

export function readCursor(cursor: string): Place | undefined {
  const parts = /^c1\.([0-9a-f]{8})(?:\.(.+))?$/s.exec(cursor);
  if (parts === null) return undefined;
  const [, digits, after] = parts;
  return { reversed: Number.parseInt(digits ?? "", 16), after };
}

export function writeViewCursor({ of, view, place }: ViewPlace): string {
  return `${viewPrefix}.${of}.${view}.${place}`;
}

export function readViewCursor(cursor: string): ViewPlace | undefined {
  const parts = /^c2\.([0-9a-z-]{1,64})\.([0-9]{1,15})\.(c1\..+)$/s.exec(cursor);
  if (parts === null) return undefined;
  const [, of = "", view, place = ""] = parts;
  return readCursor(place) === undefined ? undefined : { of, view: Number(view), place };
}

/** Of either form: what a client may say. */
export function isCursor(text: string): boolean {
  return readCursor(text) !== undefined || readViewCursor(text) !== undefined;
}
