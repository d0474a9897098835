// flush-turn.ts — when answers leave: once per turn and connection. Outcomes of one turn are settled by
// promises that resolve together; the flush is queued behind them as one more microtask, so it finds
// them all and costs no timer and no further turn of the loop.

export interface Flushable {
  flush(): void;
}

export class FlushTurn {
  #waiting: Flushable[] = [];

  /** Once per turn for each: who is waiting already says so itself. */
  add(flushable: Flushable): void {
    this.#waiting.push(flushable);
    if (this.#waiting.length === 1) queueMicrotask(() => this.#flushAll());
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const flushable of waiting) flushable.flush();
  }
}
