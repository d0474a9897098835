// simulation.test.ts — kept seeds and a few new ones, each twice: nothing may break, and the same seed
// must give the same run, event by event. The search itself is `npm run sim`.
import { describe, expect, test } from "vitest";
import { seedText } from "./report.ts";
import { keptSeeds } from "./search.ts";
import { runSimulation } from "./simulation.ts";

/** The same ones each time, so that this test fails only when something was changed. */
const newSeeds = Array.from({ length: 12 }, (_, at) => 0x51_00_00_00 + at);

describe("a simulated cluster", () => {
  test.each([...keptSeeds(), ...newSeeds].map(seedText))(
    "seed %s breaks nothing, and gives the same run again",
    async (seed) => {
      const first = await runSimulation({ seed: Number.parseInt(seed, 16) });
      const second = await runSimulation({ seed: Number.parseInt(seed, 16) });

      expect(first.finding).toBeUndefined();
      expect(second.digest).toBe(first.digest);
    },
  );
});
