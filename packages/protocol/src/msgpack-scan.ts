// msgpack-scan.ts — may these bytes be given to the decoder at all?
// Walks the MessagePack tokens without making a single value: one whole value, whole lengths,
// bounded depth and structure, text keys, numbers exact in a double; no extensions and no binary, because those
// make objects that no frame contains. A length that promises more than the bytes hold is found
// here, before the decoder would set aside memory for it.
import { type ScanBounds, ScanCount } from "./scan-bounds.ts";

const protoKey: readonly number[] = [...new TextEncoder().encode("__proto__")];

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #count: ScanCount;
  #at = 0;
  problem: string | undefined;

  constructor(bytes: Uint8Array, bounds: ScanBounds) {
    this.#bytes = bytes;
    this.#count = new ScanCount(bounds);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Walks one value; false leaves the reason in `problem`. */
  value(depth: number): boolean {
    const token = this.#bytes[this.#at];
    if (token === undefined) return this.#fail("the bytes end inside a value");
    this.#at += 1;
    if (token < 0x80 || token >= 0xe0) return true;
    if (token < 0x90) return this.#map(token & 0x0f, depth);
    if (token < 0xa0) return this.#list(token & 0x0f, depth);
    if (token < 0xc0) return this.#skip(token & 0x1f);
    return this.#wideValue(token, depth);
  }

  #wideValue(token: number, depth: number): boolean {
    switch (token) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return true;
      case 0xcc: // uint 8
      case 0xd0: // int 8
        return this.#skip(1);
      case 0xcd: // uint 16
      case 0xd1: // int 16
        return this.#skip(2);
      case 0xca: // float 32
      case 0xce: // uint 32
      case 0xd2: // int 32
        return this.#skip(4);
      case 0xcb: // float 64
        return this.#skip(8);
      case 0xcf:
        return this.#has(8) && this.#isExact(this.#view.getBigUint64(this.#at)) && this.#skip(8);
      case 0xd3:
        return this.#has(8) && this.#isExact(this.#view.getBigInt64(this.#at)) && this.#skip(8);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(token);
      case 0xdc:
      case 0xdd:
        return this.#wideList(token, depth);
      case 0xde:
      case 0xdf:
        return this.#wideMap(token, depth);
      default:
        return this.#fail(`type 0x${token.toString(16)} is not used in frames`);
    }
  }

  #text(token: number): boolean {
    const length = this.#length(1 << (token - 0xd9));
    return length !== undefined && this.#skip(length);
  }

  #wideList(token: number, depth: number): boolean {
    const count = this.#length(token === 0xdc ? 2 : 4);
    return count !== undefined && this.#list(count, depth);
  }

  #wideMap(token: number, depth: number): boolean {
    const count = this.#length(token === 0xde ? 2 : 4);
    return count !== undefined && this.#map(count, depth);
  }

  #list(count: number, depth: number): boolean {
    const problem = this.#count.container(depth);
    if (problem !== undefined) return this.#fail(problem);
    if (!this.#has(count)) return false;
    for (let element = 0; element < count; element += 1) {
      if (!this.value(depth + 1)) return false;
    }
    return true;
  }

  #map(count: number, depth: number): boolean {
    const problem = this.#count.container(depth);
    if (problem !== undefined) return this.#fail(problem);
    if (!this.#has(count * 2)) return false;
    const tooMany = this.#count.keys(count);
    if (tooMany !== undefined) return this.#fail(tooMany);
    for (let entry = 0; entry < count; entry += 1) {
      if (!this.#key() || !this.value(depth + 1)) return false;
    }
    return true;
  }

  #key(): boolean {
    const token = this.#bytes[this.#at];
    if (token === undefined) return this.#fail("the bytes end inside a map");
    this.#at += 1;
    if (token >= 0xa0 && token < 0xc0) return this.#keyText(token & 0x1f);
    if (token < 0xd9 || token > 0xdb) return this.#fail("a key of a map is not text");
    const length = this.#length(1 << (token - 0xd9));
    return length !== undefined && this.#keyText(length);
  }

  #keyText(length: number): boolean {
    if (!this.#has(length)) return false;
    const isProto =
      length === protoKey.length &&
      protoKey.every((byte, offset) => this.#bytes[this.#at + offset] === byte);
    if (isProto) return this.#fail("a map has a key __proto__");
    return this.#skip(length);
  }

  #length(width: number): number | undefined {
    if (!this.#has(width)) return undefined;
    const at = this.#at;
    this.#at += width;
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #isExact(value: bigint): boolean {
    if (value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn) return true;
    return this.#fail("a number is beyond 2^53");
  }

  #has(count: number): boolean {
    return this.#at + count <= this.#bytes.length || this.#fail("the bytes end inside a value");
  }

  #skip(count: number): boolean {
    if (!this.#has(count)) return false;
    this.#at += count;
    return true;
  }

  #fail(problem: string): false {
    this.problem ??= problem;
    return false;
  }
}

/** What is wrong with these bytes, or undefined when they are exactly one value of our kind. */
export function msgpackProblem(bytes: Uint8Array, bounds: ScanBounds): string | undefined {
  const scanner = new Scanner(bytes, bounds);
  if (!scanner.value(0)) return scanner.problem;
  return scanner.isAtEnd ? undefined : "bytes follow the frame";
}
