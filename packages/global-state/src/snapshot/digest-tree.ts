// digest-tree.ts — many digests to one, as they come: groups of 256 are digested to the next level,
// and so on until one is left. The work for one more is bounded, so a table can be summed in slices.
import { assert } from "../assert.ts";
import { digestBytes } from "../table/bucket.ts";

export type Digest = (bytes: Uint8Array) => Uint8Array;

const fanOut = 256;
/** Most tables have no more buckets. */
const fewDigests = 8;

interface Level {
  /** Room for some; it doubles until there is room for a group. */
  bytes: Uint8Array;
  count: number;
}

export class DigestTree {
  readonly #digest: Digest;
  readonly #levels: Level[] = [];

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  add(digest: Uint8Array): void {
    this.#addAt(0, digest);
  }

  /** The root over everything added; at least one was. */
  root(): Uint8Array {
    let below: Uint8Array | undefined;
    for (let at = 0; at < this.#levels.length; at++) {
      if (below !== undefined) this.#addAt(at, below);
      const level = this.#level(at);
      const isTop = at === this.#levels.length - 1;
      if (isTop && level.count === 1 && at > 0) return level.bytes.slice(0, digestBytes);
      below = level.count === 0 ? undefined : this.#sum(level);
    }
    assert(below !== undefined, "a root is over at least one digest");
    return below;
  }

  #addAt(at: number, digest: Uint8Array): void {
    assert(digest.length === digestBytes, "a digest has 32 bytes");
    const level = this.#level(at);
    if (level.count * digestBytes === level.bytes.length) level.bytes = doubled(level.bytes);
    level.bytes.set(digest, level.count * digestBytes);
    level.count += 1;
    if (level.count === fanOut) this.#addAt(at + 1, this.#sum(level));
  }

  #sum(level: Level): Uint8Array {
    const sum = this.#digest(level.bytes.subarray(0, level.count * digestBytes));
    level.count = 0;
    return sum;
  }

  #level(at: number): Level {
    const level = this.#levels[at];
    if (level !== undefined) return level;
    const added = { bytes: new Uint8Array(fewDigests * digestBytes), count: 0 };
    this.#levels.push(added);
    return added;
  }
}

function doubled(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
