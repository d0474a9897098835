// watch.e2e.test.ts — somebody watches while keys come and go and leaders are killed: told every change once, in the
// order of the log, on whichever node; and list and events tell the same (I11).
import { connect, type QueueKeyItem, type WatchedEvent } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

const keys = 300;
const partition = "acme";

test("every change is told once and in order, through two leader kills", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  const { endpoints } = cluster;
  await using watcher = await connect({ endpoints, name: "watcher" });
  await using writer = await connect({ endpoints, name: "writer", timeoutMs: 60_000 });
  const { revision } = await writer.write({ command: "partition.start", partition, args: {} });
  const seen: WatchedEvent[] = [];
  const watch = watcher.partition(partition).watch({ types: ["queueKey"], from: revision });
  const reading = (async () => {
    for await (const event of watch) seen.push(event);
  })();

  const roger = writer.roger();
  for (let at = 0; at < keys; at += 1) {
    if (at === 100 || at === 200) await cluster.process(await cluster.leader()).kill();
    if (at === 150) for (const name of cluster.names) revive(cluster, name);
    expect(await roger.isQueued(partition, `key-${at}`, { add: true })).toBe(false);
    if (at % 3 === 0) await roger.removeQueued(partition, `key-${at}`);
  }
  for (const name of cluster.names) revive(cluster, name);
  const listed = await writer.partition(partition).list("queueKeys", { limit: 1_000 });
  await eventually("the watch has been told all of it", () =>
    Promise.resolve((watch.through ?? 0) >= listed.revision || undefined),
  );
  await watch.return();
  await reading;

  const places = seen.map(({ revision: at, n }) => at * 100_000 + n);
  expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
  expect(namesOf(seen, "queueKey.taken")).toEqual(
    Array.from({ length: keys }, (_, at) => `key-${at}`),
  );
  expect(namesOf(seen, "queueKey.freed").length).toBe(keys / 3);
  const folded = new Map<string, unknown>();
  for (const { name, item } of seen) {
    if (item === null) folded.delete(name);
    else folded.set(name, item);
  }
  const byKey = (item: QueueKeyItem): readonly [string, unknown] => [item.key, item];
  expect(folded).toEqual(new Map(listed.items.map(byKey)));
});

function revive(cluster: TestCluster, name: string): void {
  if (!cluster.process(name).isRunning) cluster.startNode(name);
}

function namesOf(events: readonly WatchedEvent[], type: string): readonly string[] {
  return events.filter((event) => event.type === type).map(({ name }) => name);
}
