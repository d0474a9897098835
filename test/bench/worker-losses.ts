// worker-losses.ts — from the SIGKILL of a worker that holds a key to the grant at who waits for it, in another process; and the
// same with the leader killed right after it. The peer is the lease: nobody may get the key before it has ended.
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { connect, type RogerdClient } from "@rogerd/client";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { markdownTable } from "./report.ts";

/** As test/processes/key-client.ts connects. */
const ttlMs = 5_000;

interface Fact {
  readonly held?: number;
}

export async function benchLosses(times: number): Promise<string> {
  await using cluster = await TestCluster.start({ nodes: 3 });
  await using client = await connect({ endpoints: cluster.endpoints });
  const [alone, withLeader] = [createHistogram(), createHistogram()];
  for (let time = 0; time < times; time += 1) {
    await lose(cluster, client, { into: alone });
    await lose(cluster, client, { into: withLeader, alsoLeader: true });
  }
  return markdownTable([
    [
      `of ${times} workers that were killed (ttl ${ttlMs} ms)`,
      "median ms",
      "longest ms",
      "longest ÷ ttl",
    ],
    ["kill to the next grant", ...figures(alone)],
    ["the same, with the leader killed after the worker", ...figures(withLeader)],
  ]);
}

async function lose(
  cluster: TestCluster,
  client: RogerdClient,
  how: { readonly into: RecordableHistogram; readonly alsoLeader?: boolean },
): Promise<void> {
  await using first = aWorker(cluster, "first");
  await holds(first);
  await using second = aWorker(cluster, "second");
  await eventually("the second one waits", async () => {
    const { items } = await client.partition("acme").list("executionKeys");
    return items[0]?.waiters === 1 || undefined;
  });
  const from = performance.now();
  await first.kill();
  const leader = how.alsoLeader === true ? await cluster.leader() : undefined;
  if (leader !== undefined) await cluster.process(leader).kill();
  await holds(second);
  how.into.record(Math.max(1, Math.round(performance.now() - from)));
  if (leader !== undefined) cluster.startNode(leader);
  second.say("release");
  await second.exited();
  await cluster.leader();
}

function aWorker(cluster: TestCluster, owner: string): ClientProcess<Fact> {
  return new ClientProcess({ program: "key-client", args: [owner, ...cluster.endpoints] });
}

async function holds(worker: ClientProcess<Fact>): Promise<void> {
  await eventually(
    "it holds the key",
    async () => worker.facts.some(({ held }) => held !== undefined) || undefined,
    { everyMs: 5 },
  );
}

function figures(histogram: RecordableHistogram): readonly string[] {
  const { max } = histogram;
  return [String(histogram.percentile(50)), String(max), (max / ttlMs).toFixed(2)];
}
