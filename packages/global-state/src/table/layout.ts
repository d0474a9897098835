// layout.ts — which bucket a hash lies in, for so many buckets: linear hashing by the low bits. One that was
// taken stays what it is while its table goes on to divide and join buckets.
import { assert } from "../assert.ts";
import { hashesEnd, reversed } from "./hash.ts";

export class Layout {
  readonly buckets: number;
  /** 2^level − 1: there are between 2^level and 2^(level+1) − 1 buckets. */
  readonly #mask: number;
  /** The next bucket to be divided; those before it are already. */
  readonly #split: number;

  constructor(buckets: number) {
    assert(buckets >= 1, "a table has a bucket");
    this.buckets = buckets;
    this.#mask = 2 ** (31 - Math.clz32(buckets)) - 1;
    this.#split = buckets - this.#mask - 1;
  }

  /** The one that is divided when a bucket comes, and gets the rows of the last one when that goes. */
  get split(): number {
    return this.#split;
  }

  /** Which bucket a hash belongs to. */
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
}
