// flat-codec.ts — one flat array of plain values for a whole batch, in MessagePack: what both our
// log entries and our peer frames are made of (LIMITS, lesson 5). The reader checks the type of each
// value as it hands it out: nothing unchecked gets past.
// Never with shared structures (`useRecords`): they are stateful, and these bytes lie on disk.
import { Packr } from "msgpackr";

export type FlatValue = string | number | boolean | null | Uint8Array;

const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });

/** `header`, then the values as one MessagePack array, in bytes of their own. */
export function packFlat(flat: {
  readonly header: readonly number[];
  readonly values: readonly FlatValue[];
}): Uint8Array {
  const packed = packr.pack(flat.values);
  const bytes = new Uint8Array(flat.header.length + packed.byteLength);
  bytes.set(flat.header, 0);
  bytes.set(packed, flat.header.length);
  return bytes;
}

/** Bytes that are not what they should be. `message` says at which value and what was expected. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

export class FlatReader {
  readonly #values: readonly unknown[];
  #next = 0;

  /** Throws MalformedError, as all its methods do. */
  constructor(bytes: Uint8Array) {
    this.#values = unpack(bytes);
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#values.length;
  }

  /** A whole number from 0. */
  count(what: string): number {
    const value = this.#take();
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    return this.#refuse(what, "a whole number from 0");
  }

  finite(what: string): number {
    const value = this.#take();
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return this.#refuse(what, "a finite number");
  }

  text(what: string, bounds: { readonly charactersMax: number }): string {
    const value = this.#take();
    if (typeof value === "string" && value.length <= bounds.charactersMax) return value;
    return this.#refuse(what, `a text of at most ${bounds.charactersMax} characters`);
  }

  matching(what: string, form: RegExp): string {
    const value = this.#take();
    if (typeof value === "string" && form.test(value)) return value;
    return this.#refuse(what, `a text like ${form.source}`);
  }

  flag(what: string): boolean {
    const value = this.#take();
    if (typeof value === "boolean") return value;
    return this.#refuse(what, "true or false");
  }

  bytes(what: string): Uint8Array {
    const value = this.#take();
    if (value instanceof Uint8Array) return value;
    return this.#refuse(what, "bytes");
  }

  /** What `read` reads, or undefined where null stands. */
  optional<Value>(read: () => Value): Value | undefined {
    if (this.#values[this.#next] !== null) return read();
    this.#next += 1;
    return undefined;
  }

  /** A count and so many times what `read` reads. */
  list<Value>(what: string, bounds: { readonly countMax: number }, read: () => Value): Value[] {
    const count = this.count(what);
    if (count > bounds.countMax) return this.#refuse(what, `at most ${bounds.countMax}`);
    const list: Value[] = [];
    for (let taken = 0; taken < count; taken += 1) list.push(read());
    return list;
  }

  end(): void {
    if (!this.isAtEnd) throw new MalformedError(`value ${this.#next}: nothing more was expected`);
  }

  #take(): unknown {
    const value = this.#values[this.#next];
    this.#next += 1;
    return value;
  }

  #refuse(what: string, expected: string): never {
    throw new MalformedError(`value ${this.#next - 1}, ${what}: ${expected} was expected`);
  }
}

function unpack(bytes: Uint8Array): readonly unknown[] {
  let values: unknown;
  try {
    values = packr.unpack(bytes);
  } catch (error) {
    throw new MalformedError("these bytes are no MessagePack", { cause: error });
  }
  if (!Array.isArray(values)) throw new MalformedError("a MessagePack array was expected");
  return values;
}
