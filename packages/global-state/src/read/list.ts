// list.ts — pages of a table in (reversed hash, key) order, with bounded work for each (SEMANTICS §3).
// Each page is answered at its own revision. What exists during the whole walk is returned exactly
// once, because its place never changes; what comes or goes meanwhile may be seen or not. A page may
// be empty and not the last: rows of other partitions lie in the same table, and looking at them is
// work too.
import { type Decision, invalidArgument } from "../decision.ts";
import type { ListedItem } from "../result.ts";
import { sortedRows } from "../table/bucket.ts";
import { hashesEnd, reversed } from "../table/hash.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";
import { type Place, readCursor, start, writeCursor } from "./cursor.ts";

export interface Page {
  readonly prefix: string;
  readonly limit: number;
  readonly cursor: string | undefined;
}

interface Walk<Kind extends Row> {
  readonly table: Table<Kind>;
  readonly scope: number;
  readonly itemOf: (row: Kind) => ListedItem;
  /** What a prefix is a prefix of; without, the key. */
  readonly prefixedOf?: (row: Kind) => string;
  /** Without: all are shown. */
  readonly isShown?: (row: Kind) => boolean;
  readonly rowsVisitedMax: number;
}

export function listPage<Kind extends Row>(walk: Walk<Kind>, page: Page): Decision {
  const from = page.cursor === undefined ? start : readCursor(page.cursor);
  if (from === undefined) {
    return invalidArgument({ path: "args.cursor", reason: "not a cursor of a list" });
  }
  const rows: Kind[] = [];
  let place: Place | undefined = from;
  let visited = 0;
  while (place !== undefined && rows.length < page.limit && visited < walk.rowsVisitedMax) {
    const address = walk.table.addressOf(reversed(place.reversed));
    const bucket = walk.table.bucket(address);
    visited += bucket.rows.length + 1;
    const here: Place = place;
    const found = sortedRows(bucket).filter((row) => isWanted(row, { here, walk, page }));
    const taken = found.slice(0, page.limit - rows.length);
    rows.push(...taken);
    const last = taken.at(-1);
    const isCut = taken.length < found.length && last !== undefined;
    place = isCut ? placeAfter(last) : nextBucket(walk.table, here);
  }
  const next = place === undefined ? null : writeCursor(place);
  return { status: "list", items: rows.map(walk.itemOf), next };
}

function isWanted<Kind extends Row>(
  row: Kind,
  asked: { readonly here: Place; readonly walk: Walk<Kind>; readonly page: Page },
): boolean {
  const { page, walk } = asked;
  if (walk.isShown?.(row) === false) return false;
  const prefixed = walk.prefixedOf?.(row) ?? String(row.key);
  if (row.scope !== walk.scope || !prefixed.startsWith(page.prefix)) return false;
  const place = reversed(row.hash);
  if (place !== asked.here.reversed) return place > asked.here.reversed;
  return asked.here.after === undefined || isBehind(row.key, asked.here.after);
}

/** In the order of the rows: numbers by size. */
function isBehind(key: string | number, after: string): boolean {
  return typeof key === "number" ? key > Number(after) : key > after;
}

function placeAfter(row: Row): Place {
  return { reversed: reversed(row.hash), after: String(row.key) };
}

function nextBucket(
  table: { readonly endOfBucket: (at: number) => number },
  here: Place,
): Place | undefined {
  const next = table.endOfBucket(here.reversed);
  return next >= hashesEnd ? undefined : { reversed: next, after: undefined };
}
