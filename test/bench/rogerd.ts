// rogerd.ts — the system under test: three real daemons with their disks, and the real client.
import { connect, RogerGlobal } from "@rogerd/client";
import { TestCluster } from "../processes/test-cluster.ts";
import type { Target } from "./target.ts";

export interface RogerdTarget extends Target {
  readonly endpoints: readonly string[];
}

export async function startRogerd(): Promise<RogerdTarget> {
  const cluster = await TestCluster.start({ nodes: 3 });
  const client = await connect({ endpoints: cluster.endpoints });
  const roger = new RogerGlobal(client);
  await roger.startPartition("bench");
  return {
    name: "rogerd",
    endpoints: cluster.endpoints,
    pids: cluster.names.map((name) => cluster.process(name).pid),
    async acquire(key) {
      if (await roger.isExecuting("bench", key, { add: true })) throw new Error(`${key} was taken`);
    },
    release: (key) => roger.removeExecuted("bench", key),
    async read(key) {
      await roger.isExecuting("bench", key);
    },
    async close() {
      await client.close();
      await cluster.close();
    },
  };
}
