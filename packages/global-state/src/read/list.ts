// list.ts — pages of a table in (reversed hash, key) order, with bounded work for each (SEMANTICS §3).
// Taken from the state, each page is at its own revision; taken from a view (list-view.ts) all are at
// one. A page may be empty and not the last: rows of other partitions lie in the same table, and
// looking at them is work too.
import type { ListedItem, Result } from "../result.ts";
import { type Bucket, sortedRows } from "../table/bucket.ts";
import { hashesEnd, reversed } from "../table/hash.ts";
import type { Layout } from "../table/layout.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";
import { type Place, writeCursor } from "./cursor.ts";
import { wireBytes } from "./wire-bytes.ts";

/**
 * A page has no more bytes of items, but for one item alone: a frame has room for it, whatever they are. It
 * may have fewer items than were asked for, and not be the last.
 */
export const pageBytesMax: number = 1024 * 1024;

export interface Page {
  readonly limit: number;
  readonly from: Place;
}

export type PageResult = Extract<Result, { status: "list" }>;

/** What a list shows of which table. */
export interface Listing<Kind extends Row> {
  readonly table: Table<Kind>;
  readonly scope: number;
  readonly prefix: string;
  readonly itemOf: (row: Kind) => ListedItem;
  /** What a prefix is a prefix of; without, the key. */
  readonly prefixedOf?: (row: Kind) => string;
  /** Without: all are shown. */
  readonly isShown?: (row: Kind) => boolean;
  readonly rowsVisitedMax: number;
}

export interface ShownRow {
  /** Of its hash. */
  readonly reversed: number;
  readonly key: string | number;
  readonly item: ListedItem;
}

/** A bucket as a list shows it. */
export interface ShownBucket {
  /** How many rows there are, shown or not. */
  readonly size: number;
  /** In the order of rows. */
  readonly rows: readonly ShownRow[];
}

/** Where pages come from: the table as it is, or as it was. */
export interface Pages {
  readonly layout: Layout;
  readonly rowsVisitedMax: number;
  bucket(address: number): ShownBucket;
}

export function pagesNow<Kind extends Row>(listing: Listing<Kind>): Pages {
  const { table, rowsVisitedMax } = listing;
  const { layout } = table;
  return { layout, rowsVisitedMax, bucket: (at) => shownOf(listing, table.bucket(at)) };
}

export function listPage(pages: Pages, page: Page): PageResult {
  const items: ListedItem[] = [];
  let place: Place | undefined = page.from;
  let visited = 0;
  let bytesLeft = pageBytesMax;
  while (place !== undefined && items.length < page.limit && visited < pages.rowsVisitedMax) {
    const here: Place = place;
    const { size, rows } = pages.bucket(pages.layout.addressOf(reversed(here.reversed)));
    visited += size + 1;
    const found = rows.filter((row) => isFrom(here, row));
    let taken = 0;
    for (const { item } of found.slice(0, page.limit - items.length)) {
      bytesLeft -= wireBytes(item);
      if (bytesLeft < 0 && items.length > 0) break;
      items.push(item);
      taken += 1;
    }
    const last = found[taken - 1];
    if (taken === found.length) place = nextBucket(pages.layout, here);
    else if (last !== undefined) place = placeAfter(last);
    if (bytesLeft < 0) break;
  }
  return { status: "list", items, next: place === undefined ? null : writeCursor(place) };
}

export function shownOf<Kind extends Row>(
  listing: Listing<Kind>,
  bucket: Bucket<Kind>,
): ShownBucket {
  const { itemOf } = listing;
  const wanted = sortedRows(bucket).filter((row) => isWanted(listing, row));
  const rows = wanted.map((row) => ({
    reversed: reversed(row.hash),
    key: row.key,
    item: itemOf(row),
  }));
  return { size: bucket.rows.length, rows };
}

function isWanted<Kind extends Row>(listing: Listing<Kind>, row: Kind): boolean {
  if (row.scope !== listing.scope || listing.isShown?.(row) === false) return false;
  const prefixed = listing.prefixedOf?.(row) ?? String(row.key);
  return prefixed.startsWith(listing.prefix);
}

function isFrom(place: Place, row: ShownRow): boolean {
  if (row.reversed !== place.reversed) return row.reversed > place.reversed;
  return place.after === undefined || isBehind(row.key, place.after);
}

/** In the order of the rows: numbers by size. */
function isBehind(key: string | number, after: string): boolean {
  return typeof key === "number" ? key > Number(after) : key > after;
}

function placeAfter(row: ShownRow): Place {
  return { reversed: row.reversed, after: String(row.key) };
}

function nextBucket(layout: Layout, here: Place): Place | undefined {
  const next = layout.endOfBucket(here.reversed);
  return next >= hashesEnd ? undefined : { reversed: next, after: undefined };
}
