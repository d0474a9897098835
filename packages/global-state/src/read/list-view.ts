// list-view.ts — the rest of a list as it was at one revision, while later entries are applied (SEMANTICS §3).
// Copy on write, by what tables tell before they change (table.ts): a bucket that changes before its turn
// hands in what the list shows of it. Nothing is copied when a view is opened, and what no page can ask
// for any more is let go. What is applied meanwhile does not notice.
import type { ListRead } from "../command.ts";
import type { Revision } from "../ids.ts";
import { reversed } from "../table/hash.ts";
import type { Layout } from "../table/layout.ts";
import type { Row } from "../table/row.ts";
import type { TableWitness } from "../table/table.ts";
import { readCursor } from "./cursor.ts";
import {
  type Listing,
  listPage,
  type PageResult,
  type Pages,
  type ShownBucket,
  shownOf,
} from "./list.ts";

/** About what a copied bucket, and a row in it, take beside their text. */
const bucketBytes = 64;
const rowBytes = 64;

/** Of whoever opens a view. */
export interface ViewOwner {
  /** So many more bytes are copied, or fewer. May close the view, in the middle of an entry. */
  held(bytes: number): void;
  closed(view: ListView): void;
}

/** All pages behind the first. */
export interface ListView {
  readonly revision: Revision;
  /** What only the view still needs, because the state has moved on. */
  readonly heldBytes: number;
  /** Whether that is a further page of the same list. */
  isOf(read: ListRead): boolean;
  /**
   * `cursor`: a place alone. Undefined: this part is not kept any more, or it never was in the list. A page may be
   * asked for again until a later one was.
   */
  page(asked: { readonly limit: number; readonly cursor: string }): PageResult | undefined;
  close(): void;
}

export interface TableViewParts<Kind extends Row> {
  readonly revision: Revision;
  readonly asked: ListRead;
  readonly listing: Listing<Kind>;
  /** Of the first page. */
  readonly next: string;
  readonly owner: ViewOwner;
}

interface Copied {
  readonly bucket: ShownBucket;
  readonly bytes: number;
}

export class TableView<Kind extends Row> implements ListView, TableWitness, Pages {
  readonly revision: Revision;
  readonly layout: Layout;
  readonly rowsVisitedMax: number;
  readonly #parts: TableViewParts<Kind>;
  readonly #copied = new Map<number, Copied>();
  /** The last page that was asked for began here, and the next one will begin there; reversed hashes. */
  #from: number;
  #next: number;
  #heldBytes = 0;
  #isClosed = false;

  constructor(parts: TableViewParts<Kind>) {
    const { table, rowsVisitedMax } = parts.listing;
    this.#parts = parts;
    this.revision = parts.revision;
    this.layout = table.layout;
    this.rowsVisitedMax = rowsVisitedMax;
    this.#from = reversedOf(parts.next) ?? 0;
    this.#next = this.#from;
    table.watch(this);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  isOf(read: ListRead): boolean {
    const { asked } = this.#parts;
    if (read.name !== asked.name || read.args.prefix !== asked.args.prefix) return false;
    if (read.name !== "list" || asked.name !== "list") return true;
    return read.partition === asked.partition && read.args.kind === asked.args.kind;
  }

  page(asked: { readonly limit: number; readonly cursor: string }): PageResult | undefined {
    const { limit, cursor } = asked;
    const from = readCursor(cursor);
    const isKept = from !== undefined && from.reversed >= this.#from && from.reversed <= this.#next;
    if (!isKept || this.#isClosed) return undefined;
    this.#letGoBefore(from.reversed);
    const page = listPage(this, { limit, from });
    this.#next = Math.max(this.#next, reversedOf(page.next) ?? 0);
    return page;
  }

  bucket(address: number): ShownBucket {
    const { listing } = this.#parts;
    return this.#copied.get(address)?.bucket ?? shownOf(listing, listing.table.bucket(address));
  }

  beforeChange(address: number): void {
    const isLater = address >= this.layout.buckets;
    if (this.#isClosed || isLater || this.#copied.has(address) || this.#isPast(address)) return;
    const { listing } = this.#parts;
    const bucket = shownOf(listing, listing.table.bucket(address));
    const bytes = bytesOf(bucket);
    this.#copied.set(address, { bucket, bytes });
    this.#holds(bytes);
  }

  beforeShownChange(address: number): void {
    this.beforeChange(address);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.listing.table.unwatch(this);
    this.#copied.clear();
    this.#holds(-this.#heldBytes);
    this.#parts.owner.closed(this);
  }

  /** A bucket is one range of reversed hashes, which begins at its address, reversed. */
  #isPast(address: number): boolean {
    return this.layout.endOfBucket(reversed(address)) <= this.#from;
  }

  /** As many buckets as the page before has looked at. */
  #letGoBefore(from: number): void {
    let bytes = 0;
    let at = this.#from;
    for (let end = this.layout.endOfBucket(at); end <= from; end = this.layout.endOfBucket(at)) {
      const address = this.layout.addressOf(reversed(at));
      bytes += this.#copied.get(address)?.bytes ?? 0;
      this.#copied.delete(address);
      at = end;
    }
    this.#from = from;
    if (bytes > 0) this.#holds(-bytes);
  }

  #holds(bytes: number): void {
    this.#heldBytes += bytes;
    this.#parts.owner.held(bytes);
  }
}

function reversedOf(cursor: string | null): number | undefined {
  return cursor === null ? undefined : readCursor(cursor)?.reversed;
}

function bytesOf({ rows }: ShownBucket): number {
  return rows.reduce((sum, { item }) => sum + rowBytes + JSON.stringify(item).length, bucketBytes);
}
