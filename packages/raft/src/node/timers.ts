// timers.ts — the driver's only timer. It is armed for the earliest time at which anything is due
// and does nothing itself: after it rang, the sockets are read first and then the loop decides, so
// that a loop that was blocked does not take a silence of its own for a dead leader (J5).
import type { Platform, Timer } from "./platform.ts";

export interface Ring {
  /** For so long this process did nothing, though it was asked to: blocked, or suspended. */
  readonly lateMs: number;
}

export class WakeTimer {
  readonly #platform: Pick<Platform, "monotonicNow" | "setTimer" | "afterTurn">;
  readonly #rang: (ring: Ring) => void;
  #armed: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(parts: {
    readonly platform: Pick<Platform, "monotonicNow" | "setTimer" | "afterTurn">;
    /** Called after the sockets that were readable when the timer rang have been read. */
    readonly rang: (ring: Ring) => void;
  }) {
    this.#platform = parts.platform;
    this.#rang = parts.rang;
  }

  /**
   * Rings at `at` at the latest. A timer that is armed for an earlier time stays: heartbeats move the
   * election timeout all the time, and one early ring is cheaper than a new timer for each.
   */
  arm(at: number): void {
    if (!Number.isFinite(at)) return;
    if (this.#armed !== undefined && this.#armed.at <= at) return;
    this.#armed?.timer.cancel();
    const delayMs = Math.max(0, at - this.#platform.monotonicNow());
    this.#armed = { at, timer: this.#platform.setTimer(delayMs, () => this.#ring(at)) };
  }

  cancel(): void {
    this.#armed?.timer.cancel();
    this.#armed = undefined;
  }

  #ring(dueAt: number): void {
    this.#armed = undefined;
    const lateMs = Math.max(0, this.#platform.monotonicNow() - dueAt);
    this.#platform.afterTurn(() => this.#rang({ lateMs }));
  }
}
