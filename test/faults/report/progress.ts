// progress.ts — how far a run is: a bar that is drawn anew each second on a terminal, a plain line each 30 s elsewhere.
// It is told what happens; it measures nothing itself but the time, and knows no findings: only what is over is judged.

import { several } from "./words.ts";

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface RunCounts {
  readonly calls: number;
  readonly strikes: number;
}

export interface Shown extends RunCounts {
  readonly phase: string;
  readonly elapsedMs: number;
  /** Of the whole run. */
  readonly lengthMs: number;
  readonly callsPerSecond: number;
}

const barWide = 24;
const redrawMs = 1_000;
const lineMs = 30_000;
/** Over how long calls per second are counted. */
const windowMs = 5_000;
const clearLine = "\r\u001b[2K";

export class Progress implements Disposable {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #begun: number;
  readonly #lengthMs: number;
  readonly #counts: () => RunCounts;
  readonly #timer: ReturnType<typeof setInterval>;
  #samples: readonly { readonly at: number; readonly calls: number }[] = [];
  #phase = "starts";
  #lastLine: number;

  /** `counts` is asked each second. */
  constructor(parts: {
    readonly terminal: Terminal;
    readonly lengthMs: number;
    readonly counts: () => RunCounts;
    readonly now?: () => number;
  }) {
    this.#terminal = parts.terminal;
    this.#lengthMs = parts.lengthMs;
    this.#counts = parts.counts;
    this.#now = parts.now ?? (() => performance.now());
    this.#begun = this.#now();
    this.#lastLine = this.#begun;
    this.#timer = setInterval(() => this.tick(), redrawMs);
    this.#timer.unref();
  }

  /** A new phase is shown at once. */
  phase(name: string): void {
    this.#phase = name;
    this.#lastLine = Number.NEGATIVE_INFINITY;
    this.tick();
  }

  /** A line that stays, above the bar. */
  says(text: string): void {
    this.#terminal.write(`${this.#isBar ? clearLine : ""}${text}\n`);
    if (this.#isBar) this.tick();
  }

  tick(): void {
    const now = this.#now();
    const shown = this.#shown(now);
    if (this.#isBar) {
      this.#terminal.write(`${clearLine}${barText(shown, this.#terminal.columns ?? 80)}`);
      return;
    }
    if (now - this.#lastLine < lineMs) return;
    this.#lastLine = now;
    this.#terminal.write(`${lineText(shown)}\n`);
  }

  /** The bar is gone; what follows begins on a line of its own. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#isBar) this.#terminal.write(clearLine);
  }

  get #isBar(): boolean {
    return this.#terminal.isTTY === true;
  }

  #shown(now: number): Shown {
    const counts = this.#counts();
    const recent = this.#samples.filter(({ at }) => now - at <= windowMs);
    this.#samples = [...recent, { at: now, calls: counts.calls }];
    const first = this.#samples[0] ?? { at: now, calls: counts.calls };
    const seconds = (now - first.at) / 1000;
    const callsPerSecond = seconds > 0 ? (counts.calls - first.calls) / seconds : 0;
    const elapsedMs = now - this.#begun;
    return { ...counts, phase: this.#phase, elapsedMs, lengthMs: this.#lengthMs, callsPerSecond };
  }
}

/** Never wider than the terminal: a bar that wraps can't be drawn anew. */
export function barText(shown: Shown, columns: number): string {
  const share = Math.min(1, shown.elapsedMs / shown.lengthMs);
  const full = Math.round(share * barWide);
  const bar = "█".repeat(full) + "░".repeat(barWide - full);
  return `${bar} ${lineText(shown)}`.slice(0, Math.max(1, columns - 1));
}

export function lineText(shown: Shown): string {
  const { phase, elapsedMs, lengthMs, callsPerSecond, strikes } = shown;
  const left = elapsedMs >= lengthMs ? "over time" : `${clockText(lengthMs - elapsedMs)} left`;
  return `${phase}, ${left}, ${Math.round(callsPerSecond)} calls/s, ${several(strikes, "strike")}`;
}

function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
