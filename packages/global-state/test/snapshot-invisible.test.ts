// I12: a snapshot and its restore at any index can't be seen; nor can an epoch or a read (I8).
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Epoch } from "../src/index.ts";
import { allAnswers } from "./all-answers.ts";
import { crowdedScripts } from "./crowded-script.ts";
import { play, type Step, scripts } from "./script.ts";
import { encodeAll, reads, restored, World } from "./world.ts";

function anyScripts(length: { min: number; max: number }): fc.Arbitrary<readonly Step[]> {
  return fc.oneof(scripts(length), crowdedScripts(length));
}

describe("a snapshot", () => {
  test("taken and restored at any index is invisible in all that is answered and told (property)", () => {
    fc.assert(
      fc.property(anyScripts({ min: 5, max: 60 }), fc.nat(60), (script, at) => {
        const steady = new World();
        const restarted = new World();
        for (const [index, step] of script.entries()) {
          if (index === at % script.length) {
            const { root, chunks } = encodeAll(restarted.state);
            restarted.state = restored(undefined, chunks);
            expect(encodeAll(restarted.state).root).toBe(root);
          }
          expect(play(restarted, step)).toEqual(play(steady, step));
          expect(restarted.state.notices).toEqual(steady.state.notices);
          expect(restarted.state.events).toEqual(steady.state.events);
          if (index % 4 === 0) expect(allAnswers(restarted)).toEqual(allAnswers(steady));
        }
        expect(allAnswers(restarted)).toEqual(allAnswers(steady));
        expect(encodeAll(restarted.state)).toEqual(encodeAll(steady.state));
        expect(restarted.state.nextDeadline()).toBe(steady.state.nextDeadline());
      }),
      { numRuns: 60 },
    );
  });

  test("taken in slices is the state at its begin; the state does not notice (property)", () => {
    fc.assert(
      fc.property(
        scripts({ min: 10, max: 80 }),
        fc.infiniteStream(fc.record({ begin: fc.nat(4), slices: fc.nat(3), budget: fc.nat(40) })),
        (script, choices) => {
          const quiet = new World();
          const observed = new World();
          let open: { epoch: Epoch; root: string; chunks: readonly Uint8Array[] } | undefined;
          for (const step of script) {
            const choice = choices.next().value ?? { begin: 0, slices: 0, budget: 0 };
            if (open === undefined && choice.begin === 0) {
              const expected = encodeAll(quiet.state);
              const epoch = observed.state.beginEpoch();
              if (epoch !== undefined) open = { epoch, ...expected };
            }
            for (let slice = 0; slice < choice.slices && open !== undefined; slice++) {
              if (open.epoch.encodeSlice(choice.budget) !== "done") continue;
              expect(open.epoch.root()).toBe(open.root);
              expect([...open.epoch.chunks()]).toEqual(open.chunks);
              open.epoch.close();
              open = undefined;
            }
            observed.read(reads.list("executionKeys", { limit: 3 }));
            expect(play(observed, step)).toEqual(play(quiet, step));
          }
          open?.epoch.close();
          expect(observed.hash()).toBe(quiet.hash());
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("the same log gives the same state, hash for hash (I8, property)", () => {
  fc.assert(
    fc.property(anyScripts({ min: 5, max: 40 }), (script) => {
      const [one, two] = [new World(), new World()];
      for (const step of script) {
        play(one, step);
        play(two, step);
        expect(two.hash()).toBe(one.hash());
      }
    }),
    { numRuns: 20 },
  );
});

test("different states have different hashes: each command's effect is in it", () => {
  fc.assert(
    fc.property(scripts({ min: 1, max: 20 }), (script) => {
      const world = new World();
      const hashes = script.map((step) => {
        play(world, step);
        return world.hash();
      });
      expect(new Set(hashes).size).toBe(hashes.length);
    }),
    { numRuns: 20 },
  );
});
