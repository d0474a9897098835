// sequence-window.ts — the numbers of one session: each is given once, and the floor is the lowest
// that still waits for its answer (SEMANTICS §6). The daemon keeps answers from the floor on, at
// most `size` numbers; a number past that would be refused, so it is not given out.

/** SEMANTICS §6: the state keeps at most so many numbers a session. */
export const windowSizeMax = 4_096;

const [settled, open, kept] = [0, 1, 2];

export class SequenceWindow {
  /** By number, modulo the size. */
  readonly #standings: Uint8Array;
  #kept = 0;
  #floor = 1;
  #next = 1;

  constructor(size: number = windowSizeMax) {
    this.#standings = new Uint8Array(size);
  }

  /** No answer below this number is needed any more. */
  get floor(): number {
    return this.#floor;
  }

  /** A new number, or undefined while the oldest open one holds the window back. */
  take(): number | undefined {
    const size = this.#standings.length;
    if (this.#kept > 0 && this.#next - this.#floor >= size / 2) this.#letAllGo();
    if (this.#next - this.#floor >= size) return undefined;
    const sequence = this.#next;
    this.#next += 1;
    this.#standings[sequence % size] = open;
    return sequence;
  }

  /**
   * Answered, but what comes after it is not known yet. To be called when it is. Other calls need the room more:
   * once half of the numbers wait behind it, it is let go; then the state says what is, not how it came.
   */
  keep(sequence: number): () => void {
    this.#standings[sequence % this.#standings.length] = kept;
    this.#kept += 1;
    return () => {
      const at = sequence % this.#standings.length;
      if (sequence < this.#floor || this.#standings[at] !== kept) return;
      this.#kept -= 1;
      this.settle(sequence);
    };
  }

  #letAllGo(): void {
    for (let sequence = this.#floor; sequence < this.#next; sequence += 1) {
      const at = sequence % this.#standings.length;
      if (this.#standings[at] === kept) this.#standings[at] = settled;
    }
    this.#kept = 0;
    this.#moveFloor();
  }

  /** Answered or given up. The floor moves only when no lower number is open. */
  settle(sequence: number): void {
    this.#standings[sequence % this.#standings.length] = settled;
    this.#moveFloor();
  }

  #moveFloor(): void {
    const size = this.#standings.length;
    while (this.#floor < this.#next && this.#standings[this.#floor % size] === settled) {
      this.#floor += 1;
    }
  }
}
