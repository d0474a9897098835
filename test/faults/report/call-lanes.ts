// call-lanes.ts — a lane of each worker: how many of its calls were answered, bin by bin, as a shade; each call that
// failed or whose outcome is unknown as a mark of its own; when it stood still, and when it was killed.
import { groupedBy } from "../checkers/told-history.ts";
import { type Drawn, marksOf } from "./fault-lanes.ts";
import { boxes, type Fact, type Lane, posts, strokes } from "./lanes.ts";
import { latencyOf } from "./latency.ts";
import type { StoryCall } from "./run-story.ts";
import { type Bins, binSpan, type MsSpan } from "./scale.ts";
import { byName, countsText, shortened, timeText } from "./words.ts";

const lanePx = 16;
const binsWished = 600;
const shades = 5;

interface BinOfCalls extends MsSpan {
  readonly calls: readonly StoryCall[];
}

export function callLanes(drawn: Drawn): readonly Lane[] {
  const { story, time } = drawn;
  const bins = time.bins(binsWished);
  const ofWorkers = groupedBy(story.calls, ({ worker }) => worker);
  const answered = new Map<string, readonly BinOfCalls[]>();
  for (const [worker, calls] of ofWorkers) answered.set(worker, inBins(calls, { bins, drawn }));
  const counts = [...answered.values()].flat().map(({ calls }) => calls.length);
  const most = counts.reduce((one, other) => Math.max(one, other), 1);
  return [...ofWorkers.keys()].sort(byName).map((worker) => {
    const binned = answered.get(worker) ?? [];
    return workerLane({ worker, calls: ofWorkers.get(worker) ?? [], binned, most, drawn });
  });
}

/** Answered calls only, by when they were answered. */
function inBins(
  calls: readonly StoryCall[],
  how: { readonly bins: Bins; readonly drawn: Drawn },
): readonly BinOfCalls[] {
  const { bins, drawn } = how;
  const answered = calls.filter(({ outcome }) => outcome === "answered");
  const byBin = groupedBy(answered, ({ to }) => bins.of(drawn.time.at(to)));
  return [...byBin].map(([bin, calls]) => ({
    ...binSpan(bin, bins),
    calls,
  }));
}

function workerLane(parts: {
  readonly worker: string;
  readonly calls: readonly StoryCall[];
  readonly binned: readonly BinOfCalls[];
  readonly most: number;
  readonly drawn: Drawn;
}): Lane {
  const { worker, calls, binned, most, drawn } = parts;
  const { story, time } = drawn;
  const levels = groupedBy(binned, ({ calls }) => Math.ceil((calls.length / most) * shades));
  const filled = [...levels].map(([level, of]) =>
    boxes(of, { className: `calls calls${level}`, topPx: 2, heightPx: lanePx - 4 }),
  );
  const of = (outcome: StoryCall["outcome"]): readonly MsSpan[] =>
    calls.filter((call) => call.outcome === outcome).map((call) => time.span(call));
  const freezes = story.freezes.filter((freeze) => freeze.worker === worker);
  const still = freezes.map((freeze) => time.span(freeze));
  const kills = story.kills
    .filter(({ whom }) => whom.includes(worker))
    .map(({ at }) => time.at(at));
  const failed = calls.filter(({ outcome }) => outcome !== "answered");
  return {
    name: worker,
    title: `${worker}: ${countsText(outcomesOf(calls))}`,
    heightPx: lanePx,
    isShaded: true,
    marks: marksOf(
      ...filled,
      boxes(still, { className: "still", topPx: 0, heightPx: lanePx }),
      strokes(of("without-effect"), { className: "failed", yPx: 5 }),
      strokes(of("unknown"), { className: "unknown", yPx: 11 }),
      posts(kills, { className: "kill", heightPx: lanePx }),
    ),
    facts: [
      ...failed.map((call): Fact => ({ ...time.span(call), text: callText(call) })),
      ...still.map((span): Fact => ({ ...span, text: `${worker} stands still` })),
      ...kills.map((ms): Fact => ({ fromMs: ms, toMs: ms, text: `${worker} is killed` })),
      ...binned.map(binFact),
    ],
  };
}

function outcomesOf(calls: readonly StoryCall[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome } of calls) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function binFact({ fromMs, toMs, calls }: BinOfCalls): Fact {
  const latency = latencyOf(calls);
  const took =
    latency === null ? "" : `, p50 ${timeText(latency.p50Ms)}, max ${timeText(latency.maxMs)}`;
  return { fromMs, toMs, text: `${calls.length} answered in ${timeText(toMs - fromMs)}${took}` };
}

function callText(call: StoryCall): string {
  const { id, workload, object, outcome, code, from, to, hasEnd } = call;
  const why = code === undefined ? "" : ` (${code})`;
  const took = hasEnd ? `after ${timeText((to - from) / 1000)}` : "nobody told its end";
  const asks = shortened(JSON.stringify(call.asks), 60);
  return `call ${id}, ${workload} ${object} ${asks}: ${outcome}${why}, ${took}`;
}
