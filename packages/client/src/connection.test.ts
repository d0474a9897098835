import { encodeFrame, subprotocols } from "@rogerd/protocol";
import { expect, test } from "vitest";
import { aConnectedClient, watched } from "../test/situation.ts";
import { VirtualWorld, type Wire } from "../test/virtual-world.ts";
import { RogerdClient } from "./client.ts";

test("a half-open socket is found by two ping intervals of silence, and the calls go elsewhere", async () => {
  const { world, cluster, client } = await aConnectedClient({ pingIntervalMs: 1_000 });
  cluster.node("n1").mute();
  cluster.leader = "n2";

  const call = watched(client.roger().cancelJob("p", "j"));
  await world.run(1_900);
  expect(call.outcome()).toBe("open");
  await world.run(1_500);

  expect(call.outcome()).toEqual({ value: undefined });
  expect(
    cluster
      .node("n2")
      .requests()
      .map(({ seq }) => seq),
  ).toEqual([1]);
});

test("a leader that is frozen while a call waits is left within three seconds; the call is executed once", async () => {
  const { world, cluster, client } = await aConnectedClient();
  await world.run(60_000);
  const node = cluster.node("n1");
  node.judge = () => "execute-silently";
  const call = watched(client.roger().cancelJob("p", "j"));
  await world.run(2);
  node.mute();
  cluster.leader = "n2";

  await world.run(2_000);
  expect(call.outcome()).toBe("open");
  await world.run(1_000);

  expect(call.outcome()).toEqual({ value: undefined });
  expect(cluster.executed).toEqual(["roger.cancelJob j"]);
});

test("a leader that only takes long to answer is not left: it answers pings", async () => {
  const { world, cluster, client } = await aConnectedClient();
  cluster.node("n1").judge = ({ command }) =>
    command === "session.keepalive" ? "answer" : "ignore";

  const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 40_000 }));
  await world.run(30_000);

  expect(call.outcome()).toBe("open");
  expect(world.dialed.length).toBe(1);
});

test("a quiet connection stays: pings are answered", async () => {
  const { world, client } = await aConnectedClient({ pingIntervalMs: 1_000 });

  await world.run(60_000);

  expect(world.dialed.length).toBe(1);
  expect(client.session.state).toBe("live");
});

function aNodeThat(says: (wire: Wire) => void): VirtualWorld {
  const world = new VirtualWorld();
  world.listen("ws://127.0.0.1:7401/v1", (wire) => ({
    received: () => says(wire),
    closed: () => undefined,
  }));
  return world;
}

const garbage = Uint8Array.from([0x93, 0x01]);
const pong = encodeFrame(subprotocols.msgpack, { kind: "pong", id: 1 });

test.each([
  ["speaks garbage", (wire: Wire) => wire.send(garbage)],
  ["greets with something else", (wire: Wire) => wire.send(pong)],
  ["says nothing", () => undefined],
  ["closes at once", (wire: Wire) => wire.close(1011)],
])("a node that %s is left, and harms nobody", async (_name, says) => {
  const world = aNodeThat(says);

  const connecting = watched(
    RogerdClient.connect(world, { endpoints: ["127.0.0.1:7401"], timeoutMs: 20_000 }),
  );
  await world.run(30_000);

  expect(connecting.outcome()).toMatchObject({ error: { code: "deadline_exceeded" } });
  expect(world.dialed.length).toBeGreaterThan(1);
  expect(world.timersRunning).toBe(0);
});

test("an unforeseen welcome in the middle changes nothing", async () => {
  const { world, cluster, client } = await aConnectedClient();
  cluster.node("n1").say({
    kind: "welcome",
    protocol: 1,
    clusterId: "c9",
    node: "n9",
    leader: null,
    limits: { frameBytesMax: 1, callsInFlightMax: 1 },
  });
  await world.run(10);

  const call = watched(client.roger().cancelJob("p", "j"));
  await world.run(10);

  expect(call.outcome()).toEqual({ value: undefined });
  expect(client.clusterId).toBe("c1");
  expect(world.dialed.length).toBe(1);
});
