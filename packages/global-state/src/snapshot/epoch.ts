// epoch.ts — the state as it was at one entry, encoded in slices while later entries are applied
// (DESIGN §5). A bucket that is changed before its turn hands in what it was; one that did not change
// since the last epoch is not encoded again. What comes out is that of `begin`, to the byte, whatever
// happens meanwhile; what is applied meanwhile does not notice.
import { assert } from "../assert.ts";
import type { Revision } from "../ids.ts";
import { type State, type Tables, tablesOf } from "../state.ts";
import { digestBytes, type Image } from "../table/bucket.ts";
import type { TableWitness } from "../table/table.ts";
import { cutToChunks, writeHeader } from "./content.ts";
import { type Digest, DigestTree, toHex } from "./digest-tree.ts";

/** `hash`: only the root is wanted; images are let go as soon as they are digested. */
export type EpochPurpose = "snapshot" | "hash";

/** `given-up`: it held too much, or the state was replaced; it has ended, begin another. */
export type EpochStanding = "encoding" | "done" | "given-up" | "closed";

export interface EpochParts {
  readonly state: State;
  readonly digest: Digest;
  readonly purpose: EpochPurpose;
}

export class StateEpoch {
  readonly revision: Revision;
  readonly term: number;
  readonly #parts: EpochParts;
  readonly #header: Uint8Array;
  readonly #tables: readonly TableEpoch[];
  readonly #roots: Uint8Array[] = [];
  #standing: EpochStanding = "encoding";
  #root = "";
  #rootBytes: Uint8Array = new Uint8Array(0);
  #heldBytes = 0;

  constructor(parts: EpochParts) {
    const { state, purpose } = parts;
    this.#parts = parts;
    this.revision = state.revision;
    this.term = state.term;
    this.#header = writeHeader(state);
    const hold = (bytes: number): void => this.#hold(bytes);
    const order = tablesOf(state.featureLevel);
    this.#tables = order.map((name) => {
      const table = state[name];
      return new TableEpoch({ table, purpose, hold });
    });
    for (const table of this.#tables) table.begin();
  }

  get standing(): EpochStanding {
    return this.#standing;
  }

  /** Bytes that only this epoch still needs, because the state has moved on. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** `budgetEntries`: about so many rows are encoded; always at least one bucket. */
  encodeSlice(budgetEntries: number): "more" | "done" | "given-up" {
    let budget = Math.max(1, budgetEntries);
    while (this.#standing === "encoding" && budget > 0) {
      const table = this.#tables[this.#roots.length];
      if (table === undefined) {
        this.#finish();
      } else {
        budget -= table.encodeNext(this.#parts.digest);
        if (table.isDone) this.#roots.push(table.root(this.#parts.digest));
      }
    }
    if (this.#standing === "given-up") return "given-up";
    assert(this.#standing !== "closed", "a closed epoch is not encoded");
    return this.#standing === "done" ? "done" : "more";
  }

  root(): string {
    assert(this.#standing === "done", "the root is known once all is encoded");
    return this.#root;
  }

  chunks(): Iterable<Uint8Array> {
    assert(this.#standing === "done", "chunks are there once all is encoded");
    assert(this.#parts.purpose === "snapshot", "an epoch for a hash keeps no chunks");
    return cutToChunks(this.#frames());
  }

  close(): void {
    if (this.#standing === "closed" || this.#standing === "given-up") return;
    this.#end("closed");
  }

  /** What is done needs the state no more, and stays good. */
  giveUp(): void {
    if (this.#standing === "encoding") this.#end("given-up");
  }

  *#frames(): Iterable<Uint8Array> {
    yield this.#header;
    for (const table of this.#tables) {
      for (const image of table.images()) yield image.bytes.subarray(digestBytes);
    }
    yield this.#rootBytes;
  }

  #finish(): void {
    const sums = [this.#header, ...this.#roots];
    const bytes = new Uint8Array(sums.reduce((length, sum) => length + sum.length, 0));
    let at = 0;
    for (const sum of sums) {
      bytes.set(sum, at);
      at += sum.length;
    }
    this.#rootBytes = this.#parts.digest(bytes);
    this.#root = toHex(this.#rootBytes);
    this.#standing = "done";
    this.#stopWatching();
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.#parts.state.limits.epochBytesMax) this.giveUp();
  }

  #end(standing: "closed" | "given-up"): void {
    if (this.#standing === "encoding") this.#stopWatching();
    this.#standing = standing;
    for (const table of this.#tables) table.letGo();
  }

  #stopWatching(): void {
    for (const table of this.#tables) table.stop();
  }
}

interface TableEpochParts {
  readonly table: Tables[keyof Tables];
  readonly purpose: EpochPurpose;
  readonly hold: (bytes: number) => void;
}

class TableEpoch implements TableWitness {
  readonly #parts: TableEpochParts;
  readonly #bucketCount: number;
  /** By address; for a hash only until its turn has come. */
  #images: (Image | undefined)[];
  #tree: DigestTree | undefined;
  #next = 0;

  constructor(parts: TableEpochParts) {
    this.#parts = parts;
    this.#bucketCount = parts.table.bucketCount;
    this.#images = Array.from({ length: this.#bucketCount }, (): Image | undefined => undefined);
  }

  get isDone(): boolean {
    return this.#next === this.#bucketCount;
  }

  begin(): void {
    this.#parts.table.watch(this);
  }

  stop(): void {
    this.#parts.table.unwatch(this);
  }

  beforeChange(address: number): void {
    const { table, hold } = this.#parts;
    const ours = this.#images[address];
    if (ours !== undefined) {
      // The bucket had it too until now.
      if (ours === table.bucket(address).image) hold(ours.bytes.length);
      return;
    }
    const isLater = address >= this.#bucketCount;
    if (isLater || address < this.#next) return;
    const image = table.image(address);
    this.#images[address] = image;
    hold(image.bytes.length);
  }

  /** Encodes the next bucket; answers what it cost, in rows. */
  encodeNext(digest: Digest): number {
    this.#tree ??= new DigestTree(digest);
    const address = this.#next;
    const saved = this.#images[address];
    const image = saved ?? this.#parts.table.image(address);
    const cost = image.isHashed ? 1 : image.rows + 1;
    hashImage(image, digest);
    this.#tree.add(image.bytes.subarray(0, digestBytes));
    this.#next += 1;
    const isKept = this.#parts.purpose === "snapshot";
    this.#images[address] = isKept ? image : undefined;
    if (!isKept && saved !== undefined) this.#parts.hold(-saved.bytes.length);
    return cost;
  }

  root(digest: Digest): Uint8Array {
    assert(this.isDone, "a table is summed when all of it is encoded");
    this.#tree ??= new DigestTree(digest);
    return this.#tree.root();
  }

  images(): readonly Image[] {
    const images = this.#images.filter((image) => image !== undefined);
    assert(images.length === this.#bucketCount, "an encoded table has an image of every bucket");
    return images;
  }

  letGo(): void {
    this.#images = [];
  }
}

export function hashImage(image: Image, digest: Digest): void {
  if (image.isHashed) return;
  image.bytes.set(digest(image.bytes.subarray(digestBytes)), 0);
  image.isHashed = true;
}
