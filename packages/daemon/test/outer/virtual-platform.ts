// virtual-platform.ts — clock, timers and turns that move only when a test says so.
import { createHash } from "node:crypto";
import type { Timer } from "@rogerd/raft";

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export class VirtualPlatform {
  nowMs = 1_000;
  #order = 0;
  readonly #timers = new Set<Due>();
  #turn: (() => void)[] = [];

  monotonicNow = (): number => this.nowMs;

  setTimer = (delayMs: number, callback: () => void): Timer => {
    this.#order += 1;
    const due = { atMs: this.nowMs + delayMs, order: this.#order, callback };
    this.#timers.add(due);
    return { cancel: () => this.#timers.delete(due) };
  };

  afterTurn = (callback: () => void): void => {
    this.#turn.push(callback);
  };

  isSameSecret = (pair: { readonly given: string; readonly expected: string }): boolean =>
    pair.given === pair.expected;

  digest = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

  get timersArmed(): number {
    return this.#timers.size;
  }

  /** The sockets were read: what waits for the end of the turn happens now. */
  endTurn(): void {
    const turn = this.#turn;
    this.#turn = [];
    for (const callback of turn) callback();
  }

  /** Turns and promises until nothing is left to do at this instant. */
  async settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      this.endTurn();
      for (let microtask = 0; microtask < 10; microtask += 1) await Promise.resolve();
    }
  }

  /** Time passes; timers fire at their time, each followed by its turn. */
  async advance(durationMs: number): Promise<void> {
    const end = this.nowMs + durationMs;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#fire(next);
      await this.settle();
    }
    this.nowMs = end;
    await this.settle();
  }

  /** The machine slept: the clock moves, and only then are the timers due, all at once. */
  async sleep(durationMs: number): Promise<void> {
    this.nowMs += durationMs;
    this.#fireDue();
    await this.settle();
  }

  /** The timers are in time; then the loop stands still before the turn ends. */
  async block(block: { readonly afterMs: number; readonly forMs: number }): Promise<void> {
    this.nowMs += block.afterMs;
    this.#fireDue();
    this.nowMs += block.forMs;
    await this.settle();
  }

  #fireDue(): void {
    for (const due of [...this.#timers].filter((each) => each.atMs <= this.nowMs)) this.#fire(due);
  }

  #fire(due: Due): void {
    if (this.#timers.delete(due)) due.callback();
  }

  #next(endMs: number): Due | undefined {
    return [...this.#timers]
      .filter((due) => due.atMs <= endMs)
      .sort((left, right) => left.atMs - right.atMs || left.order - right.order)[0];
  }
}
