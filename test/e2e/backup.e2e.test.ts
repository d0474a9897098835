// backup.e2e.test.ts — a working cluster is backed up while it is written to, and the backup comes into a
// new cluster: all that was there at its revision, nothing of later, tokens beyond all that were given,
// and nobody takes the one cluster for the other. Also while leaders are killed in the middle of it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, PartitionNotStartedError, RogerGlobal } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { RogerReference } from "../roger/reference.ts";
import { drawCall, makeCall, seededDice } from "./random-calls.ts";

const quietCalls = 200;
const namesPerSet = 12;

interface BackupTold {
  readonly bytes: number;
  readonly clusterId: string;
  readonly revision: number;
  readonly stateHash: string;
  readonly counts: Readonly<Record<string, number>>;
}

test("a backup that was taken under load is restored into a new cluster, and into no other", async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  await using old = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(`seed ${seed.toString(16)}\n${old.logs()}`));
  await using client = await connect({ endpoints: old.endpoints });
  const roger = new RogerGlobal(client);
  const reference = await makeQuietCalls(roger, seededDice(seed));
  await old.rogerctl("partition", "start", "stopped");
  await old.rogerctl("partition", "stop", "stopped");
  const quietKeys = await listed(old, "keys", "--partition", "quiet");

  const moving = new MovingPartition(roger);
  await roger.startPartition("moving");
  const load = moving.keepMoving();
  await moving.reached(50);
  const ackedBefore = moving.acknowledged;
  const file = join(old.folder, "old.backup");
  const told = await backUp(old, file);
  const begunAfter = moving.begun;
  await moving.reached(moving.acknowledged + 50);
  moving.isOver = true;
  await load;

  expect(told.clusterId).toBe((await old.status()).clusterId);
  expect(told.bytes).toBe((await readFile(file)).length);
  expect(told.counts).toMatchObject({ partitions: 3, sessions: 1 });
  expect(await old.rogerctl("restore", file)).toMatchObject({ code: 3 });

  await using fresh = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(fresh.logs()));
  await refuseDamaged(fresh, file);
  const restored = await fresh.rogerctl("restore", file, "-o", "json");
  expect(restored).toMatchObject({ code: 0 });
  expect(JSON.parse(restored.stdout)).toMatchObject({ restored: true, counts: told.counts });

  await using other = await connect({ endpoints: fresh.endpoints });
  const there = new RogerGlobal(other);
  await expectReference(there, reference);
  expect(await listed(fresh, "keys", "--partition", "quiet")).toEqual(quietKeys);
  expect((await fresh.rogerctl("paused", "--partition", "stopped")).code).toBe(3);
  const found = await moving.prefixIn(there);
  expect(found).toBeGreaterThanOrEqual(ackedBefore);
  expect(found).toBeLessThanOrEqual(begunAfter);

  await there.isExecuting("quiet", "granted later", { add: true });
  await roger.isExecuting("quiet", "granted later", { add: true });
  const [later] = await tokens(fresh, "granted later");
  expect(later).toBeGreaterThan(
    Math.max(...(await tokens(old, "")), ...(await tokens(old, "gra"))),
  );
  await expect(
    connect({ endpoints: fresh.endpoints, clusterId: told.clusterId, timeoutMs: 5_000 }),
  ).rejects.toThrow(/cluster/);
  expect(await fresh.rogerctl("restore", file)).toMatchObject({ code: 0 });
  expect(await fresh.rogerctl("restore", await anotherBackup(fresh))).toMatchObject({ code: 3 });
  const hashes = [...(await fresh.stateHashes()).values()].map(({ hash }) => hash);
  expect(new Set(hashes).size).toBe(1);
});

test("a restore goes on through kills of leaders and snapshots, and is seen whole or not at all", async () => {
  await using old = await TestCluster.start({ nodes: 1 });
  onTestFailed(() => console.error(old.logs()));
  const last = await takeManyKeys(old);
  const file = join(old.folder, "large.backup");
  const told = await backUp(old, file);
  expect(told.bytes).toBeGreaterThan(3_000_000);

  await using fresh = await TestCluster.start({
    nodes: 3,
    args: ["--snapshot-every-entries", "10", "--trailing-entries", "2"],
  });
  onTestFailed(() => console.error(fresh.logs()));
  await using client = await connect({ endpoints: fresh.endpoints });
  const watching = watch(new RogerGlobal(client), ["key-0", last]);
  const restoring = fresh.rogerctl("restore", file, "--timeout", "60s");
  for (const entries of [15, 35]) await killLeaderAt(fresh, entries);
  expect(await restoring).toMatchObject({ code: 0 });

  expect(await watching).toEqual(new Set(["not started", "both"]));
  const hashes = [...(await fresh.stateHashes()).values()].map(({ hash }) => hash);
  expect(hashes.length).toBe(3);
  expect(new Set(hashes).size).toBe(1);
  const { counts } = await backUp(fresh, join(fresh.folder, "again.backup"));
  expect({ ...counts, sessions: 0 }).toEqual({ ...told.counts, sessions: 0 });
});

async function makeQuietCalls(
  roger: RogerGlobal,
  dice: (sides: number) => number,
): Promise<RogerReference> {
  const reference = new RogerReference();
  reference.answer({ partition: "quiet", call: { form: "startPartition" } });
  await roger.startPartition("quiet");
  for (let made = 0; made < quietCalls; made += 1) {
    const call = drawCall(dice, namesPerSet);
    const made = { partition: "quiet", call };
    const answer = await makeCall(roger, made);
    expect({ call, answer }).toEqual({ call, answer: reference.answer(made) });
  }
  return reference;
}

