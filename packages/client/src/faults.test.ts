// Random faults against the whole client, in virtual time; what must hold in every run.
import { errorObject } from "@rogerd/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Verdict } from "../test/fake-cluster.ts";
import { aConnectedClient, type Watched, watched } from "../test/situation.ts";

type Step =
  | { readonly kind: "write" | "read"; readonly timeoutMs: number }
  | { readonly kind: "kill" | "restart" | "elect"; readonly node: string }
  | { readonly kind: "nobody-leads" | "end-sessions" }
  | { readonly kind: "wait"; readonly ms: number };

const node = fc.constantFrom("n1", "n2", "n3");
const timeoutMs = fc.constantFrom(60, 500, 20_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), timeoutMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("read" as const), timeoutMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const), node }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("restart" as const), node }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("elect" as const), node }) },
  { weight: 1, arbitrary: fc.constant({ kind: "nobody-leads" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "end-sessions" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: 800 }) }),
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
  const dice = fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), dice, async (steps, rolls) => {
      const { world, cluster, client } = await aConnectedClient();
      world.seeds = rolls;
      let rolled = 0;
      let isFaulty = true;
      const roll = (): number => rolls[(rolled += 1) % rolls.length] ?? 0;
      for (const each of cluster.nodes.values()) {
        each.judge = () => (isFaulty ? verdicts[roll() % verdicts.length] : undefined) ?? "answer";
      }
      const writes: Watched<boolean>[] = [];
      const reads: Watched<boolean>[] = [];
      for (const one of steps) {
        if (one.kind === "write") {
          const options = { add: true, timeoutMs: one.timeoutMs };
          writes.push(watched(client.roger().isExecuting("p", `k${writes.length}`, options)));
        } else if (one.kind === "read") {
          reads.push(watched(client.roger().isExecuting("p", "k0", { timeoutMs: one.timeoutMs })));
        } else if (one.kind === "kill") cluster.node(one.node).kill();
        else if (one.kind === "restart") cluster.node(one.node).restart();
        else if (one.kind === "elect") cluster.elect(one.node);
        else if (one.kind === "nobody-leads") cluster.elect(undefined);
        else if (one.kind === "end-sessions") cluster.endSessions();
        else await world.run(one.ms);
      }
      isFaulty = false;
      for (const each of cluster.nodes.values()) each.restart();
      cluster.elect("n2");
      await world.run(25_000);

      for (const [at, write] of writes.entries()) {
        const times = cluster.executed.filter((done) => done === `roger.isExecuting k${at}`).length;
        const outcome = write.outcome();
        if (outcome === "open") throw new Error(`k${at} was never settled`);
        if ("value" in outcome)
          expect({ at, times, before: outcome.value }).toEqual({ at, times: 1, before: false });
        else if (isKnown(outcome.error)) expect({ at, times }).toEqual({ at, times: 0 });
        else expect(times).toBeLessThanOrEqual(1);
      }
      expect(reads.map((read) => read.outcome())).not.toContain("open");
      const last = watched(client.roger().isQueued("p", "afterwards"));
      await world.run(10_000);
      expect(last.outcome()).toEqual({ value: false });
    }),
    { numRuns: 60 },
  );
});

function isKnown(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("outcomeKnown" in error)) throw error;
  return error.outcomeKnown === true;
}
