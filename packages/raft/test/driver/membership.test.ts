// What a change of membership can come to (§4), told by the driver.
import { describe, expect, test } from "vitest";
import { DriverCluster, type Place, watch } from "../driver-cluster.ts";

const removeIt = ({ id }: Place) => ({ change: { kind: "remove", id }, guard: "kept" }) as const;

async function aLeader(): Promise<{ cluster: DriverCluster; leader: Place; follower: Place }> {
  const cluster = await DriverCluster.of(3);
  const leader = await cluster.electOne();
  await cluster.world.runFor(200);
  const [follower] = cluster.followersOf(leader);
  if (follower === undefined) throw new Error("there are followers");
  return { cluster, leader, follower };
}

describe("a change of membership", () => {
  test("has come about when it is told, and goes on no more", async () => {
    const { cluster, follower, leader } = await aLeader();
    const { raft } = cluster.on(leader);

    const outcome = await cluster.outcome(watch(raft.changeMembership(removeIt(follower))));

    const { commitIndex, configuration } = raft.status();
    expect(outcome).toEqual({ kind: "changed", index: commitIndex });
    expect(configuration).toMatchObject({ votersOutgoing: [], removed: [follower.id] });
    expect(cluster.on(leader).observed.configurations.at(-1)).toEqual(configuration);
  });

  test("is told as committed by every node that stays, and not before", async () => {
    const { cluster, follower, leader } = await aLeader();
    const [, other] = cluster.followersOf(leader);
    if (other === undefined) throw new Error("there are two followers");
    const committed = (place: Place): readonly unknown[] =>
      cluster.on(place).observed.committed.map(({ removed }) => removed);
    await cluster.outcome(cluster.propose(leader, "a"));
    cluster.network.isolate(leader.id);
    watch(cluster.on(leader).raft.changeMembership(removeIt(follower)));
    await cluster.world.runFor(100);
    expect(cluster.on(leader).raft.status().configuration.votersOutgoing).toHaveLength(3);
    expect(committed(leader)).toEqual([[]]);

    cluster.network.heal();
    const next = await cluster.electOne();
    const gone = next.id === follower.id ? other : follower;
    await cluster.outcome(watch(cluster.on(next).raft.changeMembership(removeIt(gone))));
    await cluster.world.runFor(500);

    for (const place of [leader, next]) expect(committed(place).at(-1)).toEqual([gone.id]);
  });

  test("that is not committed is in no snapshot (M11)", async () => {
    const cluster = await DriverCluster.of(3, { snapshotEveryEntries: 20 });
    const leader = await cluster.electOne();
    const { observed, raft, storage } = cluster.on(leader);
    const [follower] = cluster.followersOf(leader);
    if (follower === undefined) throw new Error("there are followers");
    leader.persister.failures = 1;
    for (let n = 0; n < 30; n += 1) await cluster.outcome(cluster.propose(leader, `item ${n}`));
    expect(observed.stored).toEqual([]);

    cluster.network.isolate(leader.id);
    watch(raft.changeMembership(removeIt(follower)));
    await cluster.world.runFor(2_000); // the store that failed is tried again

    const marks = storage.batches
      .flatMap(({ records }) => records)
      .flatMap((record) => (record.kind === "snapshot-mark" ? [record.mark.snapshot] : []));
    expect(marks.map(({ configuration }) => configuration)).toEqual([cluster.configuration]);
    expect(raft.status().configuration.votersOutgoing).toHaveLength(3);
  });

  test("that does not fit is refused with the reason", async () => {
    const { cluster, follower, leader } = await aLeader();
    const { raft } = cluster.on(leader);
    const promote = { kind: "promote", id: follower.id } as const;

    const change = watch(raft.changeMembership({ change: promote, guard: "kept" }));

    expect(await cluster.outcome(change)).toEqual({ kind: "refused", reason: "not-a-learner" });
  });

  test("is for the leader, whom a follower names", async () => {
    const { cluster, follower, leader } = await aLeader();
    const { raft } = cluster.on(follower);

    const change = watch(raft.changeMembership(removeIt(leader)));

    expect(await cluster.outcome(change)).toEqual({ kind: "not-leader", leaderId: leader.id });
  });

  test("of a leader that loses its majority is indeterminate", async () => {
    const { cluster, follower, leader } = await aLeader();
    const { raft } = cluster.on(leader);
    cluster.network.isolate(leader.id);

    const change = watch(raft.changeMembership(removeIt(follower)));

    const cause = "leadership-lost";
    expect(await cluster.outcome(change)).toEqual({ kind: "indeterminate", cause });
  });

  test("is indeterminate when the node stops before it is through", async () => {
    const { cluster, follower, leader } = await aLeader();
    const { raft } = cluster.on(leader);
    cluster.network.isolate(leader.id);
    const change = watch(raft.changeMembership(removeIt(follower)));
    await cluster.world.runFor(10);

    await cluster.stop(leader);

    expect(change.outcome).toEqual({ kind: "indeterminate", cause: "stopped" });
  });

  test("may remove the leader itself, and another leads soon", async () => {
    const { cluster, leader } = await aLeader();
    const { raft } = cluster.on(leader);

    const change = watch(raft.changeMembership(removeIt(leader)));

    expect(await cluster.outcome(change)).toMatchObject({ kind: "changed" });
    const next = await cluster.electOne(cluster.followersOf(leader));
    expect(next.id).not.toBe(leader.id);
    const write = await cluster.outcome(cluster.propose(next, "a"));
    expect(write).toMatchObject({ kind: "applied" });
  });
});
