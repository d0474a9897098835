// simulation.test.ts — kept seeds and a few new ones: nothing may break. Every fourth is run twice: the same seed
// must give the same run, event by event. The search itself is `npm run sim`.
import { describe, expect, test } from "vitest";
import { seedText } from "./report.ts";
import { keptSeeds } from "./search.ts";
import { runSimulation } from "./simulation.ts";

/** The same ones each time, so that this test fails only when something was changed. */
const newSeeds = Array.from({ length: 12 }, (_, at) => 0x51_00_00_00 + at);

const seeds = [...keptSeeds(), ...newSeeds];
const every = 4;

/** Of the first run of each. */
const digests = new Map<string, string>();

async function run(seed: string): ReturnType<typeof runSimulation> {
  const result = await runSimulation({ seed: Number.parseInt(seed, 16) });
  if (!digests.has(seed)) digests.set(seed, result.digest);
  return result;
}

describe("a simulated cluster", () => {
  test.each(seeds.map(seedText))("seed %s breaks nothing", async (seed) => {
    const { finding } = await run(seed);

    expect(finding).toBeUndefined();
  });

  test.each(seeds.filter((_, at) => at % every === 0).map(seedText))(
    "seed %s gives the same run again",
    async (seed) => {
      const first = digests.get(seed) ?? (await run(seed)).digest;
      const { digest } = await run(seed);

      expect(digest).toBe(first);
    },
  );
});
