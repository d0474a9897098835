// writer.ts — numbers and text to bytes, one way only: the same value always gives the same bytes.
// Numbers are LEB128 (7 bits a byte, lowest first, no padding), text is its UTF-8 length and UTF-8.
import { assert } from "../assert.ts";

const startBytes = 4 * 1024;

export class Writer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(startBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Starts again; `reserved` bytes in front are left to the caller, as zeros. */
  reset(reserved: number): void {
    this.#room(reserved);
    this.#bytes.fill(0, 0, reserved);
    this.#length = reserved;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 − 1. */
  count(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a written count is a whole number from 0");
    this.#room(8);
    let rest = value;
    while (rest > 0x7f_ffff) {
      this.#bytes[this.#length++] = 0x80 | (rest % 128);
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = 0x80 | (rest & 0x7f);
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  text(value: string): void {
    const units = value.length;
    this.#room(units * 3 + 10);
    const lengthAt = this.#length;
    if (units <= 0x7f && this.#writeAscii(value, lengthAt + 1)) {
      this.#bytes[lengthAt] = units;
      return;
    }
    this.count(utf8Length(value));
    for (let at = 0; at < units; at++) {
      const point = value.codePointAt(at) ?? 0;
      if (point > 0xffff) at += 1;
      this.#writePoint(point);
    }
  }

  /** `null` and text are told apart by one more: 0, or the text after 1. */
  optionalText(value: string | null): void {
    this.byte(value === null ? 0 : 1);
    if (value !== null) this.text(value);
  }

  optionalCount(value: number | null): void {
    this.byte(value === null ? 0 : 1);
    if (value !== null) this.count(value);
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #writeAscii(value: string, start: number): boolean {
    const bytes = this.#bytes;
    let to = start;
    for (let at = 0; at < value.length; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[to++] = unit;
    }
    this.#length = to;
    return true;
  }

  #writePoint(point: number): void {
    const bytes = this.#bytes;
    if (point < 0x80) {
      bytes[this.#length++] = point;
      return;
    }
    if (point < 0x800) {
      bytes[this.#length++] = 0xc0 | (point >>> 6);
    } else {
      if (point < 0x1_0000) {
        assert(point < 0xd800 || point > 0xdfff, "a written text has no lone surrogate");
        bytes[this.#length++] = 0xe0 | (point >>> 12);
      } else {
        bytes[this.#length++] = 0xf0 | (point >>> 18);
        bytes[this.#length++] = 0x80 | ((point >>> 12) & 0x3f);
      }
      bytes[this.#length++] = 0x80 | ((point >>> 6) & 0x3f);
    }
    bytes[this.#length++] = 0x80 | (point & 0x3f);
  }

  #room(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export function utf8Length(value: string): number {
  let bytes = 0;
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdbff) {
      bytes += 4;
      at += 1;
    } else bytes += 3;
  }
  return bytes;
}
