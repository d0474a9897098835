import { errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { FakeCluster } from "../test/fake-cluster.ts";
import { aCluster, aConnectedClient, watched } from "../test/situation.ts";
import { RogerdClient } from "./client.ts";

const n1 = "ws://127.0.0.1:7401/v1";
const n2 = "ws://127.0.0.1:7402/v1";
const n3 = "ws://127.0.0.1:7403/v1";

describe("connecting", () => {
  test("to a follower goes on to the leader it names at once", async () => {
    const { world, cluster } = aCluster();
    cluster.leader = "n3";

    const connecting = RogerdClient.connect(world, { endpoints: [n1] });
    await world.run(20);

    const client = await connecting;
    expect(world.dialed).toEqual([n1, n3]);
    expect(client.session).toEqual({ state: "live", id: 1 });
    expect(cluster.node("n1").connections).toBe(0);
  });

  test("passes over a node that is down without waiting", async () => {
    const { world, cluster } = aCluster();
    cluster.node("n1").kill();
    cluster.leader = "n2";

    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(20);

    expect(world.dialed).toEqual([n1, n2]);
    expect(connecting.outcome()).not.toBe("open");
  });

  test("does not wait for a node that takes the call and says nothing", async () => {
    const { world, cluster } = aCluster();
    cluster.node("n1").mute();
    cluster.leader = "n2";

    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(300);

    expect(world.dialed).toEqual([n1, n2]);
    expect(connecting.outcome()).not.toBe("open");
  });

  test("waits at the followers while nobody leads, and follows the news at once", async () => {
    const { world, cluster } = aCluster();
    cluster.leader = undefined;
    world.seeds = [2 ** 32 - 1];
    const connecting = watched(
      RogerdClient.connect(world, {
        endpoints: cluster.endpoints,
        backOff: { firstMs: 5_000, longestMs: 5_000 },
      }),
    );
    await world.run(1_000);
    expect(world.dialed).toEqual([n1, n2, n3]);

    cluster.elect("n2");
    await world.run(10);

    expect(connecting.outcome()).not.toBe("open");
    expect(world.dialed).toEqual([n1, n2, n3]);
  });

  test("does not wait for a dial that was lost, once others say that its node leads", async () => {
    const { world, cluster } = aCluster(["n1", "n2"]);
    cluster.leader = undefined;
    cluster.node("n2").mute();
    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(1_000);
    expect(world.dialed).toEqual([n1, n2]);

    cluster.node("n2").restart();
    cluster.elect("n2");
    await world.run(10);

    expect(world.dialed).toEqual([n1, n2, n2]);
    expect(connecting.outcome()).not.toBe("open");
  });

  test("dials a node that is said to lead no second time while the first is young", async () => {
    const { world, cluster } = aCluster(["n1", "n2"]);
    cluster.leader = "n2";
    cluster.node("n2").mute();
    watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(100);

    cluster.elect("n2");
    await world.run(100);

    expect(world.dialed).toEqual([n1, n2]);
  });

  test("goes to members that it was told of when all that it was given are gone", async () => {
    const { world, cluster } = aCluster();
    cluster.leader = "n1";
    cluster.membersTold = ["n1", "n2", "n3"];
    const connecting = watched(RogerdClient.connect(world, { endpoints: [n1] }));
    await world.run(100);
    expect(connecting.outcome()).not.toBe("open");
    expect(world.dialed).toEqual([n1]);

    cluster.leader = "n3";
    cluster.node("n1").kill();
    await world.run(1_000);

    expect(world.dialed.slice(-2)).toEqual([n2, n3]);
    expect(cluster.node("n3").connections).toBe(1);
  });

  test("hears of a change of members from the node that it is at, and asks no more who has left", async () => {
    const { world, cluster } = aCluster();
    cluster.leader = "n1";
    cluster.membersTold = ["n1", "n2"];
    watched(RogerdClient.connect(world, { endpoints: [n1] }));
    await world.run(100);

    cluster.membersTold = ["n1", "n3"];
    cluster.tellAll();
    await world.run(10);
    cluster.leader = "n3";
    cluster.node("n1").kill();
    await world.run(1_000);

    expect(world.dialed).not.toContain(n2);
    expect(cluster.node("n3").connections).toBe(1);
  });

  test("asks anew when all are connected and none has any news", async () => {
    const { world, cluster } = aCluster();
    cluster.leader = undefined;
    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(1_000);

    cluster.leader = "n2";
    await world.run(10_000);

    expect(connecting.outcome()).not.toBe("open");
  });

  test("to nobody is given up after timeoutMs, with the last failure as its cause", async () => {
    const { world } = aCluster([]);

    const connecting = watched(
      RogerdClient.connect(world, { endpoints: ["h:1"], timeoutMs: 3_000 }),
    );
    await world.run(2_999);
    expect(connecting.outcome()).toBe("open");
    await world.run(1);

    expect(connecting.outcome()).toMatchObject({
      error: { code: "deadline_exceeded", cause: { code: "unavailable" } },
    });
    await world.run(10_000);
    expect(world.timersRunning).toBe(0);
  });

  test("is given up with the reason of its signal", async () => {
    const { world, cluster } = aCluster();
    cluster.leader = undefined;
    const controller = new AbortController();
    const connecting = watched(
      RogerdClient.connect(world, { endpoints: cluster.endpoints, signal: controller.signal }),
    );
    await world.run(100);

    controller.abort(new Error("enough"));
    await world.run(5_000);

    expect(connecting.outcome()).toEqual({ error: new Error("enough") });
    expect(world.timersRunning).toBe(0);
  });

  test("to endpoints that make no sense is refused at once", async () => {
    const { world } = aCluster([]);

    const strange = RogerdClient.connect(world, { endpoints: ["http://x"] });
    const none = RogerdClient.connect(world, { endpoints: [] });

    await expect(strange).rejects.toMatchObject({
      code: "invalid_argument",
      path: "endpoints[0]",
    });
    await expect(none).rejects.toMatchObject({ code: "invalid_argument", path: "endpoints" });
    expect(world.dialed).toEqual([]);
  });
});

describe("a node that will never take this client", () => {
  test("because it belongs to another cluster is refused, and connect rejects when all do", async () => {
    const { world, cluster } = aCluster();

    const connecting = watched(
      RogerdClient.connect(world, { endpoints: cluster.endpoints, clusterId: "another" }),
    );
    await world.run(1_000);

    expect(connecting.outcome()).toMatchObject({ error: { code: "forbidden" } });
    expect(cluster.node("n1").requests()).toEqual([]);
  });

  test("because the credential is wrong makes connect reject at once", async () => {
    const { world, cluster } = aCluster(["n1"]);
    cluster.node("n1").credential = "right";

    const wrong = watched(
      RogerdClient.connect(world, { endpoints: cluster.endpoints, credential: "wrong" }),
    );
    const right = watched(
      RogerdClient.connect(world, { endpoints: cluster.endpoints, credential: "right" }),
    );
    await world.run(1_000);

    expect(wrong.outcome()).toMatchObject({ error: { name: "UnauthenticatedError" } });
    expect(right.outcome()).toMatchObject({ value: expect.any(RogerdClient) });
  });

  test("is what connect rejects with, once the time is up, where no other node was reached", async () => {
    const { world, cluster } = aCluster(["n1", "n2"]);
    cluster.node("n1").credential = "right";
    cluster.node("n2").kill();
    const { endpoints } = cluster;

    const connecting = watched(
      RogerdClient.connect(world, { endpoints, credential: "wrong", timeoutMs: 8_000 }),
    );
    await world.run(7_000);
    expect(connecting.outcome()).toBe("open");
    await world.run(2_000);

    expect(connecting.outcome()).toMatchObject({
      error: {
        name: "UnauthenticatedError",
        outcomeKnown: true,
        cause: { name: "DeadlineExceededError" },
      },
    });
  });

  test("is waited out while credentials change node by node, and others come back", async () => {
    const { world, cluster } = aCluster(["n1", "n2"]);
    cluster.node("n1").credential = "old";
    cluster.node("n2").kill();
    cluster.leader = "n2";
    const { endpoints } = cluster;

    const connecting = watched(RogerdClient.connect(world, { endpoints, credential: "new" }));
    await world.run(10_000);
    cluster.node("n2").restart();
    await world.run(10_000);

    expect(connecting.outcome()).toMatchObject({ value: expect.any(RogerdClient) });
  });

  test("is not what a time that is up is about, where another node takes us and nobody leads", async () => {
    const { world, cluster } = aCluster(["n1", "n2"]);
    cluster.node("n1").credential = "right";
    cluster.leader = undefined;
    const { endpoints } = cluster;

    const connecting = watched(RogerdClient.connect(world, { endpoints, timeoutMs: 3_000 }));
    await world.run(4_000);

    expect(connecting.outcome()).toMatchObject({ error: { code: "deadline_exceeded" } });
  });

  test("is the cause where the time of a call is up, also when another one failed after it", async () => {
    const { world, cluster, client } = await aConnectedClient({ until: "node" }, ["n1", "n2"]);
    cluster.node("n1").credential = "another";
    cluster.node("n1").hangUp(1_006);
    cluster.node("n2").kill();
    await world.run(5_000);

    const read = watched(client.roger().isQueued("p", "k", { timeoutMs: 3_000 }));
    const stale = watched(client.roger().isQueued("p", "k", { timeoutMs: 3_000, stale: true }));
    await world.run(4_000);

    const error = { code: "deadline_exceeded", cause: { code: "unauthenticated" } };
    expect([read.outcome(), stale.outcome()]).toMatchObject([{ error }, { error }]);
  });

  test("is passed over when another one does", async () => {
    const { world, cluster } = aCluster();
    cluster.node("n1").credential = "other";
    cluster.leader = "n2";

    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(1_000);

    expect(connecting.outcome()).toMatchObject({ value: expect.any(RogerdClient) });
  });

  test("a cluster that takes the place of the first one is not spoken to", async () => {
    const { world, cluster, client } = await aConnectedClient({}, ["n1"]);
    cluster.node("n1").kill();
    const stranger = new FakeCluster(world, { clusterId: "c2", names: ["n1"] });
    await world.run(5);

    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 3_000 }));
    await world.run(4_000);

    expect(call.outcome()).toMatchObject({
      error: { code: "deadline_exceeded", outcomeKnown: true, cause: { code: "forbidden" } },
    });
    expect(stranger.node("n1").hellos[0]?.clusterId).toBe("c1");
    expect(stranger.node("n1").requests()).toEqual([]);
  });
});

