// plots.ts — throughput and latency over time, shaded where something was broken.
import { groupedBy } from "../checkers/told-history.ts";
import type { Drawn } from "./fault-lanes.ts";
import { marksOf } from "./fault-lanes.ts";
import type { Fact, Lane } from "./lanes.ts";
import { type Latency, latencyOf } from "./latency.ts";
import { html, Markup } from "./markup.ts";
import type { Outcome, StoryCall } from "./run-story.ts";
import {
  binSpan,
  type HeightScale,
  linearHeight,
  logarithmicHeight,
  type MsSpan,
} from "./scale.ts";
import { numberText, timeText } from "./words.ts";

const binsWished = 300;

/** From the bottom up. */
const stack: readonly Outcome[] = ["answered", "without-effect", "unknown"];

export function throughputLane({ story, time }: Drawn): Lane {
  const bins = time.bins(binsWished);
  const byBin = groupedBy(story.calls, ({ to }) => bins.of(time.at(to)));
  const perSecond = 1000 / bins.lengthMs;
  const counts = [...byBin].map(([bin, calls]) => ({ bin, ...countOutcomes(calls) }));
  const most = counts.reduce((max, { all }) => Math.max(max, all * perSecond), 1);
  const height = linearHeight({ max: most, heightPx: 84 });
  const columns = stack.map((outcome, at) => {
    const path = counts.map((count) => {
      const below = stack.slice(0, at).reduce((sum, each) => sum + count[each], 0);
      const bottom = height.y(below * perSecond);
      const top = height.y((below + count[outcome]) * perSecond);
      const { fromMs, toMs } = binSpan(count.bin, bins);
      const width = toMs - fromMs;
      return bottom === top ? "" : `M${fromMs} ${bottom}h${width}V${top}h${-width}z`;
    });
    return html`<path class="column ${outcome}" d="${new Markup(path.join(""))}"/>`;
  });
  const facts = counts.map((count): Fact => {
    const parts = stack.map((outcome) => `${numberText(count[outcome])} ${outcome}`);
    return {
      ...binSpan(count.bin, bins),
      text: `${parts.join(", ")} in ${timeText(bins.lengthMs)}`,
    };
  });
  return {
    name: "calls/s",
    heightPx: height.heightPx,
    isShaded: true,
    legend: axisMarkup("calls/s", height, numberText),
    marks: marksOf(gridMarkup(height, time.lengthMs), ...columns),
    facts,
  };
}

function countOutcomes(calls: readonly StoryCall[]): Record<Outcome | "all", number> {
  const counts = { answered: 0, "without-effect": 0, unknown: 0, all: calls.length };
  for (const { outcome } of calls) counts[outcome] += 1;
  return counts;
}

interface LatencyBin extends MsSpan {
  readonly bin: number;
  readonly latency: Latency;
}

export function latencyLane({ story, time }: Drawn): Lane {
  const bins = time.bins(binsWished);
  const answered = story.calls.filter(({ outcome }) => outcome === "answered");
  const byBin = groupedBy(answered, ({ to }) => bins.of(time.at(to)));
  const told = [...byBin].flatMap(([bin, calls]): readonly LatencyBin[] => {
    const latency = latencyOf(calls);
    return latency === null ? [] : [{ bin, ...binSpan(bin, bins), latency }];
  });
  told.sort((one, other) => one.bin - other.bin);
  const most = told.reduce((max, { latency }) => Math.max(max, latency.maxMs), 1);
  const least = told.reduce((min, { latency }) => Math.min(min, latency.p50Ms), most);
  const height = logarithmicHeight({ min: Math.max(0.1, least), max: most, heightPx: 112 });
  const curve = (className: string, valueOf: (latency: Latency) => number): Markup =>
    html`<path class="curve ${className}" d="${stepsPath(told, { height, valueOf })}"/>`;
  return {
    name: "latency",
    heightPx: height.heightPx,
    isShaded: true,
    legend: axisMarkup("latency", height, timeText),
    marks: marksOf(
      gridMarkup(height, time.lengthMs),
      curve("max", ({ maxMs }) => maxMs),
      curve("p99", ({ p99Ms }) => p99Ms),
      curve("p50", ({ p50Ms }) => p50Ms),
    ),
    facts: told.map(({ fromMs, toMs, latency }) => ({ fromMs, toMs, text: latencyText(latency) })),
  };
}

export function latencyText({ calls, p50Ms, p99Ms, maxMs }: Latency): string {
  return `${numberText(calls)} answered: p50 ${timeText(p50Ms)}, p99 ${timeText(p99Ms)}, max ${timeText(maxMs)}`;
}

/** Level within a bin; a bin without answers is a gap. */
function stepsPath(
  told: readonly LatencyBin[],
  how: { readonly height: HeightScale; readonly valueOf: (latency: Latency) => number },
): Markup {
  const path = told.map(({ bin, fromMs, toMs, latency }, at) => {
    const y = how.height.y(how.valueOf(latency));
    const goesOn = told[at - 1]?.bin === bin - 1;
    return goesOn ? `V${y}H${toMs}` : `M${fromMs} ${y}H${toMs}`;
  });
  return new Markup(path.join(""));
}

function gridMarkup(height: HeightScale, lengthMs: number): Markup {
  const path = height.ticks.map(({ y }) => `M0 ${y}h${lengthMs}`).join("");
  return html`<path class="grid" d="${new Markup(path)}"/>`;
}

function axisMarkup(title: string, height: HeightScale, textOf: (value: number) => string): Markup {
  const ticks = height.ticks.map(
    ({ value, y }) => html`<i style="top:${y}px">${textOf(value)}</i>`,
  );
  return html`<span>${title}</span>${ticks}`;
}
