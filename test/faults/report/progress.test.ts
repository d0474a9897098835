import { expect, test } from "vitest";
import { barText, lineText, Progress, type RunCounts, type Shown } from "./progress.ts";

const shown: Shown = {
  phase: "faults",
  elapsedMs: 150_000,
  lengthMs: 600_000,
  callsPerSecond: 812.4,
  calls: 90_000,
  strikes: 17,
};

function watched(isTTY: boolean): {
  readonly written: string[];
  readonly progress: Progress;
  counts: RunCounts;
  now: number;
} {
  const written: string[] = [];
  const clock = { now: 1_000, counts: { calls: 0, strikes: 0 } };
  const progress = new Progress({
    terminal: { isTTY, columns: 120, write: (text) => written.push(text) },
    lengthMs: 60_000,
    counts: () => clock.counts,
    now: () => clock.now,
  });
  return Object.assign(clock, { written, progress });
}

test("a line tells phase, time left, calls per second and strikes", () => {
  expect(lineText(shown)).toBe("faults, 7:30 left, 812 calls/s, 17 strikes");
  expect(lineText({ ...shown, strikes: 1, elapsedMs: 599_001 })).toBe(
    "faults, 0:01 left, 812 calls/s, 1 strike",
  );
  expect(lineText({ ...shown, elapsedMs: 700_000 })).toContain("over time");
});

test("a bar is as full as the run is far, and never wider than the terminal", () => {
  expect(barText(shown, 120)).toMatch(/^█{6}░{18} faults, /);
  expect(barText({ ...shown, elapsedMs: 900_000 }, 120)).toMatch(/^█{24} faults/);
  expect(barText(shown, 40)).toHaveLength(39);
});

test("on a terminal the bar is drawn anew in its place, and lines stay above it", () => {
  const run = watched(true);
  using progress = run.progress;
  progress.phase("faults");
  run.now += 2_000;
  run.counts = { calls: 100, strikes: 1 };
  progress.tick();
  progress.says("n1 is killed");

  expect(run.written).toHaveLength(4);
  expect(run.written[1]).toContain("\r\u001b[2K█░░");
  expect(run.written[1]).toContain("░ faults, 0:58 left, 50 calls/s, 1 strike");
  expect(run.written[2]).toBe("\r\u001b[2Kn1 is killed\n");
});

test("without a terminal there is a line each 30 seconds, and at each new phase", () => {
  const run = watched(false);
  using progress = run.progress;
  progress.phase("warm-up");
  for (let second = 0; second < 59; second += 1) {
    run.now += 1_000;
    progress.tick();
  }
  progress.phase("heals");

  expect(run.written.map((line) => line.split(",")[0])).toEqual(["warm-up", "warm-up", "heals"]);
  expect(run.written.every((line) => line.endsWith("\n") && !line.includes("\u001b"))).toBe(true);
});

test("calls per second are those of the last seconds", () => {
  const run = watched(false);
  using progress = run.progress;
  progress.tick();
  run.now += 20_000;
  run.counts = { calls: 100_000, strikes: 0 };
  progress.tick();
  run.now += 4_000;
  run.counts = { calls: 100_400, strikes: 0 };
  progress.phase("heals");

  expect(run.written.at(-1)).toContain("100 calls/s");
});
