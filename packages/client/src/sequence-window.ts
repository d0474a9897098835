// sequence-window.ts — the numbers of one session: each is given once, and the floor is the lowest
// that still waits for its answer (SEMANTICS §6). The daemon keeps answers from the floor on, at
// most `size` numbers; a number past that would be refused, so it is not given out.

/** SEMANTICS §6: the state keeps at most so many numbers a session. */
export const windowSizeMax = 4_096;

export class SequenceWindow {
  readonly #isOpen: Uint8Array;
  #floor = 1;
  #next = 1;

  constructor(size: number = windowSizeMax) {
    this.#isOpen = new Uint8Array(size);
  }

  /** No answer below this number is needed any more. */
  get floor(): number {
    return this.#floor;
  }

  /** A new number, or undefined while the oldest open one holds the window back. */
  take(): number | undefined {
    if (this.#next - this.#floor >= this.#isOpen.length) return undefined;
    const sequence = this.#next;
    this.#next += 1;
    this.#isOpen[sequence % this.#isOpen.length] = 1;
    return sequence;
  }

  /** Answered or given up. The floor moves only when no lower number is open. */
  settle(sequence: number): void {
    this.#isOpen[sequence % this.#isOpen.length] = 0;
    while (this.#floor < this.#next && this.#isOpen[this.#floor % this.#isOpen.length] === 0) {
      this.#floor += 1;
    }
  }
}
