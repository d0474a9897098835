import { describe, expect, test } from "vitest";
import { diskHealth, diskHealthChangesAt } from "./disk-health.ts";

const limits = { stalledAfterMs: 600, deadAfterMs: 10_000 };

describe("disk health", () => {
  test.each([
    { now: 99_999, writingSince: undefined, verdict: "healthy", changesAt: undefined },
    { now: 1_599, writingSince: 1_000, verdict: "healthy", changesAt: 1_600 },
    { now: 1_600, writingSince: 1_000, verdict: "stalled", changesAt: 11_000 },
    { now: 10_999, writingSince: 1_000, verdict: "stalled", changesAt: 11_000 },
    { now: 11_000, writingSince: 1_000, verdict: "dead", changesAt: 11_000 },
  ])("at $now a write under way since $writingSince makes the disk $verdict", (example) => {
    expect(diskHealth(limits, example)).toBe(example.verdict);
    expect(diskHealthChangesAt(limits, example)).toBe(example.changesAt);
  });

  test("at the instant that was foretold the verdict has changed, to the last digit", () => {
    for (let digit = 1; digit < 1_000; digit += 1) {
      const writingSince = 500_000 + digit / 997;
      const stalledAt = diskHealthChangesAt(limits, { now: writingSince, writingSince }) ?? 0;

      expect(diskHealth(limits, { now: stalledAt, writingSince })).toBe("stalled");
    }
  });
});
