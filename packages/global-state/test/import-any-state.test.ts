// An import brings any state that can come about, whatever interrupts and repeats it, to the last field.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { GlobalState, PartitionId, Read } from "../src/index.ts";
import { play, scripts } from "./script.ts";
import { acme, encodeAll, other, raiseLevel, restored, World, writes } from "./world.ts";

const kinds = [
  ...(["cancelMarks", "queueKeys", "executionKeys"] as const),
  ...(["pauses", "cancelRules", "finishedJobs"] as const),
];

/** All that a client can read of a partition. */
function readingsOf(world: World, partition: PartitionId): readonly unknown[] {
  return kinds.map((kind) => {
    const args = { kind, prefix: "", limit: 1_000, cursor: undefined };
    const read: Read = { name: "list", partition, args };
    return world.read(read);
  });
}

function broughtBy(state: GlobalState): object {
  const { partitions, cancelMarks, queueKeys, executionKeys, pauses } = state.counts();
  const { cancelRules, finishedJobs } = state.counts();
  return {
    ...{ partitions, cancelMarks, queueKeys, executionKeys },
    ...{ pauses, cancelRules, finishedJobs },
  };
}

/** What lives by a session does not come along: import.test.ts says what becomes of it. */
function endSessions(world: World): void {
  for (const { id } of [...world.state.sessions()]) world.write(writes.expire(id, world.term));
}

test("any state comes into an empty cluster, through restarts and repeated steps (property)", () => {
  fc.assert(
    fc.property(
      scripts({ min: 5, max: 60 }),
      fc.array(fc.record({ restarts: fc.boolean(), repeats: fc.nat(6) }), { minLength: 7 }),
      (script, choices) => {
        const old = new World();
        for (const step of script) play(old, step);
        endSessions(old);
        const plan = old.state.importPlan(encodeAll(old.state).root);
        const writes = [plan.begin, ...plan.steps, plan.end];
        const fresh = new World();
        if (old.state.featureLevel > 1) fresh.write(raiseLevel);

        for (const [at, write] of writes.entries()) {
          fresh.write(write);
          const choice = choices[at];
          const repeated = writes[Math.min(at, choice?.repeats ?? 0)];
          if (choice?.restarts) fresh.state = restored(undefined, encodeAll(fresh.state).chunks);
          if (repeated !== undefined) fresh.write(repeated);
        }

        expect(fresh.write(plan.end)).toEqual({ status: "imported" });
        expect(broughtBy(fresh.state)).toEqual(broughtBy(old.state));
        for (const partition of [acme, other]) {
          expect(readingsOf(fresh, partition)).toEqual(readingsOf(old, partition));
        }
        fresh.state.checkInvariants();
      },
    ),
    { numRuns: 60 },
  );
});
