// Whole nodes under random faults from a seed: killed, cut off, blocked, diverged, with hung disks,
// while proposals go to whoever may lead. Afterwards every outcome must be true.
import { expect, test } from "vitest";
import { DriverCluster } from "../driver-cluster.ts";
import { Storm } from "../storm.ts";

const settings = { snapshotEveryEntries: 15, trailingEntries: 5, diskStallTimeoutMs: 600_000 };

test.each([
  { nodes: 3, seed: 101 },
  { nodes: 3, seed: 102 },
  { nodes: 5, seed: 103 },
  { nodes: 5, seed: 104 },
])(
  "in a storm every outcome of $nodes nodes is true of the list they agree on, seed $seed",
  async (shape) => {
    const cluster = await DriverCluster.of(shape.nodes, settings, shape.seed);
    const storm = new Storm(cluster);

    await storm.blow(60);
    await storm.calm();
    const tally = storm.judge();

    expect(tally["applied"]).toBeGreaterThan(30);
    expect(tally["stored"]).toBeGreaterThan(2);
  },
);
