// Snapshots: taken, marked, sent in chunks, installed, found again at a start.
import { describe, expect, test } from "vitest";
import { SnapshotMissingError } from "../../src/node/failures.ts";
import type { DriverCluster as Cluster, Place } from "../driver-cluster.ts";
import { DriverCluster, watch } from "../driver-cluster.ts";
import { payload } from "../list-machine.ts";

const small = { snapshotEveryEntries: 20, trailingEntries: 5 };

async function proposeItems(cluster: Cluster, leader: Place, range: { from: number; to: number }) {
  const items: string[] = [];
  for (let n = range.from; n < range.to; n += 1) {
    const item = `item ${n} ${"x".repeat(200)}`;
    items.push(item);
    await cluster.outcome(cluster.propose(leader, item));
  }
  return items;
}

async function aFollowerFarBehind() {
  const cluster = await DriverCluster.of(3, small);
  const leader = await cluster.electOne();
  const [behind] = cluster.followersOf(leader);
  if (behind === undefined) throw new Error("there is a follower");
  cluster.kill(behind);
  const items = await proposeItems(cluster, leader, { from: 0, to: 200 });
  await cluster.world.runFor(500);
  return { cluster, leader, behind, items };
}

describe("a snapshot", () => {
  test("is stored, then marked, and only then the log goes, back to the older of the two that stay", async () => {
    const cluster = await DriverCluster.of(3, small);
    const leader = await cluster.electOne();

    await proposeItems(cluster, leader, { from: 0, to: 100 });
    await cluster.world.runFor(500);

    const { storage, observed, raft } = cluster.on(leader);
    const names = (await leader.persister.list()).map(({ index }) => index);
    const lastTwo = observed.stored.map(({ index }) => index).slice(-2);
    expect(observed.stored.length).toBeGreaterThan(2);
    expect(names).toEqual(lastTwo);
    expect(raft.status().snapshotIndex).toBe(lastTwo.at(-1));
    expect(Math.max(...storage.drops)).toBeLessThanOrEqual(lastTwo[0] ?? 0);
  });

  test("the log is never dropped before the mark of its snapshot is on disk", async () => {
    const cluster = await DriverCluster.of(1, small);
    const leader = await cluster.electOne();
    const { storage } = cluster.on(leader);
    const markedThrough = (): number =>
      storage.batches
        .flatMap(({ records }) => records)
        .reduce((most, record) => {
          if (record.kind !== "snapshot-mark") return most;
          return Math.max(most, record.mark.snapshot.index);
        }, 0);

    for (let round = 0; round < 10; round += 1) {
      await proposeItems(cluster, leader, { from: round * 10, to: round * 10 + 10 });
      expect(Math.max(0, ...storage.drops)).toBeLessThanOrEqual(markedThrough());
    }

    expect(storage.drops.length).toBeGreaterThan(0);
  });

  test("what trails behind it is bounded by its bytes, in memory and on disk", async () => {
    const cluster = await DriverCluster.of(3, { snapshotEveryBytes: 20_000 });
    const leader = await cluster.electOne();
    const [behind] = cluster.followersOf(leader);
    if (behind === undefined) throw new Error("there is a follower");
    cluster.kill(behind);
    const { raft, storage } = cluster.on(leader);

    for (let n = 0; n < 100; n += 1) {
      await cluster.outcome(cluster.propose(leader, "x".repeat(1_000)));
    }
    const { observed } = await cluster.start(behind);
    await cluster.world.runFor(500);

    // As much trails as is written between two snapshots; on disk it is the log back to the older of two.
    expect(raft.status().lastIndex - Math.max(...storage.drops)).toBeLessThan(70);
    expect(observed.installed).toHaveLength(1);
  });

  test("a store that fails is reported and tried again, and the log stays until it succeeds", async () => {
    const cluster = await DriverCluster.of(1, small);
    const leader = await cluster.electOne();
    leader.persister.failures = 2;
    const { observed, storage } = cluster.on(leader);

    await proposeItems(cluster, leader, { from: 0, to: 30 });
    await cluster.world.runFor(500);
    expect(observed.notes.map(({ message }) => message)).toContain(
      "snapshot not stored, the log stays",
    );
    expect(storage.drops).toEqual([]);
    await cluster.world.runFor(10_000);

    expect(observed.stored).toHaveLength(1);
    expect(observed.failures).toEqual([]);
  });

  test("behind a persister that is not durable no snapshot is marked and no log dropped", async () => {
    const cluster = await DriverCluster.of(1, small);
    const alone = await cluster.electOne();
    cluster.kill(alone);
    Object.defineProperty(alone.persister, "durable", { value: false });
    await cluster.start(alone);
    await cluster.electOne();

    await proposeItems(cluster, alone, { from: 0, to: 60 });
    await cluster.world.runFor(500);

    const { observed, storage } = cluster.on(alone);
    expect(observed.stored).toEqual([]);
    expect(storage.drops).toEqual([]);
  });
});

