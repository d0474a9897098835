import { describe, expect, test } from "vitest";
import { Prng } from "./prng.ts";

const draws = (seed: number): readonly number[] => {
  const prng = new Prng(seed);
  return Array.from({ length: 1000 }, () => prng.between({ from: 300, to: 600 }));
};

describe("the dice", () => {
  test("give the same run for the same seed, and another for another", () => {
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  test("stay in their range and spread over all of it", () => {
    const tenths = new Set(draws(1).map((draw) => Math.floor((draw - 300) / 30)));

    expect([...tenths].sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("of neighbouring seeds differ from the first draw on", () => {
    const first = Array.from({ length: 100 }, (_, seed) => new Prng(seed).next());

    expect(new Set(first).size).toBe(100);
  });

  test("refuse a seed that is not 32 bits", () => {
    expect(() => new Prng(2 ** 32)).toThrow("a seed has 32 bits");
    expect(() => new Prng(-1)).toThrow("a seed has 32 bits");
  });
});
