// Three whole nodes that agree, lose their leader, and agree again.
import { describe, expect, test } from "vitest";
import { DriverCluster, watch } from "../driver-cluster.ts";

/** A run with an election, a write and a killed leader, as the messages it sent. */
async function aRun(): Promise<string> {
  const cluster = await DriverCluster.of(3);
  const leader = await cluster.electOne();
  await cluster.outcome(cluster.propose(leader, "a"));
  cluster.kill(leader);
  await cluster.electOne();
  return JSON.stringify(cluster.network.sent);
}

describe("three nodes", () => {
  test("what the leader acknowledges is applied on all nodes in the same order", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();

    const proposals = ["a", "b", "c"].map((text) => cluster.propose(leader, text));
    const outcomes = await Promise.all(proposals.map((proposal) => cluster.outcome(proposal)));
    await cluster.agree(["a", "b", "c"]);

    expect(outcomes.map((outcome) => outcome.kind === "applied" && outcome.result)).toEqual([
      1, 2, 3,
    ]);
  });

  test("all proposals of a turn become one write", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(100);
    const { storage } = cluster.on(leader);
    const before = storage.batches.length;

    const texts = Array.from({ length: 100 }, (_, position) => `item ${position}`);
    const proposals = texts.map((text) => cluster.propose(leader, text));
    for (const proposal of proposals) await cluster.outcome(proposal);

    expect(storage.batches.length - before).toBe(1);
    expect(storage.batches.at(-1)?.records).toHaveLength(100);
  });

  test("appends leave for the followers before the leader's own write has finished", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(100);
    cluster.on(leader).storage.writeMs = 40;
    const startedAt = cluster.world.now;

    const proposal = cluster.propose(leader, "a");
    await cluster.outcome(proposal);

    const appends = cluster.network.sent.filter(
      ({ at, message }) =>
        at >= startedAt && message.kind === "append-entries" && message.entries.length > 0,
    );
    expect(appends.map(({ at }) => at - startedAt)).toEqual([0, 0]);
    // 1 ms there, 2 ms write, 1 ms back: the followers are a majority with nobody's help but theirs.
    expect(cluster.world.now - startedAt).toBeLessThan(40);
  });

  test("a stopped leader is replaced, and what it acknowledged stays", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.outcome(cluster.propose(leader, "a"));

    await cluster.stop(leader);
    const next = await cluster.electOne();
    const outcome = await cluster.outcome(cluster.propose(next, "b"));
    await cluster.agree(["a", "b"]);

    expect(next).not.toBe(leader);
    expect(outcome).toMatchObject({ kind: "applied", result: 2 });
  });

  test("a killed leader is replaced in a fraction of the election timeout, by its closed connection", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(1_000);
    const killedAt = cluster.world.now;

    cluster.kill(leader);
    await cluster.electOne();

    expect(cluster.world.now - killedAt).toBeLessThan(100);
  });

  test("a follower answers not-leader and names the leader", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.world.runFor(100);
    const [follower] = cluster.followersOf(leader);

    const outcome = follower && (await cluster.outcome(cluster.propose(follower, "a")));

    expect(outcome).toEqual({ kind: "not-leader", leaderId: leader.id });
  });

  test("leadership goes to the node it is handed to, on request", async () => {
    const cluster = await DriverCluster.of(3);
    const leader = await cluster.electOne();
    await cluster.outcome(cluster.propose(leader, "a"));
    const [heir] = cluster.followersOf(leader);

    const { raft } = cluster.on(leader);
    const transfer = await cluster.outcome(watch(raft.transferLeadership({ nodeId: heir?.id })));
    const next = await cluster.electOne();

    expect(transfer).toEqual({ kind: "done" });
    expect(next.id).toBe(heir?.id);
    expect(cluster.on(next).machine.items).toEqual(["a"]);
  });

  test("the same run twice gives the same messages at the same times", async () => {
    expect(await aRun()).toBe(await aRun());
  });
});

describe("a single node", () => {
  test("elects itself, acknowledges only what is on its disk, and finds it again", async () => {
    const cluster = await DriverCluster.of(1);
    const alone = await cluster.electOne();
    const proposal = cluster.propose(alone, "a");
    await cluster.world.runFor(1);
    expect(proposal.outcome).toBeUndefined();

    await cluster.outcome(proposal);
    cluster.kill(alone);
    await cluster.start(alone);
    await cluster.electOne();

    expect(cluster.on(alone).machine.items).toEqual(["a"]);
  });

  test("nothing is applied and nobody is told anything before its owner has the node in hand", async () => {
    const cluster = await DriverCluster.of(1);
    const alone = await cluster.electOne();
    await cluster.outcome(cluster.propose(alone, "a"));
    await cluster.outcome(cluster.propose(alone, "b"));
    await cluster.stop(alone);

    const { machine, observed } = await cluster.start(alone);
    const before = [machine.applied.length, observed.configurations.length, observed.roles.length];
    await cluster.world.runFor(0);

    expect(before).toEqual([0, 0, 0]);
    expect(machine.items).toContain("a");
    expect(observed.configurations).toHaveLength(1);
  });

  test("a first configuration is refused where there is a log already", async () => {
    const cluster = await DriverCluster.of(1);

    const second = cluster.on(cluster.at(0)).raft.bootstrap(cluster.configuration);

    await expect(second).rejects.toThrow("empty log");
  });
});
