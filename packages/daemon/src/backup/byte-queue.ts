// byte-queue.ts — a stream of bytes, taken in the lengths that its reader wants. Holds no more than the
// longest take and one piece of the stream.

const lineEnd = 0x0a;

export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #waiting: Uint8Array = new Uint8Array(0);
  #isOver = false;
  #taken = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** How many bytes were taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** The next bytes, which stay; undefined if there are not so many. */
  async look(length: number): Promise<Uint8Array | undefined> {
    while (this.#waiting.length < length && (await this.#more()));
    return this.#waiting.length < length ? undefined : this.#waiting.subarray(0, length);
  }

  /** Undefined if there are not so many. */
  async take(length: number): Promise<Uint8Array | undefined> {
    const bytes = await this.look(length);
    if (bytes === undefined) return undefined;
    this.#waiting = this.#waiting.subarray(length);
    this.#taken += length;
    return bytes;
  }

  /** Through the next line end; undefined if there is none within the bound. */
  async takeLine(bytesMax: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const at = this.#waiting.indexOf(lineEnd);
      if (at >= 0 && at < bytesMax) return this.take(at + 1);
      if (this.#waiting.length >= bytesMax || !(await this.#more())) return undefined;
    }
  }

  async close(): Promise<void> {
    if (!this.#isOver) await this.#source.return?.();
    this.#isOver = true;
  }

  async #more(): Promise<boolean> {
    if (this.#isOver) return false;
    const next = await this.#source.next();
    if (next.done === true) {
      this.#isOver = true;
      return false;
    }
    const joined = new Uint8Array(this.#waiting.length + next.value.length);
    joined.set(this.#waiting, 0);
    joined.set(next.value, this.#waiting.length);
    this.#waiting = joined;
    return true;
  }
}
