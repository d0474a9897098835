import { describe, expect, test } from "vitest";
import { encodeInSlices, nextBudget } from "./epoch-slices.ts";

describe("an epoch is encoded in slices", () => {
  test("a turn of the loop passes between two slices", async () => {
    let slices = 5;
    let turns = 0;
    const platform = {
      monotonicNow: () => 0,
      afterTurn: (callback: () => void) => {
        turns += 1;
        queueMicrotask(callback);
      },
    };

    const outcome = await encodeInSlices(
      { encodeSlice: () => ((slices -= 1) > 0 ? "more" : "done") },
      platform,
    );

    expect([outcome, turns]).toEqual(["done", 4]);
  });

  test("a slice that took long is followed by a smaller one, a quick one by at most twice as much", () => {
    expect(nextBudget({ budget: 1_000, tookMs: 20 })).toBe(100);
    expect(nextBudget({ budget: 1_000, tookMs: 0.1 })).toBe(2_000);
    expect(nextBudget({ budget: 20, tookMs: 1_000 })).toBe(16);
    expect(nextBudget({ budget: 16_000, tookMs: 0 })).toBe(16_384);
  });
});
