import { errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aCluster, aConnectedClient, type Situation, watched } from "../test/situation.ts";
import { RogerdClient } from "./client.ts";

/** The leader dies, and nobody can be elected: the client has n2 and n3 as lookouts. */
async function aMajorityIsLost(): Promise<Situation> {
  const situation = await aConnectedClient();
  const { world, cluster } = situation;
  cluster.node("n1").kill();
  cluster.elect(undefined);
  await world.run(1_000);
  return situation;
}

function revisionsAsked(situation: Situation, name: string): unknown[] {
  return situation.cluster
    .node(name)
    .requests()
    .map(({ revisionMin }) => revisionMin);
}

const isQueued = { command: "roger.isQueued", partition: "p", args: { key: "k" } };

describe("a read for which an older state will do", () => {
  test("is asked of the leader where there is one, with the newest revision that was seen", async () => {
    const situation = await aConnectedClient();
    const { world, client } = situation;

    const first = client.read(isQueued, { stale: true });
    await world.run(10);
    const second = client.read(isQueued, { stale: true });
    await world.run(10);

    const reply = { revision: 7, n: 0, result: { status: "member", before: false } };
    expect([await first, await second]).toEqual([reply, reply]);
    expect(revisionsAsked(situation, "n1")).toEqual([0, 7]);
    expect(world.dialed).toHaveLength(1);
  });

  test("is answered by a follower while nobody leads, and a read that is none of these waits", async () => {
    const { world, client } = await aMajorityIsLost();

    const stale = watched(client.roger().isQueued("p", "k", { stale: true }));
    const newest = watched(client.roger().isQueued("p", "k", { timeoutMs: 2_000 }));
    await world.run(10);
    expect(newest.outcome()).toBe("open");
    await world.run(3_000);

    expect(stale.outcome()).toEqual({ value: false });
    expect(newest.outcome()).toMatchObject({ error: { code: "deadline_exceeded" } });
  });

  test("never goes back behind a write of this client: a node that is behind is passed over", async () => {
    const situation = await aConnectedClient();
    const { world, cluster, client } = situation;
    cluster.node("n1").applied = 9;
    const added = client.roger().isQueued("p", "k", { add: true });
    await world.run(10);
    await added;
    cluster.node("n3").applied = 9;
    cluster.node("n1").kill();
    cluster.elect(undefined);
    await world.run(1_000);

    const stale = client.read(isQueued, { stale: true });
    await world.run(10);

    expect(await stale).toMatchObject({ revision: 9, result: { before: true } });
    expect(revisionsAsked(situation, "n2")).toEqual([9]);
    expect(revisionsAsked(situation, "n3")).toEqual([9]);
  });

  test("where all are behind is repeated until one is not, or its time is up", async () => {
    const situation = await aConnectedClient();
    const { world, cluster, client } = situation;
    cluster.node("n1").applied = 9;
    const added = client.roger().isQueued("p", "k", { add: true });
    await world.run(10);
    await added;
    cluster.node("n1").kill();
    cluster.elect(undefined);
    await world.run(1_000);

    world.seeds = [2 ** 31];
    const inVain = watched(client.read(isQueued, { stale: true, timeoutMs: 1_000 }));
    await world.run(2_000);
    const inTime = watched(client.read(isQueued, { stale: true, timeoutMs: 30_000 }));
    await world.run(100);
    cluster.node("n2").applied = 9;
    await world.run(12_000);

    expect(inVain.outcome()).toMatchObject({
      error: { code: "deadline_exceeded", outcomeKnown: true, cause: { code: "not_leader" } },
    });
    expect(inTime.outcome()).toMatchObject({ value: { revision: 9 } });
    const tries = revisionsAsked(situation, "n2").length;
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(60);
  });

  test("goes to another node when the one that was asked dies or falls silent", async () => {
    const { world, cluster, client } = await aMajorityIsLost();
    for (const name of ["n2", "n3"]) cluster.node(name).judge = () => "ignore";
    const stale = watched(client.read(isQueued, { stale: true }));
    await world.run(10);
    const asked = ["n2", "n3"].filter((name) => cluster.node(name).frames.length > 0);
    const [first = "", second = ""] = asked[0] === "n2" ? ["n2", "n3"] : ["n3", "n2"];

    cluster.node(second).judge = () => "answer";
    cluster.node(first).mute();
    await world.run(3_000);

    expect(asked).toHaveLength(1);
    expect(stale.outcome()).toMatchObject({ value: { revision: 7 } });
  });

  test("goes to the next leader with what was not answered", async () => {
    const { world, cluster, client } = await aMajorityIsLost();
    for (const name of ["n2", "n3"]) cluster.node(name).judge = () => "ignore";
    const stale = watched(client.read(isQueued, { stale: true }));
    await world.run(10);

    for (const name of ["n2", "n3"]) cluster.node(name).judge = () => "answer";
    cluster.elect("n2");
    await world.run(100);
    cluster.elect("n3");
    await world.run(100);

    expect(stale.outcome()).toMatchObject({ value: { revision: 7 } });
  });

  test("is refused as other reads are, and its signal ends it", async () => {
    const { world, cluster, client } = await aMajorityIsLost();
    const notStarted = errorObject("not_started", "no", { partition: "p" });
    for (const name of ["n2", "n3"]) cluster.node(name).judge = () => notStarted;
    const refused = watched(client.roger().isQueued("p", "k", { stale: true }));
    await world.run(10);
    for (const name of ["n2", "n3"]) cluster.node(name).judge = () => "ignore";
    const abort = new AbortController();
    const { signal } = abort;
    const aborted = watched(client.roger().isQueued("p", "k", { stale: true, signal }));
    await world.run(10);

    abort.abort("enough");
    await world.run(10);

    expect(refused.outcome()).toMatchObject({ error: { name: "PartitionNotStartedError" } });
    expect(aborted.outcome()).toEqual({ error: "enough" });
  });

  test("is waited for by drain, and ended by close", async () => {
    const { world, cluster, client } = await aMajorityIsLost();
    for (const name of ["n2", "n3"]) cluster.node(name).judge = () => "ignore";
    const stale = watched(client.read(isQueued, { stale: true }));
    const drained = watched(client.drain());
    await world.run(10);
    expect(drained.outcome()).toBe("open");

    const closed = client.close({ timeoutMs: 100 });
    await world.run(2_000);
    await closed;

    expect(stale.outcome()).toMatchObject({ error: { code: "closed", outcomeKnown: true } });
  });

  test("counts among the open calls", async () => {
    const { world, cluster, client } = await aConnectedClient({ callsOpenMax: 2 });
    cluster.node("n1").judge = () => "ignore";
    void watched(client.read(isQueued));
    void watched(client.read(isQueued, { stale: true }));

    const third = watched(client.read(isQueued, { stale: true }));
    await world.run(10);

    expect(third.outcome()).toMatchObject({ error: { code: "overloaded" } });
  });

  test("must be a read", async () => {
    const { world, cluster, client } = await aConnectedClient();

    const write = watched(client.roger().isExecuting("p", "k", { add: true, stale: true }));
    await world.run(10);

    expect(write.outcome()).toMatchObject({ error: { code: "invalid_argument", path: "stale" } });
    expect(cluster.executed).toEqual([]);
  });
});

