// checksum.ts — the two checksums on disk: CRC-32 against accidents, SHA-256 to name content.
// Pure functions of bytes. CRC-32 is never proof against intent; nothing here authenticates anybody.
import { createHash, hash } from "node:crypto";
import { crc32 } from "node:zlib";

/** CRC-32 (IEEE) of `bytes`, going on from `seed`. */
export function checksum(bytes: Uint8Array, seed: number = 0): number {
  return crc32(bytes, seed);
}

/**
 * A number for a place on disk. Checksums start from it, so that bytes that were written elsewhere,
 * or in an earlier life of the same place, do not check out here (D6).
 */
export function placeSeed(place: { readonly segment: number; readonly offset: number }): number {
  let mixed = Math.imul(place.segment ^ 0x9e3779b9, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed ^ place.offset, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return mixed >>> 0;
}

/** SHA-256 over a run of pieces. */
export class RollingHash {
  readonly #hash = createHash("sha256");

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Of all that was added so far; more may be added afterwards. */
  value(): Uint8Array {
    return this.#hash.copy().digest();
  }
}

/** 64 hex digits of the SHA-256 of `bytes`. */
export function digestHex(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}