describe("a follower far behind", () => {
  test("is given the leader's snapshot and the log after it, and then holds the same", async () => {
    const { cluster, behind, items } = await aFollowerFarBehind();

    const { machine, observed } = await cluster.start(behind);
    await cluster.agree(items);

    expect(observed.installed).toHaveLength(1);
    expect(machine.restores).toBe(1);
    expect(observed.failures).toEqual([]);
  });

  test("gets it in chunks from one reading, not from one for each chunk", async () => {
    const { cluster, leader, behind, items } = await aFollowerFarBehind();
    const readBefore = leader.persister.loads;

    await cluster.start(behind);
    await cluster.agree(items);

    const chunks = cluster.network.sent.filter(
      ({ message }) => message.kind === "install-snapshot" && message.to === behind.id,
    );
    expect(chunks.length).toBeGreaterThan(2);
    expect(leader.persister.loads - readBefore).toBe(1);
  });

  test("goes on from its own disk after a restart", async () => {
    const { cluster, leader, behind, items } = await aFollowerFarBehind();
    await cluster.start(behind);
    await cluster.agree(items);
    const more = await proposeItems(cluster, leader, { from: 200, to: 210 });
    await cluster.agree([...items, ...more]);

    cluster.kill(behind);
    const { machine, observed } = await cluster.start(behind);
    await cluster.agree([...items, ...more]);

    expect(observed.installed).toEqual([]);
    expect(machine.restores).toBe(1);
  });

  test("applies nothing while the snapshot is being restored, and everything after it once", async () => {
    const { cluster, leader, behind, items } = await aFollowerFarBehind();
    const gate: { open?: () => void } = {};
    const { machine, observed, raft } = await cluster.start(behind);
    machine.restoreGate = new Promise((resolve) => {
      gate.open = resolve;
    });
    await cluster.world.runUntil(() => machine.isRestoring, {
      withinMs: 5_000,
      what: "the snapshot is being restored",
    });

    const before = machine.applied.length;

    const more = await proposeItems(cluster, leader, { from: 200, to: 205 });
    await cluster.world.runFor(200);
    expect(machine.applied).toHaveLength(before);
    gate.open?.();
    await cluster.agree([...items, ...more]);

    const firstApplied = machine.applied[before]?.index;
    expect(firstApplied).toBe((observed.installed[0]?.index ?? 0) + 1);
    expect(raft.status().appliedIndex).toBe(machine.applied.at(-1)?.index);
    expect(observed.failures).toEqual([]);
  });
});

describe("where the leader's newest snapshot does not read", () => {
  test.each([
    { what: "a bit of it changed", damage: (leader: Place) => leader.persister.rotAll() },
    { what: "its disk can't read it", damage: (leader: Place) => leader.persister.refuseAll() },
  ])("because $what, another takes its place, and who needs it gets that", async ({ damage }) => {
    const { cluster, leader, behind, items } = await aFollowerFarBehind();
    const readBefore = leader.persister.loads;
    damage(leader);

    const { observed } = await cluster.start(behind);
    await cluster.agree(items);
    await cluster.world.runFor(10);

    expect(observed.installed).toHaveLength(1);
    expect(observed.notes.map(({ message }) => message)).not.toContain("snapshot chunk refused");
    expect(leader.persister.loads - readBefore).toBeLessThanOrEqual(3);
  });

  test("and nothing can be committed without who needs it, it is stored once more", async () => {
    const { cluster, leader, behind } = await aFollowerFarBehind();
    const [other] = cluster.followersOf(leader);
    if (other === undefined) throw new Error("there is a follower");
    const { raft } = cluster.on(leader);
    // Up to where a snapshot has just been taken: nothing newer is applied.
    const isCovered = (): boolean => raft.status().snapshotIndex === raft.status().appliedIndex;
    while (!isCovered()) {
      await proposeItems(cluster, leader, { from: 0, to: 1 });
      await cluster.world.runFor(50);
    }
    const { snapshotIndex } = raft.status();
    cluster.kill(other);
    leader.persister.rotAll();

    const { observed } = await cluster.start(behind);
    await cluster.electOne([leader]);
    await cluster.outcome(cluster.propose(leader, "with who was behind"));

    expect(observed.installed.map(({ index }) => index)).toEqual([snapshotIndex]);
  });

  test("and none can be stored, it is read less and less often", async () => {
    const { cluster, leader, behind } = await aFollowerFarBehind();
    const readBefore = leader.persister.loads;
    leader.persister.refuseAll();
    leader.persister.failures = Number.POSITIVE_INFINITY;

    await cluster.start(behind);
    await cluster.world.runFor(30_000);

    // Once in 16 election timeouts in the end, and not with every heartbeat.
    const reads = leader.persister.loads - readBefore;
    expect([reads > 5, reads < 15]).toEqual([true, true]);
  });
});

