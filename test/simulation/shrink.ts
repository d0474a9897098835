// shrink.ts — a smaller fault plan that still fails, by leaving out ever smaller parts (delta
// debugging). Any failure counts: a smaller story of the same seed is worth more than the same words.
import type { Fault } from "./fault-plan.ts";
import { type RunResult, runSimulation } from "./simulation.ts";

/** So many runs are spent on it. */
const runsMax = 60;

export async function shrink(failed: RunResult): Promise<RunResult> {
  let smallest = failed;
  let runs = 0;
  const before = failed.plan.filter(({ atMs }) => atMs <= failed.virtualMs);
  const fails = async (plan: readonly Fault[]): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const result = await runSimulation({ seed: failed.seed, plan });
    if (result.finding?.property !== failed.finding?.property) return false;
    smallest = result;
    return true;
  };
  await fails(before);
  for (let size = Math.ceil(smallest.plan.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.plan.length && runs < runsMax; ) {
      const without = [...smallest.plan.slice(0, at), ...smallest.plan.slice(at + size)];
      if (!(await fails(without))) at += size;
    }
  }
  return smallest;
}
