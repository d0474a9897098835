import { expect, test } from "vitest";
import { packed } from "./lanes.ts";
import { linearHeight, logarithmicHeight, roundUp, TimeScale } from "./scale.ts";
import { numberText, placeText, timeText } from "./words.ts";

test("times are milliseconds since the run began, to a tenth", () => {
  const time = new TimeScale({ from: 1_000_000, to: 3_000_000 });

  expect(time.lengthMs).toBe(2_000);
  expect(time.at(1_000_160)).toBe(0.2);
  expect(time.span({ from: 1_000_000, to: 2_000_000 })).toEqual({ fromMs: 0, toMs: 1_000 });
});

test("bins are of a round length and hold every time, the last one too", () => {
  const bins = new TimeScale({ from: 0, to: 600_000_000 }).bins(600);

  expect([bins.count, bins.lengthMs]).toEqual([600, 1_000]);
  expect([0, 999.9, 1_000, 600_000, 700_000].map((ms) => bins.of(ms))).toEqual([0, 0, 1, 599, 599]);
  expect(new TimeScale({ from: 5, to: 5 }).bins(300).count).toBeGreaterThan(0);
});

test("a round number is not below what it rounds", () => {
  const steps = [1, 2, 5, 10];
  expect([0.9, 1, 1.1, 3, 5, 51, 1_001].map((value) => roundUp(value, steps))).toEqual([
    1, 1, 2, 5, 5, 100, 2_000,
  ]);
  expect(roundUp(0, steps)).toBe(1);
});

test("heights grow upwards and stay inside", () => {
  const linear = linearHeight({ max: 180, heightPx: 100 });
  expect([0, 100, 200, 900].map((value) => linear.y(value))).toEqual([100, 53, 6, 6]);

  const logarithmic = logarithmicHeight({ min: 4, max: 900, heightPx: 100 });
  expect(logarithmic.ticks.map(({ value }) => value)).toEqual([1, 10, 100, 1_000]);
  const ys = [0.1, 1, 10, 100, 1_000].map((value) => logarithmic.y(value));
  expect(ys).toEqual([100, 100, 68.7, 37.3, 6]);
});

test("what overlaps is put into other rows, and nothing is left out", () => {
  const span = (fromMs: number, toMs: number): { fromMs: number; toMs: number } => ({
    fromMs,
    toMs,
  });
  const rows = packed([span(5, 9), span(0, 5), span(1, 2), span(2, 6), span(1, 8)]);

  expect(rows).toEqual([[span(0, 5), span(5, 9)], [span(1, 2), span(2, 6)], [span(1, 8)]]);
});

test("times and numbers are written as people read them", () => {
  expect([0.04, 4.26, 250, 2_617, 180_000].map(timeText)).toEqual([
    "0 ms",
    "4.3 ms",
    "250 ms",
    "2.6 s",
    "3 min",
  ]);
  expect([0, 61_500, 600_000].map(placeText)).toEqual(["0:00.00", "1:01.50", "10:00.00"]);
  expect([7, 1_234, 100_000, 1_234_567].map(numberText)).toEqual([
    "7",
    "1\u202f234",
    "100\u202f000",
    "1\u202f234\u202f567",
  ]);
});
