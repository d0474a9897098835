// latency.ts — how long calls took, and how long nobody was answered. Milliseconds come out, to a thousandth.
import type { Span } from "../checkers/holdings.ts";
import { isServed } from "../history/history-line.ts";
import { type RunStory, unionOf } from "./run-story.ts";

export interface Latency {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Null: there were none. */
export function latencyOf(calls: readonly Span[]): Latency | null {
  if (calls.length === 0) return null;
  const took = Float64Array.from(calls, ({ from, to }) => to - from).sort();
  return {
    calls: took.length,
    p50Ms: milliseconds(quantile(took, 0.5)),
    p99Ms: milliseconds(quantile(took, 0.99)),
    maxMs: milliseconds(took.at(-1) ?? 0),
  };
}

/** The smallest of them that at least this share does not exceed. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1));
  return sorted[at] ?? 0;
}

/**
 * From the moment that all is healed until the next strike somebody should be answered all the time. This is the
 * longest time in which nobody was; the first answer after a heal counts, and a later stumble too. A window ends with
 * the last call that was begun, so that the silence after the work is none.
 */
export function longestSilenceAfterHeals(story: RunStory): number | null {
  const answers = story.calls.filter(isServed).map(({ to }) => to);
  answers.sort((one, other) => one - other);
  const lastBegin = story.calls.at(-1)?.from ?? story.from;
  const silences = quietAfterHeals(story).map(({ from, to }) =>
    longestGap(answers, { from, to: Math.min(to, lastBegin) }),
  );
  return silences.length === 0 ? null : milliseconds(Math.max(...silences));
}

function quietAfterHeals(story: RunStory): readonly Span[] {
  const broken = unionOf(story.strikes);
  return broken.flatMap(({ to }, at) => {
    const window = { from: to, to: broken[at + 1]?.from ?? story.to };
    return window.to > window.from ? [window] : [];
  });
}

function longestGap(times: readonly number[], window: Span): number {
  let longest = 0;
  let last = window.from;
  for (const time of times) {
    if (time < window.from) continue;
    if (time > window.to) break;
    longest = Math.max(longest, time - last);
    last = time;
  }
  return Math.max(longest, window.to - last, 0);
}

function milliseconds(us: number): number {
  return Math.round(us) / 1000;
}