describe("where no snapshot of the leader's reads", () => {
  test("another is stored less and less often", async () => {
    const { cluster, leader, behind } = await aFollowerFarBehind();
    leader.persister.isUnreadable = true;
    const before = leader.persister.stores;

    await cluster.start(behind);
    await cluster.world.runFor(30_000);

    const stores = leader.persister.stores - before;
    expect([stores > 5, stores < 15]).toEqual([true, true]);
  });
});

describe("a node whose state differs from the majority's", () => {
  test("stops leading, is given a snapshot, and then holds the same", async () => {
    const cluster = await DriverCluster.of(3, small);
    const old = await cluster.electOne();
    const items = await proposeItems(cluster, old, { from: 0, to: 30 });
    const { machine, observed, raft } = cluster.on(old);
    machine.items[3] = "what nobody wrote";

    raft.markDiverged();
    const next = await cluster.electOne(cluster.followersOf(old));
    const more = await proposeItems(cluster, next, { from: 30, to: 35 });
    await cluster.agree([...items, ...more]);
    await cluster.world.runFor(10);

    expect(observed.installed).toHaveLength(1);
    expect(raft.status().role).toBe("follower");
    expect(observed.failures).toEqual([]);
  });
});

describe("a start", () => {
  test("loads the snapshot that the log names and applies the log after it", async () => {
    const cluster = await DriverCluster.of(1, small);
    const alone = await cluster.electOne();
    const items = await proposeItems(cluster, alone, { from: 0, to: 50 });
    await cluster.world.runFor(100);

    await cluster.stop(alone);
    const { machine, raft } = await cluster.start(alone);
    const restored = raft.status().snapshotIndex;
    await cluster.electOne();

    expect(machine.items).toEqual(items);
    expect(restored).toBeGreaterThan(0);
    expect(machine.applied[0]?.index).toBe(restored + 1);
  });

  test("applies a long log in slices, one a turn, without waiting between them", async () => {
    const cluster = await DriverCluster.of(1);
    const alone = await cluster.electOne();
    const { raft } = cluster.on(alone);
    const proposals = Array.from({ length: 3_000 }, (_, n) => raft.propose(payload(`item ${n}`)));
    await cluster.outcome(watch(Promise.all(proposals)));
    await cluster.outcome(cluster.propose(alone, "last"));
    await cluster.stop(alone);

    const { machine, storage } = await cluster.start(alone);
    await cluster.world.runFor(0);

    expect(machine.applied.at(-1)?.index).toBe(storage.recovered.commitIndex);
    expect(storage.recovered.commitIndex).toBeGreaterThan(3_000);
    expect(Math.max(...machine.slices)).toBeLessThanOrEqual(512);
  });

  test("with the named snapshot missing refuses and starts nothing", async () => {
    const cluster = await DriverCluster.of(1, small);
    const alone = await cluster.electOne();
    await proposeItems(cluster, alone, { from: 0, to: 50 });
    await cluster.world.runFor(100);
    await cluster.stop(alone);
    alone.persister.loseAll();
    const sent = cluster.network.sent.length;

    await expect(cluster.start(alone)).rejects.toThrow(SnapshotMissingError);

    await cluster.world.runFor(1_000);
    expect(cluster.network.sent).toHaveLength(sent);
    expect(payload("x")).toHaveLength(1);
  });
});
