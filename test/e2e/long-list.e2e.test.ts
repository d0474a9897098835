// long-list.e2e.test.ts — a list of many pages, asked for while others write: all pages show the moment of the
// first one; and once the node that kept them is gone, who asks is told to begin again.
import { CompactedError, connect, type Partition } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";

const keys = 300;
const limit = 20;
/** Longer than a machine at work keeps a process waiting: nobody but the killed one stops leading. */
const args = ["--election-timeout-ms", "1000"];

test("all pages of a list show one moment, while keys come and go, until its node is gone", async () => {
  await using cluster = await TestCluster.start({ nodes: 3, args });
  onTestFailed(() => console.error(cluster.logs()));
  const { endpoints } = cluster;
  await using client = await connect({ endpoints, name: "lister", timeoutMs: 60_000 });
  const acme = client.partition("acme");
  await acme.start();
  const roger = client.roger();
  const before = Array.from({ length: keys }, (_, at) => `key-${at}`);
  await Promise.all(before.map((key) => roger.isQueued("acme", key, { add: true })));

  const listed = await pages(acme, async (page) => {
    // What is listed already goes, what is to come too, and new ones come.
    await roger.removeQueued("acme", `key-${page}`);
    await roger.removeQueued("acme", `key-${keys - page}`);
    await roger.isQueued("acme", `later-${page}`, { add: true });
  });
  expect(listed.keys.toSorted()).toEqual(before.toSorted());
  expect(listed.revisions.size).toBe(1);
  const now = await acme.listAll("queueKeys");
  expect(now.filter(({ key }) => key.startsWith("later-")).length).toBe(keys / limit - 1);

  const killed = await cluster.leader();
  const half = pages(acme, async (page) => {
    if (page === 3) await cluster.process(killed).kill();
  });
  await expect(half).rejects.toBeInstanceOf(CompactedError);
  expect(await acme.listAll("queueKeys")).toEqual(now);
});

async function pages(
  partition: Partition,
  between: (page: number) => Promise<void>,
): Promise<{ readonly keys: readonly string[]; readonly revisions: ReadonlySet<number> }> {
  const found: string[] = [];
  const revisions = new Set<number>();
  let cursor: string | undefined;
  for (let at = 1; ; at += 1) {
    const options = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await partition.list("queueKeys", options);
    found.push(...page.items.map(({ key }) => key));
    revisions.add(page.revision);
    cursor = page.next;
    if (cursor === undefined) return { keys: found, revisions };
    await between(at);
  }
}
