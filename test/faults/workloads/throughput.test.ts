import { expect, test } from "vitest";
import { Throughput } from "./throughput.ts";

test("counts what was answered in whole seconds", () => {
  const throughput = new Throughput();
  for (const at of [500_000, 1_200_000, 1_999_999, 2_000_000, 3_500_000]) throughput.count(at);

  expect(throughput.total).toBe(5);
  expect(throughput.perSecond({ from: 1_000_000, to: 3_000_000 })).toBe(1.5);
  expect(throughput.perSecond({ from: 900_000, to: 3_100_000 })).toBe(1.5);
  expect(throughput.perSecond({ from: 4_000_000, to: 6_000_000 })).toBe(0);
  expect(throughput.perSecond({ from: 1_100_000, to: 1_900_000 })).toBe(0);
});
