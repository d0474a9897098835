// prng.ts — the dice for election timeouts (§3.4): seeded, so that the same inputs give the same run.
// sfc32 (small fast counting, 32 bits). Never for ids or secrets.
import { assert } from "./assert.ts";

export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    assert(Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff, "a seed has 32 bits");
    this.#a = seed | 0;
    this.#b = 0x9e37_79b9 | 0;
    this.#c = 0x85eb_ca6b | 0;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** Uniform over the unsigned 32-bit numbers. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Uniform over [from, to), with fractions: two nodes hardly ever draw the same. */
  between(range: { readonly from: number; readonly to: number }): number {
    assert(range.from < range.to, "a range to draw from is not empty");
    return range.from + (this.next() / 0x1_0000_0000) * (range.to - range.from);
  }
}
