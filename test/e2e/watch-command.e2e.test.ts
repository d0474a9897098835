// watch-command.e2e.test.ts — an operator watches: through the death of a leader, from longer ago than is kept, with an
// output that nobody reads for a while, and into one that has enough.
import { connect, type RogerGlobal } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";
import { WatchCommand } from "../processes/watch-command.ts";

interface Told {
  readonly type: string;
  readonly revision: number;
  readonly n: number;
  readonly name: string;
  readonly partition: string;
  readonly after: { readonly revision: number; readonly n: number | null } | null;
  readonly through: number;
}

const partition = "acme";
const toldBy = (command: WatchCommand): readonly Told[] =>
  command.lines().map((line): Told => JSON.parse(line));

async function aCluster(nodes: number): Promise<TestCluster> {
  const cluster = await TestCluster.start({ nodes });
  onTestFailed(() => console.error(cluster.logs()));
  return cluster;
}

/** So many, of which this many are on their way at once. */
async function takeKeys(
  roger: RogerGlobal,
  { begin = 0, count, atOnce }: { begin?: number; count: number; atOnce: number },
): Promise<void> {
  for (let at = begin; at < begin + count; at += atOnce) {
    const keys = Array.from({ length: atOnce }, (_, more) => `key-${at + more}`);
    await Promise.all(keys.map((key) => roger.isQueued(partition, key, { add: true })));
  }
}

test("every change is told once, in order, through the death of the leader; Ctrl-C ends it with 0", async () => {
  await using cluster = await aCluster(3);
  const { endpoints } = cluster;
  await using client = await connect({ endpoints, timeoutMs: 60_000 });
  await client.roger().startPartition(partition);
  const args = ["--partition", partition, "--type", "queueKey.taken", "--json"];
  await using command = new WatchCommand({ endpoints, args });
  command.read();
  await command.watches();
  const lines = new WatchCommand({ endpoints, args: ["--from", "0", "--prefix", "key-199"] });
  await using _ = lines;
  lines.read();

  await takeKeys(client.roger(), { count: 100, atOnce: 1 });
  await cluster.process(await cluster.leader()).kill();
  await takeKeys(client.roger(), { begin: 100, count: 100, atOnce: 1 });
  await command.tells("the last key", (told) => told.some((line) => line.includes("key-199")));
  await lines.tells("the last key, for people", (told) => told.length > 0);

  // It began once it had a node; what was taken before it was answered is not its own.
  const names = toldBy(command).map(({ name }) => name);
  const keys = Array.from({ length: 200 }, (_each, at) => `key-${at}`);
  expect(names).toEqual(keys.slice(-names.length));
  expect(names.length).toBeGreaterThan(150);
  expect(lines.lines()).toEqual([
    expect.stringMatching(
      /^20\d\d-.*Z {2}acme {2}queue key key-199 is taken, without an owner .*roger.isQueued, by session \d+\)$/,
    ),
  ]);
  expect(command.said).toMatch(/rogerctl: lost ws:.*watching on/);
  expect([await command.pressControlC(), await lines.pressControlC()]).toEqual([0, 0]);
  expect(command.said).toMatch(/rogerctl: watch on with --from \d+\.\d+\n$/);
});

test("what happened longer ago than a node keeps is told as lost, and it goes on from there", async () => {
  await using cluster = await aCluster(1);
  const { endpoints } = cluster;
  await using client = await connect({ endpoints, timeoutMs: 60_000 });
  await client.roger().startPartition(partition);
  await takeKeys(client.roger(), { count: 2_000, atOnce: 500 });
  await using json = new WatchCommand({ endpoints, args: ["--from", "2", "--json"] });
  await using lines = new WatchCommand({ endpoints, args: ["--from", "2"] });
  for (const command of [json, lines]) {
    command.read();
    await command.tells("what was lost", (told) => told.length > 0);
  }

  await takeKeys(client.roger(), { begin: 2_000, count: 1, atOnce: 1 });

  for (const command of [json, lines])
    await command.tells("the next key", (told) => told.some((line) => line.includes("key-2000")));
  expect(toldBy(json)[0]).toEqual({
    type: "lost",
    after: { revision: 2, n: null },
    through: expect.any(Number),
  });
  expect(lines.lines()[0]).toMatch(
    /^CHANGES LOST: what happened after 2 through revision \d+ is not/,
  );
});

test("an output that nobody reads holds nobody up; what is told then is in order, and what is missing is named", async () => {
  await using cluster = await aCluster(1);
  const { endpoints } = cluster;
  await using client = await connect({ endpoints, timeoutMs: 60_000 });
  const { revision } = await client.write({ command: "partition.start", partition, args: {} });
  const args = ["--type", "queueKey.taken", "--from", String(revision), "--json"];
  await using command = new WatchCommand({ endpoints, args });
  await command.watches();
  const count = 20_000;

  await takeKeys(client.roger(), { count, atOnce: 500 });
  command.read();
  const last = `key-${count - 1}`;
  await command.tells("the last key", (told) => told.at(-1)?.includes(`"${last}"`) === true);

  const told = toldBy(command);
  const changes = told.filter(({ type }) => type !== "lost");
  const places = changes.map((each) => each.revision * 100_000 + each.n);
  expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
  let lastTold = -1;
  for (const [at, { after, name, through, type }] of told.entries()) {
    const number = Number(name?.slice("key-".length));
    const [before, next] = [told[at - 1], told[at + 1]];
    if (type === "lost") {
      expect([after?.revision, after?.n]).toEqual([before?.revision, before?.n]);
      expect(next?.revision).toBeGreaterThan(through);
    } else if (before?.type !== "lost") expect(number).toBe(lastTold + 1);
    lastTold = Number.isNaN(number) ? lastTold : number;
  }
});

test("an output that is closed ends it without a word more", async () => {
  await using cluster = await aCluster(1);
  const { endpoints } = cluster;
  await using client = await connect({ endpoints });
  await client.roger().startPartition(partition);
  await using command = new WatchCommand({ endpoints, args: ["--from", "0"] });
  await command.watches();

  command.hangUp();
  await takeKeys(client.roger(), { count: 100, atOnce: 1 });

  expect(await command.exited).toBe(0);
  expect(command.said).toMatch(
    /^rogerctl: watching all partitions; Ctrl-C ends it\n(rogerctl: .*leads\n)?$/,
  );
});
