// single-node.e2e.test.ts — one node alone loses nothing that it acknowledged, however often and
// whenever it is killed under load: on the machine's disk, and on one that drops at a crash whatever
// was not synced. The last test takes the sync out and must see what the others must not.
import { connect, RogerGlobal } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import type { DiskKind } from "../processes/test-cluster.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { seededDice } from "./random-calls.ts";

const kills = process.env["ROGERD_LONG"] === "1" ? 50 : 8;
const callsInFlight = 16;
/** A client that comes back at once: the node is to be under load when it is killed again. */
const backOff = { firstMs: 10, longestMs: 100 };

test.each<DiskKind>(["real", "drops-unsynced"])(
  `a single node on a disk that is "%s" loses nothing acknowledged over ${kills} kills under load`,
  async (disk) => {
    const { acknowledged, lost } = await takeKeysThroughKills(disk);

    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(kills);
  },
);

async function takeKeysThroughKills(
  disk: DiskKind,
): Promise<{ readonly acknowledged: number; readonly lost: readonly string[] }> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const dice = seededDice(seed);
  await using cluster = await TestCluster.start({ nodes: 1, disk });
  onTestFailed(() => console.error(`seed ${seed.toString(16)}\n${cluster.logs()}`));
  await using client = await connect({ endpoints: cluster.endpoints, backOff });
  const roger = new RogerGlobal(client);
  await roger.startPartition("acme");
  const acknowledged: string[] = [];
  let lastKey = 0;
  let isOver = false;
  const takeKeys = async (): Promise<void> => {
    while (!isOver) {
      lastKey += 1;
      const key = `key-${lastKey}`;
      const wasTaken = await roger.isExecuting("acme", key, { add: true });
      expect({ key, wasTaken }).toEqual({ key, wasTaken: false });
      acknowledged.push(key);
    }
  };
  const takers = Array.from({ length: callsInFlight }, takeKeys);
  const reached = (count: number) =>
    eventually(
      `${count} keys are acknowledged`,
      async () => acknowledged.length >= count || undefined,
      {
        everyMs: 1,
      },
    );
  for (let kill = 0; kill < kills; kill += 1) {
    await reached(acknowledged.length + 1 + dice(400));
    await cluster.process("n1").kill();
    cluster.startNode("n1");
  }
  await reached(acknowledged.length + 1);
  isOver = true;
  await Promise.all(takers);
  const held = await Promise.all(acknowledged.map((key) => roger.isExecuting("acme", key)));
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((_, index) => held[index] !== true),
  };
}

test("with the sync taken out, the same disk shows the loss: the test above can fail", async () => {
  await using cluster = await TestCluster.start({ nodes: 1, disk: "never-syncs" });
  await using client = await connect({ endpoints: cluster.endpoints });
  const roger = new RogerGlobal(client);
  await roger.startPartition("acme");
  for (let key = 0; key < 20; key += 1)
    await roger.isExecuting("acme", `key-${key}`, { add: true });

  await cluster.process("n1").kill();
  const restarted = cluster.startNode("n1");
  const fate = await Promise.race([
    restarted.exited.then(() => "refuses to start"),
    eventually(
      "the node answers again",
      async () => {
        const { commitIndex } = await cluster.nodeStatus("n1");
        return commitIndex > 0 ? `starts with ${commitIndex} entries` : undefined;
      },
      { withinMs: 8_000 },
    ).catch(() => "never leads"),
  ]);

  expect(fate).not.toMatch(/starts with (2[0-9]|[3-9][0-9]|\d{3,}) entries/);
});