async function expectReference(roger: RogerGlobal, reference: RogerReference): Promise<void> {
  const names = Array.from({ length: namesPerSet }, (_, at) => `name-${at}`);
  const calls = [
    ...names.flatMap((name) => [
      { form: "isCancelled", name } as const,
      { form: "isQueued", name } as const,
      { form: "isExecuting", name } as const,
    ]),
    { form: "queueGetPaused" } as const,
  ];
  for (const call of calls) {
    const made = { partition: "quiet", call };
    const answer = await makeCall(roger, made);
    expect({ call, answer }).toEqual({ call, answer: reference.answer(made) });
  }
}

/** `first-N` is always written before `then-N`, and that before `first-(N+1)`: one moment shows. */
class MovingPartition {
  readonly #roger: RogerGlobal;
  begun = 0;
  acknowledged = 0;
  isOver = false;

  constructor(roger: RogerGlobal) {
    this.#roger = roger;
  }

  async keepMoving(): Promise<void> {
    while (!this.isOver) {
      this.begun += 1;
      await this.#roger.isExecuting("moving", `first-${this.begun}`, { add: true });
      await this.#roger.isQueued("moving", `then-${this.begun}`, { add: true });
      this.acknowledged = this.begun;
    }
  }

  reached(count: number): Promise<true> {
    return eventually(`${count} were acknowledged`, async () => {
      return this.acknowledged >= count || undefined;
    });
  }

  /** How many pairs are there; throws unless they are those of one moment. */
  async prefixIn(roger: RogerGlobal): Promise<number> {
    const numbers = Array.from({ length: this.begun }, (_, at) => at + 1);
    const firsts = await Promise.all(
      numbers.map((at) => roger.isExecuting("moving", `first-${at}`)),
    );
    const thens = await Promise.all(numbers.map((at) => roger.isQueued("moving", `then-${at}`)));
    const [first, then] = [firsts.indexOf(false), thens.indexOf(false)];
    expect(firsts.slice(first)).not.toContain(true);
    expect(thens.slice(then)).not.toContain(true);
    expect([first, first - 1]).toContain(then);
    return then;
  }
}

async function backUp(cluster: TestCluster, file: string): Promise<BackupTold> {
  const { code, stderr, stdout } = await cluster.rogerctl("backup", file, "-o", "json");
  if (code !== 0) throw new Error(`backup ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as BackupTold;
}

/** Another file than the one that was restored. */
async function anotherBackup(cluster: TestCluster): Promise<string> {
  const file = join(cluster.folder, "another.backup");
  await backUp(cluster, file);
  return file;
}

async function refuseDamaged(cluster: TestCluster, file: string): Promise<void> {
  const whole = await readFile(file);
  const flipped = Buffer.from(whole);
  const middle = whole.length >> 1;
  flipped[middle] = (flipped[middle] ?? 0) ^ 1;
  for (const bytes of [flipped, whole.subarray(0, -1), whole.subarray(0, middle)]) {
    const damaged = join(cluster.folder, "damaged.backup");
    await writeFile(damaged, bytes);
    expect(await cluster.rogerctl("restore", damaged)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/is damaged: .*; nothing was changed\n$/),
    });
  }
  expect(await listed(cluster, "partition", "list")).toMatchObject({ partitions: [] });
}

async function listed(cluster: TestCluster, ...args: readonly string[]): Promise<object> {
  const { code, stderr, stdout } = await cluster.rogerctl(...args, "-o", "json");
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
  const { revision: _, ...told } = JSON.parse(stdout) as { readonly revision: number };
  return told;
}

async function tokens(cluster: TestCluster, prefix: string): Promise<readonly number[]> {
  const options = ["--partition", "quiet", "--kind", "execution", "--prefix", prefix];
  const { stdout } = await cluster.rogerctl("keys", ...options, "-o", "json");
  const { keys } = JSON.parse(stdout) as {
    readonly keys: readonly { readonly holders: readonly { readonly token: number }[] }[];
  };
  return keys.flatMap(({ holders }) => holders.map(({ token }) => token));
}

/** Some megabytes of them; answers the last one. */
async function takeManyKeys(cluster: TestCluster): Promise<string> {
  await using client = await connect({ endpoints: cluster.endpoints });
  const roger = new RogerGlobal(client);
  await roger.startPartition("large");
  const keys = Array.from({ length: 10_000 }, (_, at) =>
    `key-${at}`.padEnd(at === 0 ? 0 : 400, "."),
  );
  await Promise.all(keys.map((key) => roger.isQueued("large", key, { add: true })));
  return keys.at(-1) ?? "";
}

/** What was seen of two keys until both were there. */
async function watch(roger: RogerGlobal, keys: readonly string[]): Promise<Set<string>> {
  const seen = new Set<string>();
  while (!seen.has("both")) {
    try {
      const there = await Promise.all(keys.map((key) => roger.isQueued("large", key)));
      seen.add(there.every(Boolean) ? "both" : "some");
    } catch (error) {
      if (!(error instanceof PartitionNotStartedError)) throw error;
      seen.add("not started");
    }
  }
  return seen;
}

async function killLeaderAt(cluster: TestCluster, entries: number): Promise<void> {
  const leader = await eventually(
    `a leader with ${entries} entries`,
    async () => {
      const name = await cluster.leader();
      return (await cluster.nodeStatus(name)).commitIndex >= entries ? name : undefined;
    },
    { everyMs: 5 },
  );
  await cluster.process(leader).kill();
  await cluster.leader({ other: leader });
  cluster.startNode(leader);
}
