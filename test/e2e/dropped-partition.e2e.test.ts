// dropped-partition.e2e.test.ts — an operator bounds a partition and drops another one: who is in it is told, tokens go
// on, and a large one is gone through the death of a leader.
import { connect, PartitionNotStartedError, QuotaExceededError } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";

async function aCluster(nodes: number): Promise<TestCluster> {
  const cluster = await TestCluster.start({ nodes });
  onTestFailed(() => console.error(cluster.logs()));
  return cluster;
}

test("limits are set by rogerctl, refuse what is new, and are shown", async () => {
  await using cluster = await aCluster(1);
  await using client = await connect({ endpoints: cluster.endpoints });
  const acme = client.partition("acme");
  await acme.start();
  await acme.claimQueueKey("first", { owner: "job-1" });

  const updated = await cluster.rogerctl("partition", "update", "acme", "--limit", "queueKeys=1");
  const refused = await acme.claimQueueKey("second", { owner: "job-2" }).catch((error) => error);
  const again = await acme.claimQueueKey("first", { owner: "job-1" });
  const above = await cluster.rogerctl("partition", "update", "acme", "--limit", "runs=1000000");
  await acme.update({ limits: { runs: 7 } });
  const listed = await cluster.rogerctl("partition", "list");

  expect(updated).toMatchObject({ code: 0 });
  expect(refused).toBeInstanceOf(QuotaExceededError);
  expect(refused).toMatchObject({ limit: "queueKeys", current: 1 });
  expect(again).toMatchObject({ status: "claimed" });
  expect(above).toMatchObject({ code: 2, stderr: expect.stringContaining("--limit runs:") });
  expect(listed.stdout).toContain("queueKeys=1 runs=7");
});

test("who holds, runs and waits in a partition that is dropped is told; tokens go on", async () => {
  await using cluster = await aCluster(3);
  const { endpoints } = cluster;
  await using client = await connect({ endpoints });
  await using second = await connect({ endpoints });
  const acme = client.partition("acme");
  await acme.start();
  const held = await acme.acquireExecutionKey("k", { owner: "job-1" });
  const run = await acme.startJob("job-2", { queue: "mail" });
  if (held.status !== "held" || run.status !== "started") throw new Error("it is free");
  const waiting = second
    .partition("acme")
    .acquireExecutionKey("k", { owner: "job-3" })
    .catch((error) => error);
  await expect
    .poll(async () => (await acme.list("executionKeys")).items)
    .toMatchObject([{ key: "k", waiters: 1 }]);

  const unasked = await cluster.rogerctl("partition", "drop", "acme");
  const dropped = await cluster.rogerctl("partition", "drop", "acme", "--yes");
  const ended = await waiting;
  await expect.poll(() => [held.signal.aborted, run.signal.aborted]).toEqual([true, true]);
  const after = await acme.list("runs").catch((error) => error);
  await acme.start();
  const anew = await acme.acquireExecutionKey("k", { owner: "job-4" });

  expect([unasked.code, dropped.code]).toEqual([2, 0]);
  expect(ended).toBeInstanceOf(PartitionNotStartedError);
  expect(held.signal.reason).toMatchObject({ name: "KeyLostError", why: "dropped" });
  expect(run.signal.reason).toMatchObject({ name: "RunFencedError", why: "dropped" });
  expect(after).toBeInstanceOf(PartitionNotStartedError);
  if (anew.status !== "held") throw new Error("it is free");
  expect(anew.token).toBeGreaterThan(Math.max(held.token, run.token));
});

test("a large one is emptied through the death of a leader; its name starts once it is empty", async () => {
  await using cluster = await aCluster(3);
  await using client = await connect({ endpoints: cluster.endpoints, timeoutMs: 60_000 });
  const large = client.partition("large");
  const other = client.partition("other");
  await Promise.all([large.start(), other.start()]);
  const keys = Array.from({ length: 6_000 }, (_, at) => `key-${at}`);
  for (let at = 0; at < keys.length; at += 500) {
    const some = keys.slice(at, at + 500);
    await Promise.all(some.map((key) => large.claimQueueKey(key, { owner: "job" })));
  }
  await other.claimQueueKey("key-1", { owner: "job" });

  const drop = await large.drop();
  await cluster.process(await cluster.leader()).kill();
  const start = await large.start();

  expect([drop.changed, start.changed]).toEqual([true, true]);
  expect((await large.list("queueKeys")).items).toEqual([]);
  expect((await other.list("queueKeys")).items).toMatchObject([{ key: "key-1" }]);
});
