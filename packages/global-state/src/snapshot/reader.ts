// reader.ts — bytes back to numbers and text, trusting nothing.
// Accepts only what writer.ts would have written; anything else throws DamagedSnapshotError.
import { nameProblem } from "../names.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";

export class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#at = 0;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new DamagedSnapshotError("the bytes end too early");
    this.#at += 1;
    return value;
  }

  count(): number {
    let value = 0;
    let weight = 1;
    for (let at = 0; at < 8; at++) {
      const part = this.byte();
      value += (part & 0x7f) * weight;
      if (part < 0x80) {
        if (part === 0 && at > 0) throw new DamagedSnapshotError("a number is padded");
        if (!Number.isSafeInteger(value)) throw new DamagedSnapshotError("a number is too large");
        return value;
      }
      weight *= 128;
    }
    throw new DamagedSnapshotError("a number is too long");
  }

  text(): string {
    return decoded(this.bytes(this.count()));
  }

  /** Text that may name something. */
  name(): string {
    const text = this.text();
    if (nameProblem(text) !== undefined) throw new DamagedSnapshotError("a name is no name");
    return text;
  }

  optionalName(): string | null {
    return this.flag() ? this.name() : null;
  }

  optionalCount(): number | null {
    return this.flag() ? this.count() : null;
  }

  flag(): boolean {
    const value = this.byte();
    if (value > 1) throw new DamagedSnapshotError("a flag is 0 or 1");
    return value === 1;
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new DamagedSnapshotError("the bytes end too early");
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new DamagedSnapshotError("a text is not UTF-8");
    throw error;
  }
}
