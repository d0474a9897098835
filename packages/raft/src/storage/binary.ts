// binary.ts — 64-bit counts in bytes, little-endian. Indexes, terms and sequence numbers are whole
// numbers up to 2^53 - 1 (J2): a larger one on disk is damage and reads as undefined.

const high = 2 ** 32;

/** The lower 32 bits of a count. */
export function lowWord(count: number): number {
  return count >>> 0;
}

/** The upper 21 bits of a count. */
export function highWord(count: number): number {
  return count < high ? 0 : Math.floor(count / high);
}

export function writeCount(view: DataView, at: number, value: number): void {
  view.setUint32(at, lowWord(value), true);
  view.setUint32(at + 4, highWord(value), true);
}

export function readCount(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at + 4, true) * high + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** True when `bytes` from `from` to `to` are all zeros. */
export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    if (bytes[at] !== 0) return false;
  }
  return true;
}

/** 16 bytes of an id that is written as 32 hex digits. */
export function writeId(bytes: Uint8Array, at: number, id: string): void {
  for (let byte = 0; byte < 16; byte += 1) {
    bytes[at + byte] = Number.parseInt(id.slice(byte * 2, byte * 2 + 2), 16);
  }
}

export function readId(bytes: Uint8Array, at: number): string {
  let id = "";
  for (let byte = at; byte < at + 16; byte += 1) {
    id += (bytes[byte] ?? 0).toString(16).padStart(2, "0");
  }
  return id;
}
