import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { held, historyOf, left, run } from "./hand-made.ts";
import { freezesOf, holdingsOf, Lives } from "./holdings.ts";

const key = { thing: "key k", token: 1 };
const ms = 1_000;
const end = run("phase", 90, "finishing");
const of = (kind: "killed" | "frozen" | "thawed", at: number, worker = "w1") =>
  run(kind, at, "", [worker]);

function ends(...lines: readonly HistoryLine[]): readonly unknown[] {
  return holdingsOf(historyOf(...lines, end)).map(({ from, to, why }) => [from / ms, to / ms, why]);
}

describe("a holding", () => {
  test("ends as its own worker told of its own grant", () => {
    const others = [left(2, { ...key, token: 2 }), left(3, { ...key, worker: "w2" })];

    expect(ends(held(1, key), ...others, left(5, key))).toEqual([[1, 5, "gives-back"]]);
    expect(ends(held(1, key), ...others)).toEqual([[1, 90, undefined]]);
  });

  test("ends with its worker's kill, whatever a later one of its name tells", () => {
    expect(ends(held(1, key), of("killed", 4), left(5, key))).toEqual([[1, 4, undefined]]);
    expect(ends(held(1, key), left(3, key), of("killed", 4))).toEqual([[1, 3, "gives-back"]]);
    expect(ends(of("killed", 1), held(2, key), of("killed", 4, "w2"))).toEqual([
      [2, 90, undefined],
    ]);
  });
});

describe("a freeze", () => {
  const told = (...lines: readonly HistoryLine[]): readonly unknown[] =>
    freezesOf(historyOf(...lines, end)).map(({ worker, from, to, isThawed }) => {
      return [worker, from / ms, to / ms, isThawed];
    });

  test("lasts until its worker is thawed or killed, or for ever", () => {
    expect(told(of("frozen", 1), of("thawed", 2, "w2"), of("thawed", 5))).toEqual([
      ["w1", 1, 5, true],
    ]);
    expect(told(of("frozen", 1), of("killed", 4), of("thawed", 5))).toEqual([["w1", 1, 4, false]]);
    expect(told(of("frozen", 1))).toEqual([["w1", 1, 90, false]]);
  });

  test("that was told twice ends with one thaw", () => {
    expect(told(of("frozen", 1), of("frozen", 2), of("thawed", 5))).toEqual([
      ["w1", 1, 5, true],
      ["w1", 2, 5, true],
    ]);
  });
});

test("a life ends with the first kill after it, else with the run", () => {
  const lives = new Lives(historyOf(of("killed", 4), of("killed", 8), end));

  expect(lives.endAfter({ at: 5 * ms, worker: "w1" })).toBe(8 * ms);
  expect(lives.endAfter({ at: 9 * ms, worker: "w1" })).toBe(90 * ms);
  expect(lives.endAfter({ at: 1 * ms, worker: "w2" })).toBe(90 * ms);
});