describe("fail-over", () => {
  test("takes little more than the election: the news of a lookout is followed at once", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").kill();
    cluster.leader = undefined;
    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(200);
    expect(call.outcome()).toBe("open");

    cluster.elect("n3");
    await world.run(10);

    expect(call.outcome()).toEqual({ value: undefined });
  });

  test("the only node there is is dialed again at once", async () => {
    const { world, cluster, client } = await aConnectedClient({}, ["n1"]);
    cluster.node("n1").kill();
    cluster.node("n1").restart();

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(10);

    expect(call.outcome()).toEqual({ value: undefined });
  });

  test("an answer not_leader leads to the one it names, with the same number", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.leader = "n2";

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(10);

    expect(call.outcome()).toEqual({ value: undefined });
    expect(
      cluster
        .node("n1")
        .requests()
        .map(({ seq }) => seq),
    ).toEqual([1]);
    expect(
      cluster
        .node("n2")
        .requests()
        .map(({ seq }) => seq),
    ).toEqual([1]);
  });

  test("what a leader asked to wait for binds nobody at the next one", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const wait = { retryAfterMs: 5_000 };
    cluster.node("n1").judge = () => errorObject("unavailable", "handing over", wait);
    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(100);
    expect(call.outcome()).toBe("open");

    cluster.elect("n2");
    await world.run(20);

    expect(call.outcome()).toEqual({ value: undefined });
  });

  test("what the old leader has not answered goes to the new one, though the old one is still there", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => "execute-silently";
    const call = watched(client.roger().isExecuting("p", "k", { add: true }));
    await world.run(10);

    cluster.elect("n2");
    await world.run(20);

    expect(call.outcome()).toEqual({ value: false });
    expect(cluster.executed).toEqual(["roger.isExecuting k"]);
    expect(cluster.node("n1").connections).toBe(0);
  });

  test("answers to calls in flight still count after the leader ceased", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    node.judge = () => "execute-silently";
    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(10);

    cluster.elect(undefined);
    const id = node.requests()[0]?.id;
    node.say({ kind: "answers", answers: [{ id, revision: 9, n: 0, result: { status: "ok" } }] });
    await world.run(10);

    expect(call.outcome()).toEqual({ value: undefined });
  });

  test("a node that says goodbye gets no new calls", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").say({ kind: "goodbye", reason: "stopping" });
    await world.run(5);

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(20);
    expect(call.outcome()).toBe("open");
    cluster.elect("n2");
    await world.run(20);

    expect(call.outcome()).toEqual({ value: undefined });
    expect(cluster.node("n1").requests()).toEqual([]);
  });

  test("a leader that never answers session.open is looked for elsewhere", async () => {
    const { world, cluster } = aCluster();
    cluster.node("n1").judge = () => "ignore";
    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(4_000);
    cluster.leader = "n2";
    await world.run(2_000);

    expect(connecting.outcome()).toMatchObject({ value: expect.any(RogerdClient) });
  });

  test("the same node, leading again, is used again on the same connection", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.elect(undefined);
    await world.run(10);
    const dialed = world.dialed.length;
    cluster.elect("n1");
    await world.run(10);

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(10);

    expect(call.outcome()).toEqual({ value: undefined });
    expect(world.dialed.filter((url) => url === n1)).toEqual([n1]);
    expect(world.dialed.length).toBe(dialed);
  });

  test("a leader that is lost as soon as it is found is not dialed in a hurry", async () => {
    const { world, cluster } = aCluster(["n1"]);
    world.seeds = [2 ** 32 - 1];
    const node = cluster.node("n1");
    node.judge = () => {
      node.kill();
      node.restart();
      return "ignore";
    };

    const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
    await world.run(25_000);

    expect(connecting.outcome()).toBe("open");
    expect(world.dialed.length).toBeLessThan(14);
  });

  test.each([
    ["itself", { name: "n1", clientUrl: n1 }],
    ["nobody", null],
  ])(
    "a leader that says for a while that it does not lead, %s does, is found again, though another node stays dead",
    async (_, leader) => {
      const { world, cluster, client } = await aConnectedClient();
      cluster.node("n3").kill();
      const node = cluster.node("n1");
      // A hand-over to the dead node, as daemons answered while it lasted, and nobody announces that it is over.
      node.judge = () => errorObject("not_leader", "this node does not lead", { leader });
      const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 20_000 }));
      await world.run(600);

      node.judge = () => "answer";
      await world.run(10_000);

      expect(call.outcome()).toEqual({ value: undefined });
    },
  );

  test("a node that announces what it has answered is trusted, and not dialed anew", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => errorObject("not_leader", "not the leader", { leader: null });
    watched(client.roger().cancelJob("p", "j"));
    await world.run(1);
    cluster.elect(undefined);

    await world.run(3_000);

    expect(world.dialed).toEqual([n1, n2, n3]);
  });

  test("a leader that refuses every call with not_leader and names nobody is not asked in a hurry", async () => {
    const { world, cluster, client } = await aConnectedClient({}, ["n1"]);
    world.seeds = [2 ** 32 - 1];
    cluster.node("n1").judge = () => errorObject("not_leader", "not the leader", { leader: null });

    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 20_000 }));
    await world.run(25_000);

    expect(call.outcome()).toMatchObject({
      error: { outcomeKnown: true, cause: { code: "not_leader" } },
    });
    expect(world.dialed.length).toBeLessThan(14);
  });
});

test("what happens to the connection is told as events, and nobody has to listen", async () => {
  const { world, cluster, client } = await aConnectedClient();
  const events = client.events();
  cluster.node("n1").kill();
  cluster.elect("n2");
  await world.run(100);

  expect((await events.next()).value).toMatchObject({ kind: "disconnected", endpoint: n1 });
  expect((await events.next()).value).toEqual({ kind: "connected", endpoint: n2, node: "n2" });
  await events.return?.();
  expect(await events.next()).toEqual({ done: true, value: undefined });
});
