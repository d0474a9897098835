// scale.ts — where a time or a number lies on the page. Across are milliseconds since the run began: the page shows a
// part of them by a view box, so that zooming draws nothing anew. Down are pixels.
import type { Span } from "../checkers/holdings.ts";

/** Of the time line. */
export class TimeScale {
  readonly #from: number;
  readonly lengthMs: number;

  constructor(run: Span) {
    this.#from = run.from;
    this.lengthMs = Math.max(1, (run.to - run.from) / 1000);
  }

  /** To a tenth of a millisecond: what a browser's floats can tell apart. */
  at(us: number): number {
    return Math.round((us - this.#from) / 100) / 10;
  }

  span({ from, to }: Span): MsSpan {
    return { fromMs: this.at(from), toMs: this.at(to) };
  }

  /** Bins of a round length, about as many as asked for. */
  bins(wished: number): Bins {
    const lengthMs = roundUp(this.lengthMs / wished, [1, 2, 5, 10]);
    const count = Math.max(1, Math.ceil(this.lengthMs / lengthMs));
    return {
      count,
      lengthMs,
      of: (ms) => Math.min(count - 1, Math.max(0, Math.floor(ms / lengthMs))),
    };
  }
}

export interface MsSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Bins {
  readonly count: number;
  readonly lengthMs: number;
  /** Which one a time is in. */
  of(ms: number): number;
}

export function binSpan(bin: number, { lengthMs }: Bins): MsSpan {
  return { fromMs: tenth(bin * lengthMs), toMs: tenth((bin + 1) * lengthMs) };
}

/** The smallest of these steps times a power of ten that is not below. */
export function roundUp(value: number, steps: readonly number[]): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** From a value to pixels from the top. */
export interface HeightScale {
  readonly heightPx: number;
  readonly ticks: readonly Tick[];
  y(value: number): number;
}

export interface Tick {
  readonly value: number;
  readonly y: number;
}

const headroomPx = 6;

export function linearHeight(what: {
  readonly max: number;
  readonly heightPx: number;
}): HeightScale {
  const { heightPx } = what;
  const top = roundUp(Math.max(1, what.max), [1, 2, 4, 5, 10]);
  const y = (value: number): number =>
    tenth(heightPx - (Math.min(value, top) / top) * (heightPx - headroomPx));
  const ticks = [0, top / 2, top].map((value) => ({ value, y: y(value) }));
  return { heightPx, ticks, y };
}

/** Powers of ten are equally far apart, from the one below `min`; what is lower yet lies at the bottom. */
export function logarithmicHeight(what: {
  readonly min: number;
  readonly max: number;
  readonly heightPx: number;
}): HeightScale {
  const { heightPx } = what;
  const low = Math.floor(Math.log10(what.min));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(what.max, what.min))));
  const y = (value: number): number => {
    const share = (Math.log10(value) - low) / (high - low);
    return tenth(heightPx - Math.max(0, share) * (heightPx - headroomPx));
  };
  const ticks = Array.from({ length: high - low + 1 }, (_, at) => {
    const value = 10 ** (low + at);
    return { value, y: y(value) };
  });
  return { heightPx, ticks, y };
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