describe("a client that connects to any node", () => {
  test("reads what is there while nobody leads, and has a session once somebody does", async () => {
    const { world, cluster } = aCluster();
    cluster.node("n1").kill();
    cluster.leader = undefined;
    const { endpoints } = cluster;

    const connecting = RogerdClient.connect(world, { endpoints, until: "node" });
    await world.run(10);
    const client = await connecting;
    const stale = client.read(isQueued, { stale: true });
    const write = watched(client.roger().isQueued("p", "k", { add: true }));
    await world.run(1_000);
    expect(await stale).toMatchObject({ revision: 7 });
    expect(write.outcome()).toBe("open");
    cluster.elect("n2");
    await world.run(100);

    expect(write.outcome()).toEqual({ value: false });
    expect(client.session).toEqual({ state: "live", id: 1 });
  });
});

describe("a client without a session", () => {
  test("reads what may be stale and watches, and nothing of it is in the log; all else is refused", async () => {
    const { world, cluster } = aCluster();
    const { endpoints } = cluster;

    const connecting = RogerdClient.connect(world, { endpoints, session: "none" });
    await world.run(10);
    const client = await connecting;
    const stale = client.read(isQueued, { stale: true });
    const newest = watched(client.read(isQueued));
    const write = watched(client.roger().isQueued("p", "k", { add: true }));
    const watch = client.watch();
    await world.run(1_000);

    expect(await stale).toMatchObject({ revision: 7 });
    const refused = { error: { code: "invalid_argument", path: "session" } };
    expect([newest.outcome(), write.outcome()]).toMatchObject([refused, refused]);
    const asked = ["n1", "n2", "n3"].flatMap((name) => cluster.node(name).requests());
    expect(asked.map(({ command }) => command).sort()).toEqual(["roger.isQueued", "watch"]);
    expect(client.session).toEqual({ state: "opening", id: undefined });
    await watch.return();
  });
});
