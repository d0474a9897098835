// I10: log time never goes back, whatever a leader stamps; one whose clock lags makes it stand still, and no more.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crowdedScripts } from "./crowded-script.ts";
import { play } from "./script.ts";
import { World } from "./world.ts";

test("an entry of an earlier time is one of the time that it was already (I10, property)", () => {
  const jumps = fc.array(fc.integer({ min: -8_000, max: 8_000 }), { minLength: 41, maxLength: 41 });
  fc.assert(
    fc.property(crowdedScripts({ min: 40, max: 40 }), jumps, (script, all) => {
      const [jumping, steady] = [new World(), new World()];
      jumping.checksInvariants = false;
      steady.checksInvariants = false;
      let highest = 0;
      for (const [at, step] of script.entries()) {
        const jumpMs = Math.max(all[at] ?? 0, -jumping.logTime);
        const before = highest;
        highest = Math.max(highest, jumping.logTime + jumpMs);

        const outcomes = play(jumping, { ...step, waitMs: jumpMs });

        expect(jumping.state.logTime).toBe(highest);
        expect(outcomes).toEqual(play(steady, { ...step, waitMs: highest - before }));
        expect(jumping.state.events).toEqual(steady.state.events);
      }
      expect(jumping.hash()).toBe(steady.hash());
    }),
    { numRuns: 60 },
  );
});
