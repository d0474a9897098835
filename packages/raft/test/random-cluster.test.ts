// random-cluster.test.ts — whatever happens to messages, writes, processes and connections, in whatever
// order: the promises of RAFT C hold (V1–V8, V10, V11), and once a majority is left in peace it agrees.
// `RAFT_RANDOM_RUNS=2000` looks longer, `RAFT_RANDOM_SEED=…` repeats.
import * as fc from "fast-check";
import { describe, test } from "vitest";
import { type Act, acts } from "./random-acts.ts";
import { checkConvergence, play, type Situation, situations } from "./random-play.ts";

const runs = Number(process.env["RAFT_RANDOM_RUNS"] ?? 100);
const seed = process.env["RAFT_RANDOM_SEED"];

describe("a cluster that anything may happen to", () => {
  for (const situation of situations) {
    test(`keeps its promises, and agrees once it is left in peace: ${situation.name}`, () => {
      fc.assert(
        fc.property(fc.nat(), acts, (dice: number, story: readonly Act[]) => {
          checkRun(situation, { dice, story });
        }),
        {
          numRuns: runs,
          endOnFailure: false,
          ...(seed === undefined ? {} : { seed: Number(seed) }),
        },
      );
    }, 600_000);
  }
});

function checkRun(
  situation: Situation,
  drawn: { readonly dice: number; readonly story: readonly Act[] },
): void {
  const played = play(situation, drawn);
  checkConvergence(played);
}
