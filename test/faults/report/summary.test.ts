import { describe, expect, test } from "vitest";
import { toldHistory } from "../checkers/told-history.ts";
import type { BeginLine, HistoryLine, NodeEndLine, RunLine } from "../history/history-line.ts";
import { madeUpRun } from "./made-up-run.ts";
import { storyOf, unionOf } from "./run-story.ts";
import { type RunFacts, summaryOf } from "./summary.ts";

const ms = 1_000;
const story = (lines: readonly HistoryLine[]) => storyOf(toldHistory(lines));
const { facts } = madeUpRun({ seed: 1, minutes: 1, workers: 2, calls: 0 });

interface MadeCall {
  readonly from: number;
  readonly took: number | undefined;
  readonly outcome?: "answered" | "without-effect" | "unknown";
}

/** Calls of one worker, in milliseconds. */
function calls(...made: readonly MadeCall[]): HistoryLine[] {
  return made.flatMap(({ from, took, outcome = "answered" }, id) => {
    const worker = "c1.1";
    const begin: BeginLine = {
      kind: "begin",
      at: from * ms,
      worker,
      id,
      workload: "keys",
      object: "k1",
      asks: {},
    };
    if (took === undefined) return [begin];
    return [begin, { kind: "end", at: (from + took) * ms, worker, id, outcome }];
  });
}

function said(kind: RunLine["kind"], at: number, more: Partial<RunLine> = {}): RunLine {
  return { kind, at: at * ms, says: kind, whom: ["n1"], ...more };
}

function ended(at: number, of: NodeEndLine["of"], by = "the run"): NodeEndLine {
  return { kind: "ended", at: at * ms, node: "n1", of, isAsked: by === "the run", words: "" };
}

const strike = (from: number, to: number, name = "partition"): HistoryLine[] => [
  said("strike", from, { name }),
  said("heal", to, { name }),
];

const summarized = (...lines: readonly HistoryLine[]): ReturnType<typeof summaryOf> =>
  summaryOf(story(lines), facts);

