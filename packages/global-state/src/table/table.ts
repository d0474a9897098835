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
import { hashesEnd, reversed } from "./hash.ts";
import type { Row, RowCodec } from "./row.ts";

/** On average; a full bucket of that size is found in one short scan and encoded in microseconds. */
const rowsPerBucket = 32;
/** Fewer rows than that fraction of `rowsPerBucket`, and a bucket goes. */
const shrinkBelow: number = rowsPerBucket / 4;

/** What an open epoch wants of a table: what a bucket was before its first change. */
export interface TableWitness {
  readonly epochNumber: number;
  beforeChange(index: number, image: Image): void;
  /** An image that the epoch holds is no longer the table's too. */
  imageLeft(image: Image): void;
}

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
  /** 2^level − 1: there are between 2^level and 2^(level+1) − 1 buckets. */
  #mask: number;
  /** The next bucket to be divided; those before it are already. */
  #split: number;
  #witness: TableWitness | undefined;
  #observer: TableObserver<Kind> | undefined;

  constructor(spec: TableSpec<Kind>, parts: { readonly writer: Writer; readonly buckets: number }) {
    assert(parts.buckets >= 1, "a table has a bucket");
    this.spec = spec;
    this.#writer = parts.writer;
    this.#buckets = Array.from({ length: parts.buckets }, () => emptyBucket<Kind>(0));
    this.#mask = 2 ** Math.floor(Math.log2(parts.buckets)) - 1;
    this.#split = parts.buckets - this.#mask - 1;
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

  /** Which bucket a hash belongs to (linear hashing by the low bits). */
  addressOf(hash: number): number {
    const address = hash & this.#mask;
    return address < this.#split ? hash & (this.#mask * 2 + 1) : address;
  }

  /** How many low bits of the hash decide for that bucket. */
  bitsOf(address: number): number {
    const isDivided = address < this.#split || address > this.#mask;
    return 32 - Math.clz32(this.#mask) + (isDivided ? 1 : 0);
  }

  /**
   * A bucket of `bits` bits is one range of the reversed hashes: where that which `at` lies in ends, and the
   * next one begins.
   */
  endOfBucket(at: number): number {
    const width = hashesEnd / 2 ** this.bitsOf(this.addressOf(reversed(at)));
    return (Math.floor(at / width) + 1) * width;
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

  watch(witness: TableWitness | undefined): void {
    this.#witness = witness;
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

  /** Every change goes through here: an epoch gets what it needs first, and the image is void. */
  #open(address: number): Bucket<Kind> {
    const bucket = this.#bucketAt(address);
    const witness = this.#witness;
    if (witness !== undefined) {
      if (bucket.seenByEpoch !== witness.epochNumber) {
        bucket.seenByEpoch = witness.epochNumber;
        witness.beforeChange(address, this.image(address));
      } else if (bucket.image !== undefined) {
        witness.imageLeft(bucket.image);
      }
    }
    bucket.image = undefined;
    return bucket;
  }

  #divideOne(): void {
    const from = this.#open(this.#split);
    const to = emptyBucket<Kind>(this.#witness?.epochNumber ?? 0);
    const address = this.#buckets.length;
    this.#buckets.push(to);
    this.#split += 1;
    if (this.#split > this.#mask) {
      this.#mask = this.#mask * 2 + 1;
      this.#split = 0;
    }
    this.#moveRows(from, { to, where: (row) => this.addressOf(row.hash) === address });
  }

  #joinOne(): void {
    const address = this.#buckets.length - 1;
    const from = this.#open(address);
    if (this.#split === 0) {
      this.#mask >>>= 1;
      this.#split = this.#mask + 1;
    }
    this.#split -= 1;
    const to = this.#open(this.#split);
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
