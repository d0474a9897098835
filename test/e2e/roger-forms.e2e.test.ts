// roger-forms.e2e.test.ts — the differential test of SEMANTICS §1 on real processes, in a size for every
// day: one after the other all of Roger's calls, on partitions that are stopped and started, while leaders
// are killed. In full it is `npm run roger -- --calls 20000 --processes`.
import { expect, test } from "vitest";
import { runOnProcesses } from "../roger/real-cluster.ts";

test("Roger's twelve forms are answered as Roger answers them, through kills of leaders", async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const calls = 1_500;

  const { disagreement, tally } = await runOnProcesses({ seed, calls, callsPerFault: 400 });

  expect(disagreement, `seed ${seed.toString(16)}`).toBeUndefined();
  expect(tally.calls).toBe(calls);
  expect(Object.keys(tally.forms)).toHaveLength(14);
});
