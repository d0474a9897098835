// Random faults against the whole client, in virtual time; what must hold in every run.
import { errorObject } from "@rogerd/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Verdict } from "../test/fake-cluster.ts";
import type { FakeNode } from "../test/fake-node.ts";
import { aConnectedClient, type Watched, watched } from "../test/situation.ts";
import { RogerdError } from "./errors.ts";

type Step =
  | { readonly kind: "write" | "read"; readonly timeoutMs: number }
  | { readonly kind: "kill" | "restart" | "elect"; readonly node: string }
  | { readonly kind: "nobody-leads" | "end-sessions" }
  | { readonly kind: "wait"; readonly ms: number };

const node = fc.constantFrom("n1", "n2", "n3");
/** The longest outlives all faults: such a call must come to an end that is decided. */
const longestMs = 60_000;
const timeoutMs = fc.constantFrom(60, longestMs, longestMs);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("write" as const), timeoutMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("read" as const), timeoutMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const), node }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("restart" as const), node }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("elect" as const), node }) },
  { weight: 1, arbitrary: fc.constant({ kind: "nobody-leads" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "end-sessions" as const }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: 500 }) }),
  },
);

const verdicts: readonly Verdict[] = [
  "answer",
  "answer",
  "answer",
  "execute-silently",
  "execute-late",
  "ignore",
  errorObject("indeterminate", "stepped down"),
  errorObject("overloaded", "full", { retryAfterMs: 5 }),
  errorObject("unavailable", "no majority"),
];

test("whatever breaks, a write is executed at most once, and its answer or error is true", async () => {
  const script = fc.array(step, { minLength: 20, maxLength: 80, size: "max" });
  await fc.assert(
    fc.asyncProperty(script, fc.nat(), async (steps, seed) => {
      const { world, cluster, client } = await aConnectedClient();
      const roll = diceOf(seed);
      world.seeds = Array.from({ length: 200 }, roll);
      let isFaulty = true;
      const judge: FakeNode["judge"] = ({ command }) => {
        if (!isFaulty || (command === "session.open" && roll() % 5 > 0)) return "answer";
        return verdicts[roll() % verdicts.length] ?? "answer";
      };
      for (const each of cluster.nodes.values()) each.judge = judge;
      const writes: Watched<boolean>[] = [];
      const isLong: boolean[] = [];
      const reads: Watched<boolean>[] = [];
      for (const one of steps) {
        if (one.kind === "write") {
          const options = { add: true, timeoutMs: one.timeoutMs };
          isLong.push(one.timeoutMs === longestMs);
          writes.push(watched(client.roger().isExecuting("p", `k${writes.length}`, options)));
        } else if (one.kind === "read") {
          reads.push(watched(client.roger().isExecuting("p", "k0", { timeoutMs: one.timeoutMs })));
        } else if (one.kind === "kill") cluster.node(one.node).kill();
        else if (one.kind === "restart") cluster.node(one.node).restart();
        else if (one.kind === "elect") cluster.elect(one.node);
        else if (one.kind === "nobody-leads") cluster.elect(undefined);
        else if (one.kind === "end-sessions") cluster.endSessions();
        else if ("ms" in one) await world.run(one.ms);
      }
      isFaulty = false;
      // Silence comes from connections that break: an answer that is not coming is one that was lost.
      for (const each of cluster.nodes.values()) {
        each.kill();
        each.restart();
      }
      cluster.elect("n2");
      await world.run(longestMs + 1_000);

      for (const [at, write] of writes.entries()) {
        const times = cluster.executed.filter((done) => done === `roger.isExecuting k${at}`).length;
        const outcome = write.outcome();
        if (outcome === "open") throw new Error(`k${at} was never settled`);
        if ("value" in outcome) {
          expect({ at, times, before: outcome.value }).toEqual({ at, times: 1, before: false });
          continue;
        }
        const { code, outcomeKnown } = factsOf(outcome.error);
        expect({ at, times, code }).toEqual({ at, times: outcomeKnown ? 0 : times, code });
        expect(times).toBeLessThanOrEqual(1);
        if (isLong[at] === true) expect(["indeterminate", "session_expired"]).toContain(code);
      }
      expect(reads.map((read) => read.outcome())).not.toContain("open");
      const last = watched(client.roger().isQueued("p", "afterwards"));
      await world.run(10_000);
      expect(last.outcome()).toEqual({ value: false });
    }),
    { numRuns: 40 },
  );
});

function factsOf(error: unknown): { readonly code: string; readonly outcomeKnown: boolean } {
  if (!(error instanceof RogerdError)) throw error;
  return error;
}

/** The same numbers for the same seed. */
function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 7) * 3;
  };
}
