import { expect, test } from "vitest";
import { backOffMs, defaultBackOff } from "./back-off.ts";

const highest = 2 ** 32 - 1;

test("the longest wait doubles with each failure, from 50 ms to 5 s", () => {
  const longest = [0, 1, 2, 6, 7, 1_000].map((failures) =>
    Math.round(backOffMs({ ...defaultBackOff, failures, seed: highest })),
  );

  expect(longest).toEqual([50, 100, 200, 3_200, 5_000, 5_000]);
});

test("the jitter is full: the dice decide from nothing on", () => {
  expect(backOffMs({ ...defaultBackOff, failures: 3, seed: 0 })).toBe(0);
  expect(backOffMs({ ...defaultBackOff, failures: 3, seed: 2 ** 31 })).toBe(200);
});
