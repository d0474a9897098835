// worker-loss.e2e.test.ts — a worker that is killed with a key in its hands: who waits in line gets it, with a
// larger token, also when leaders are killed meanwhile; and who gives it back makes nobody wait for that.
import { connect, type RogerdClient } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

interface Fact {
  readonly held?: number;
  readonly lost?: string;
  readonly gaveBack?: boolean;
}

type Worker = ClientProcess<Fact>;

function aWorker(cluster: TestCluster, owner: string): Worker {
  return new ClientProcess({ program: "key-client", args: [owner, ...cluster.endpoints] });
}

function tokenOf(worker: Worker): Promise<number> {
  return eventually("the worker holds the key", async () => {
    return worker.facts.find(({ held }) => held !== undefined)?.held;
  });
}

function somebodyWaits(client: RogerdClient, waiters = 1): Promise<string> {
  return eventually(`the key has a holder, and ${waiters} wait`, async () => {
    const { items } = await client.partition("acme").list("executionKeys");
    const [key] = items;
    return key?.waiters === waiters ? (key.holders[0]?.owner ?? undefined) : undefined;
  });
}

test("a worker that is killed loses its key to the next in line and to nobody else, with a larger token", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = await connect({ endpoints: cluster.endpoints });
  await using first = aWorker(cluster, "job-1");
  const token = await tokenOf(first);
  await using second = aWorker(cluster, "job-2");
  const holder = await somebodyWaits(client);
  await using third = aWorker(cluster, "job-3");
  await somebodyWaits(client, 2);

  await first.kill();
  const next = await tokenOf(second);
  const nextHolder = await somebodyWaits(client);

  expect([holder, nextHolder]).toEqual(["job-1", "job-2"]);
  expect(next).toBeGreaterThan(token);
  expect(second.facts).toEqual([{ held: next }]);
  expect(third.facts).toEqual([]);
});

test("leaders are killed before the worker and after it, and the next in line gets its key all the same", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = await connect({ endpoints: cluster.endpoints });
  await using first = aWorker(cluster, "job-1");
  const token = await tokenOf(first);
  await using second = aWorker(cluster, "job-2");
  await somebodyWaits(client);

  await cluster.killLeader();
  await somebodyWaits(client);
  await first.kill();
  await cluster.killLeader();
  const next = await tokenOf(second);

  expect(first.facts).toEqual([{ held: token }]);
  expect(next).toBeGreaterThan(token);
  expect(second.facts).toEqual([{ held: next }]);
});

test("a key that is given back while its next holder looks for a new leader is granted to it", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = await connect({ endpoints: cluster.endpoints });
  await using first = aWorker(cluster, "job-1");
  const token = await tokenOf(first);
  await using second = aWorker(cluster, "job-2");
  await somebodyWaits(client);

  const killing = cluster.killLeader();
  first.say("release");
  await eventually("the first has given it back", async () =>
    first.facts.find((fact) => fact.gaveBack),
  );
  await killing;
  const next = await tokenOf(second);

  expect(first.facts).toEqual([{ held: token }, { gaveBack: true }]);
  expect(next).toBeGreaterThan(token);
});
