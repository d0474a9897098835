// Disks that hang or fail, and loops that were blocked.
import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../../src/core/assert.ts";
import { DiskStalledError, WriteFailedError } from "../../src/node/failures.ts";
import { DriverCluster } from "../driver-cluster.ts";

describe("a hung disk", () => {
  test("makes the leader step down, so that another leads, and then ends it", async () => {
    const cluster = await DriverCluster.of(3, { diskStallTimeoutMs: 3_000 });
    const old = await cluster.electOne();
    const { raft, storage, observed } = cluster.on(old);
    storage.behaviour = "hangs";
    const proposal = cluster.propose(old, "a");

    const next = await cluster.electOne(cluster.followersOf(old));
    const steppedDown = raft.status();
    await cluster.world.runFor(3_000);

    expect(next).not.toBe(old);
    expect(steppedDown).toMatchObject({ role: "follower", isDiskStalled: true });
    expect(observed.failures).toEqual([expect.any(DiskStalledError)]);
    expect(await cluster.outcome(proposal)).toMatchObject({ kind: "applied" });
  });

  test("that comes back in time is forgiven", async () => {
    const cluster = await DriverCluster.of(3, { diskStallTimeoutMs: 3_000 });
    const old = await cluster.electOne();
    const { raft, storage, observed } = cluster.on(old);
    storage.behaviour = "hangs";
    cluster.propose(old, "a");
    await cluster.electOne(cluster.followersOf(old));

    storage.recover();
    await cluster.world.runFor(4_000);
    await cluster.agree(["a"]);

    expect(raft.status().isDiskStalled).toBe(false);
    expect(observed.failures).toEqual([]);
  });
});

describe("a failing write", () => {
  test("ends the node at once, and nothing leaves it afterwards", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    const { storage, observed } = cluster.on(leader);
    storage.behaviour = "fails";
    const proposal = cluster.propose(leader, "a");
    await cluster.world.runUntil(() => observed.failures.length > 0, {
      withinMs: 100,
      what: "the write has failed",
    });
    const failedAt = cluster.network.sent.length;
    storage.behaviour = "writes";

    await cluster.world.runFor(2_000);

    const sentBy = cluster.network.sent.slice(failedAt).map(({ message }) => message.from);
    expect(observed.failures).toEqual([expect.any(WriteFailedError)]);
    expect(sentBy).not.toContain(leader.id);
    expect(proposal.outcome).toEqual({ kind: "indeterminate", cause: "stopped" });
  });

  test("that is a bug of ours is told as a bug, not as a fault of the disk", async () => {
    const cluster = await DriverCluster.of(1);
    const leader = await cluster.electOne();
    const { storage, observed } = cluster.on(leader);
    storage.behaviour = "fails";
    storage.problem = new InvariantViolation("not true: a test has no bugs");
    void cluster.propose(leader, "a");

    await cluster.world.runFor(100);

    expect(observed.failures).toEqual([storage.problem]);
  });

  test("of a follower: it acknowledges nothing of what it could not write", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(100);
    const [broken, fine] = cluster.followersOf(leader);
    if (broken === undefined || fine === undefined) throw new Error("there are two followers");
    cluster.on(broken).storage.behaviour = "fails";
    cluster.network.isolate(fine.id);
    const before = cluster.network.sent.length;

    const proposal = cluster.propose(leader, "a");
    await cluster.world.runFor(200);

    const acknowledged = cluster.network.sent
      .slice(before)
      .filter(({ message }) => message.kind === "append-accepted" && message.from === broken.id);
    expect(acknowledged).toEqual([]);
    expect(proposal.outcome).toBeUndefined();
  });
});

describe("a blocked loop", () => {
  test("reads what its sockets hold before it takes the silence for a dead leader (J5)", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(500);
    const [sleeper] = cluster.followersOf(leader);
    if (sleeper === undefined) throw new Error("there is a follower");
    const before = cluster.network.sent.length;

    // Each time a little longer than any election timeout: the timer is due, heartbeats are waiting.
    for (let nap = 0; nap < 10; nap += 1) {
      cluster.on(sleeper).process.block(620);
      await cluster.world.runFor(800);
    }

    const asked = cluster.network.sent
      .slice(before)
      .filter(({ message }) => message.kind === "request-pre-vote");
    expect(asked).toEqual([]);
    expect(cluster.leader).toBe(leader);
  });

  test("does not blame the disk for a write that was under way (a suspended machine)", async () => {
    const cluster = await DriverCluster.of(1);
    const alone = await cluster.electOne();
    const { observed, process } = cluster.on(alone);
    const proposal = cluster.propose(alone, "a");
    await cluster.world.runFor(0.5);

    process.block(60_000);
    await cluster.world.runFor(60_100);

    expect(observed.failures).toEqual([]);
    expect(proposal.outcome).toMatchObject({ kind: "applied" });
  });

  test("completions that come after the end are not listened to (J4)", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    const { raft, observed } = cluster.on(leader);
    cluster.propose(leader, "a");
    await cluster.world.runFor(1);

    await cluster.stop(leader);
    const sent = cluster.network.sent.length;
    await cluster.world.runFor(10);

    const after = cluster.network.sent.slice(sent).map(({ message }) => message.from);
    expect(after).not.toContain(leader.id);
    expect(observed.failures).toEqual([]);
    expect(await raft.read()).toEqual({ kind: "unavailable" });
  });
});
