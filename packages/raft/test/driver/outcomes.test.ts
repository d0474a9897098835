// What a proposal or a read can come to when its leader does not stay the leader.
import { describe, expect, test } from "vitest";
import { DriverCluster, type Place, watch } from "../driver-cluster.ts";

describe("outcomes", () => {
  test("a proposal whose place another leader's committed entry took is lost", async () => {
    const cluster = await DriverCluster.of(3);
    const old = await cluster.electOne();
    await cluster.outcome(cluster.propose(old, "a"));
    cluster.network.isolate(old.id);
    const late = cluster.propose(old, "late");
    const others = cluster.followersOf(old);

    const next = await cluster.electOne(others);
    await cluster.outcome(cluster.propose(next, "b"));
    cluster.network.heal();
    const outcome = await cluster.outcome(late);
    await cluster.agree(["a", "b"]);

    expect(outcome).toEqual({ kind: "lost" });
  });

  test("a proposal that a leader can't replicate is indeterminate once it stepped down and waited", async () => {
    const cluster = await DriverCluster.of(3);
    const old = await cluster.electOne();
    cluster.network.isolate(old.id);

    const outcome = await cluster.outcome(cluster.propose(old, "late"), { withinMs: 2_000 });

    expect(outcome).toEqual({ kind: "indeterminate", cause: "leadership-lost" });
    expect(cluster.on(old).raft.status().role).not.toBe("leader");
  });

  test("a proposal that the next leader commits is applied, though its own leader stepped down", async () => {
    const cluster = await DriverCluster.of(3);
    const old = await cluster.electOne();
    await cluster.world.runFor(100);
    const proposal = cluster.propose(old, "a");
    await cluster.world.runFor(3); // on its way to the followers, and on their disks
    cluster.network.isolate(old.id);

    await cluster.electOne(cluster.followersOf(old));
    cluster.network.heal();

    expect(await cluster.outcome(proposal)).toMatchObject({ kind: "applied", result: 1 });
    await cluster.agree(["a"]);
  });

  test("an entry that its node had to remove is not lost: another leader may still commit it", async () => {
    const cluster = await DriverCluster.of(5, { electionTimeoutMaxMs: 2_000 });
    const { network, world } = cluster;
    const old = await cluster.electOne();
    await world.runFor(400);
    const [keeper, ...others] = cluster.followersOf(old);
    if (keeper === undefined) throw new Error("there are followers");
    const ids = others.map(({ id }) => id);
    // The entry is on two of five disks, when three others elect a leader that does not know it …
    network.split([[old.id, keeper.id], ids]);
    const proposal = cluster.propose(old, "a");
    await world.runFor(5);
    network.split([ids]);
    for (const to of ids) network.close({ from: old.id, to });
    const leads = (): Place | undefined =>
      others.find((place) => cluster.on(place).raft.status().role === "leader");
    await world.runUntil(() => leads() !== undefined, { withinMs: 300, what: "one of them leads" });
    const second = leads();
    if (second === undefined) throw new Error("one of them leads");
    // … and makes its first node remove it, but reaches nobody else.
    network.split([[second.id, old.id]]);
    await world.runFor(60);
    const removed = cluster.on(old).storage.batches.flatMap(({ records }) => records);
    expect(removed.map(({ kind }) => kind)).toContain("truncate");
    const rest = ids.filter((id) => id !== second.id);
    network.split([[keeper.id, ...rest]]);
    const keeps = cluster.on(keeper).raft;
    await world.runUntil(() => keeps.status().hasAppliedOwnTerm, {
      withinMs: 1_900,
      what: "the one that kept the entry leads, before its first node gives up waiting",
    });

    network.split([[keeper.id, old.id, ...rest]]);

    expect(await cluster.outcome(proposal)).toMatchObject({ kind: "applied", result: 1 });
  });

  test("when a node stops, what it has appended is indeterminate, and nobody is left waiting", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    cluster.network.isolate(leader.id);
    const { raft } = cluster.on(leader);
    const appended = cluster.propose(leader, "a");
    const read = watch(raft.read());
    await cluster.world.runFor(1);

    await cluster.stop(leader);

    expect(appended.outcome).toEqual({ kind: "indeterminate", cause: "stopped" });
    expect(read.outcome).toEqual({ kind: "unavailable" });
    expect(await raft.propose(new Uint8Array(1))).toEqual({
      kind: "not-leader",
      leaderId: undefined,
    });
  });

  test("once too many bytes are uncommitted, proposals are overloaded until some are committed", async () => {
    const cluster = await DriverCluster.of(3, { uncommittedBytesMax: 1_000 });
    const leader = await cluster.electOne();
    cluster.network.isolate(leader.id);
    const first = cluster.propose(leader, "x".repeat(990));
    await cluster.world.runFor(1);

    const second = cluster.propose(leader, "y");
    await cluster.world.runFor(1);
    cluster.network.heal();
    await cluster.outcome(first);
    const third = await cluster.outcome(cluster.propose(leader, "z"));

    expect(second.outcome).toEqual({ kind: "overloaded" });
    expect(third).toMatchObject({ kind: "applied", result: 2 });
  });

  test("on a disk that is nearly full proposals are overloaded, and reads go on", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    cluster.on(leader).storage.isFull = true;

    const proposal = await cluster.outcome(cluster.propose(leader, "a"));
    const read = await cluster.outcome(watch(cluster.on(leader).raft.read()));

    expect(proposal).toEqual({ kind: "overloaded" });
    expect(read.kind).toBe("ready");
    expect(cluster.on(leader).raft.status().isDiskNearlyFull).toBe(true);
    cluster.on(leader).storage.isFull = false;
    expect(await cluster.outcome(cluster.propose(leader, "b"))).toMatchObject({ kind: "applied" });
    expect(cluster.on(leader).raft.status().isDiskNearlyFull).toBe(false);
  });

  test("a read is ready only when all that was acknowledged before it is applied here", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    const outcome = await cluster.outcome(cluster.propose(leader, "a"));

    const read = await cluster.outcome(watch(cluster.on(leader).raft.read()));

    const index = outcome.kind === "applied" ? outcome.index : -1;
    expect(read.kind === "ready" && read.appliedIndex).toBeGreaterThanOrEqual(index);
    expect(cluster.on(leader).machine.items).toEqual(["a"]);
  });

  test("a leader that was cut off answers no read, whatever others have done meanwhile", async () => {
    const cluster = await DriverCluster.of(3);
    const old = await cluster.electOne();
    cluster.network.isolate(old.id);
    await cluster.world.runFor(50);

    const read = await cluster.outcome(watch(cluster.on(old).raft.read()), { withinMs: 2_000 });

    expect(["not-leader", "unavailable"]).toContain(read.kind);
  });

  test("all reads of a turn ask the followers once", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(200);
    const { raft } = cluster.on(leader);
    const before = cluster.network.sent.length;

    const reads = Array.from({ length: 50 }, () => watch(raft.read()));
    for (const read of reads) await cluster.outcome(read);

    expect(cluster.network.sent.length - before).toBeLessThanOrEqual(8);
  });
});
