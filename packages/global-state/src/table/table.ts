// table.ts — rows of one kind of all partitions, by linear hashing.
// The number of buckets is state: it changes here only, in apply, by one bucket at a time, so that
// no single entry pays for growth. Never hands out an order that depends on how rows came.
import { assert } from "../assert.ts";
import type { Writer } from "../snapshot/writer.ts";
import {
  type Bucket,
  emptyBucket,
  type Image,
  imageOf,
  placeOf,
  pushRow,
  removeRowAt,
} from "./bucket.ts";
import { Layout } from "./layout.ts";
import type { Row, RowCodec } from "./row.ts";

/** On average; a full bucket of that size is found in one short scan and encoded in microseconds. */
const rowsPerBucket = 32;
/** Fewer rows than that fraction of `rowsPerBucket`, and a bucket goes. */
const shrinkBelow: number = rowsPerBucket / 4;

/** Whoever wants a bucket as it was: an open epoch, the view of a list. */
export interface TableWitness {
  /** Of a bucket that is about to change, each time: what is needed of it must be taken now. */
  beforeChange(address: number): void;
  /** What a list shows of a row changes, though the row does not. */
  beforeShownChange?(address: number): void;
}

const nobody: readonly TableWitness[] = [];

/** Whoever wants to know which rows change. Told before the change, but for `inserted`. */
export interface TableObserver<Kind extends Row> {
  inserted(row: Kind): void;
  touched(row: Kind): void;
  removed(row: Kind): void;
}

export interface TableSpec<Kind extends Row> {
  /** Part of the snapshot format, with `version`. */
  readonly name: string;
  readonly version: number;
  readonly codec: RowCodec<Kind>;
}

export class Table<Kind extends Row> {
  readonly spec: TableSpec<Kind>;
  readonly #writer: Writer;
  readonly #buckets: Bucket<Kind>[];
  #count = 0;
  #layout: Layout;
  /** Replaced, never changed: one may leave while all are told. */
  #witnesses: readonly TableWitness[] = nobody;
  #observer: TableObserver<Kind> | undefined;

  constructor(spec: TableSpec<Kind>, parts: { readonly writer: Writer; readonly buckets: number }) {
    this.spec = spec;
    this.#writer = parts.writer;
    this.#buckets = Array.from({ length: parts.buckets }, () => emptyBucket<Kind>());
    this.#layout = new Layout(parts.buckets);
  }

  get count(): number {
    return this.#count;
  }

  get bucketCount(): number {
    return this.#buckets.length;
  }

  find(name: Row): Kind | undefined {
    const bucket = this.#bucketAt(this.addressOf(name.hash));
    const at = placeOf(bucket, name);
    return at < 0 ? undefined : bucket.rows[at];
  }

  /** The caller has looked: there is no such row. */
  insert(row: Kind): void {
    pushRow(this.#open(this.addressOf(row.hash)), row);
    this.#observer?.inserted(row);
    this.#count += 1;
    if (this.#count > this.#buckets.length * rowsPerBucket) this.#divideOne();
  }

  remove(row: Kind): void {
    const address = this.addressOf(row.hash);
    const at = placeOf(this.#bucketAt(address), row);
    assert(at >= 0, "a removed row was in its table");
    this.#observer?.removed(row);
    removeRowAt(this.#open(address), at);
    this.#count -= 1;
    if (this.#count < (this.#buckets.length - 1) * shrinkBelow) this.#joinOne();
  }

  /** To be called before a row is changed where it lies. */
  touch(row: Kind): void {
    this.#observer?.touched(row);
    this.#open(this.addressOf(row.hash));
  }

  /**
   * To be called before that changes which a list shows of a row and another row has: how many wait for a key,
   * what a session holds.
   */
  willShowOtherwise(row: Row): void {
    if (this.#witnesses.length === 0) return;
    const address = this.addressOf(row.hash);
    for (const witness of this.#witnesses) witness.beforeShownChange?.(address);
  }

  /** As it is now. */
  get layout(): Layout {
    return this.#layout;
  }

  addressOf(hash: number): number {
    return this.#layout.addressOf(hash);
  }

  bucket(address: number): Bucket<Kind> {
    return this.#bucketAt(address);
  }

  image(address: number): Image {
    return imageOf(this.#bucketAt(address), { codec: this.spec.codec, writer: this.#writer });
  }

  *rows(): Iterable<Kind> {
    for (const bucket of this.#buckets) yield* bucket.rows;
  }

  watch(witness: TableWitness): void {
    this.#witnesses = [...this.#witnesses, witness];
  }

  unwatch(witness: TableWitness): void {
    this.#witnesses = this.#witnesses.filter((other) => other !== witness);
  }

  observe(observer: TableObserver<Kind>): void {
    this.#observer = observer;
  }

  /** For restore: fills a bucket with rows that belong there, together with its image. */
  fill(address: number, content: { readonly rows: readonly Kind[]; readonly image: Image }): void {
    const bucket = this.#bucketAt(address);
    assert(bucket.rows.length === 0, "a bucket is filled once");
    for (const row of content.rows) {
      assert(this.addressOf(row.hash) === address, "a row lies in its bucket");
      pushRow(bucket, row);
    }
    bucket.image = content.image;
    this.#count += content.rows.length;
  }

  #bucketAt(address: number): Bucket<Kind> {
    const bucket = this.#buckets[address];
    assert(bucket !== undefined, "an address is that of a bucket");
    return bucket;
  }

  /** Every change goes through here: witnesses get what they need first, and the image is void. */
  #open(address: number): Bucket<Kind> {
    const bucket = this.#bucketAt(address);
    for (const witness of this.#witnesses) witness.beforeChange(address);
    bucket.image = undefined;
    return bucket;
  }

  #divideOne(): void {
    const from = this.#open(this.#layout.split);
    const to = emptyBucket<Kind>();
    const address = this.#buckets.length;
    this.#buckets.push(to);
    this.#layout = new Layout(this.#buckets.length);
    this.#moveRows(from, { to, where: (row) => this.addressOf(row.hash) === address });
  }

  #joinOne(): void {
    const address = this.#buckets.length - 1;
    const from = this.#open(address);
    this.#layout = new Layout(address);
    const to = this.#open(this.#layout.split);
    this.#moveRows(from, { to, where: () => true });
    this.#buckets.pop();
  }

  #moveRows(
    from: Bucket<Kind>,
    move: { readonly to: Bucket<Kind>; readonly where: (row: Kind) => boolean },
  ): void {
    for (let at = from.rows.length - 1; at >= 0; at--) {
      const row = from.rows[at];
      if (row === undefined || !move.where(row)) continue;
      pushRow(move.to, row);
      removeRowAt(from, at);
    }
  }
}