describe("the summary of a run", () => {
  test("counts calls by outcome and workload; one that nobody ended is unknown", () => {
    const summary = summarized(
      ...calls(
        { from: 0, took: 1 },
        { from: 5, took: 1, outcome: "without-effect" },
        { from: 9, took: undefined },
      ),
    );

    const counts = { answered: 1, "without-effect": 1, unknown: 1 };
    expect(summary.calls).toEqual({ all: 3, ...counts, byWorkload: { keys: counts } });
  });

  test("counts strikes by nemesis, elections, and kills of nodes and workers", () => {
    const summary = summarized(
      ...strike(10, 20),
      ...strike(30, 40, "kill"),
      ...strike(50, 60, "kill"),
      ended(30, "SIGKILL"),
      ended(50, 74),
      ended(51, 0),
      ended(55, "SIGKILL", "by itself"),
      said("elected", 1, { term: 1 }),
      said("elected", 32, { term: 2 }),
      said("killed", 70, { whom: ["c1.1"] }),
    );

    expect(summary.faults).toEqual({ kill: 2, partition: 1 });
    expect(summary.elections).toBe(2);
    expect(summary.kills).toEqual({ nodes: 2, workers: 1 });
  });

  test("tells latencies of answers apart: in quiet, and of calls that met a fault", () => {
    const { latency } = summarized(
      ...strike(100, 200),
      ...calls(
        { from: 0, took: 2 },
        { from: 10, took: 4 },
        { from: 90, took: 50 },
        { from: 150, took: 9, outcome: "unknown" },
        { from: 199, took: 30 },
        { from: 300, took: 6 },
      ),
    );

    expect(latency.quiet).toEqual({ calls: 3, p50Ms: 4, p99Ms: 6, maxMs: 6 });
    expect(latency.faults).toEqual({ calls: 2, p50Ms: 30, p99Ms: 50, maxMs: 50 });
  });

  test("takes the longest silence while all is healed, the first answer's and a later one's", () => {
    const first = calls({ from: 190, took: 5 }, { from: 240, took: 10 }, { from: 260, took: 1 });
    const later = calls({ from: 201, took: 1 }, { from: 280, took: 2 }, { from: 283, took: 1 });

    expect(summarized(...strike(100, 200), ...first).longestUnavailableMs).toBe(50);
    expect(summarized(...strike(100, 200), ...later).longestUnavailableMs).toBe(80);
  });

  test("a silence ends with the next strike, or with the last call: who asks nothing misses nothing", () => {
    const lines = [...strike(100, 200), ...strike(220, 300), ...strike(230, 310)];
    const asked = calls({ from: 90, took: 1 }, { from: 312, took: 1 }, { from: 314, took: 1 });

    expect(summarized(...lines, ...asked, said("phase", 9000)).longestUnavailableMs).toBe(20);
  });

  test("knows no such silence where nothing was healed", () => {
    expect(summarized(...calls({ from: 0, took: 1 })).longestUnavailableMs).toBeNull();
    const open = [said("strike", 10, { name: "pause" }), ...calls({ from: 20, took: 1 })];
    expect(summarized(...open).longestUnavailableMs).toBeNull();
  });

  test("has passed when no checker found anything; of many findings it keeps some, and the number", () => {
    const finding = { property: "tokens grow", facts: ["2 after 3"], at: 5 };
    const findings = Array.from({ length: 50 }, () => finding);
    const told: RunFacts = { ...facts, verdicts: [{ checker: "tokens", counts: {}, findings }] };
    const summary = summaryOf(story([]), told);

    expect(summary.hasPassed).toBe(false);
    expect(summary.verdicts[0]?.findingsCount).toBe(50);
    expect(summary.verdicts[0]?.findings).toHaveLength(10);
    const silent = { checker: "tokens", counts: { grants: 3 }, findings: [] };
    expect(summaryOf(story([]), { ...facts, verdicts: [silent] }).hasPassed).toBe(true);
  });

  test("has not passed when nothing was judged", () => {
    const idle = { checker: "tokens", counts: { grants: 0 }, findings: [] };

    expect(summaryOf(story([]), { ...facts, verdicts: [idle] }).hasPassed).toBe(false);
    expect(summaryOf(story([]), { ...facts, verdicts: [] }).hasPassed).toBe(false);
  });

  test("of no lines at all is a summary, and survives being JSON", () => {
    const summary = summaryOf(story([]), facts);

    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });
});

describe("the story of a run", () => {
  test("does not depend on the order of lines", () => {
    const { lines } = madeUpRun({ seed: 7, minutes: 1, workers: 3, calls: 300 });

    expect(story(lines.toReversed())).toEqual(story(lines));
  });

  test("ends what was never said to end with the worker's kill, else with the run", () => {
    const held = { kind: "held", worker: "c1.1", owner: "o", revision: 1 } as const;
    const told = story([
      ...calls({ from: 5, took: undefined }),
      { ...held, at: 6 * ms, thing: "key a", token: 1 },
      said("killed", 9, { whom: ["c1.1"] }),
      { ...held, at: 10 * ms, thing: "key b", token: 2 },
      said("phase", 30),
    ]);

    expect(told.calls.map(({ to }) => to)).toEqual([9 * ms]);
    expect(told.holdings.map(({ to, why }) => [to, why])).toEqual([
      [9 * ms, undefined],
      [30 * ms, undefined],
    ]);
  });

  test("heals each strike by its own heal, and leaves open what nobody healed", () => {
    const told = story([
      said("strike", 1, { name: "kill", whom: ["n1"] }),
      said("strike", 2, { name: "kill", whom: ["n2"] }),
      said("heal", 3, { name: "kill", whom: ["n2"] }),
      said("phase", 9),
    ]);

    expect(told.strikes.map(({ to, isHealed }) => [to, isHealed])).toEqual([
      [9 * ms, false],
      [3 * ms, true],
    ]);
  });

  test("unites spans that touch", () => {
    const spans = [
      { from: 5, to: 9 },
      { from: 0, to: 2 },
      { from: 2, to: 3 },
      { from: 6, to: 7 },
    ];
    expect(unionOf(spans)).toEqual([
      { from: 0, to: 3 },
      { from: 5, to: 9 },
    ]);
  });
});
