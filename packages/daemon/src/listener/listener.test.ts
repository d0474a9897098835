import { closeCodes, subprotocols } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aPort, start } from "../../test/outer/a-port.ts";

describe("upgrades", () => {
  test("the subprotocol is chosen from what is offered, MessagePack first", async () => {
    const { network } = await aPort();
    const offers = [
      [subprotocols.json],
      [subprotocols.json, subprotocols.msgpack],
      ["graphql-ws", subprotocols.json],
    ];

    const chosen = offers.map((offered) => network.judge({ subprotocols: offered }));

    expect(chosen).toEqual([
      { kind: "accept", subprotocol: subprotocols.json },
      { kind: "accept", subprotocol: subprotocols.msgpack },
      { kind: "accept", subprotocol: subprotocols.json },
    ]);
  });

  test("who offers no subprotocol of ours is told which there are", async () => {
    const { network } = await aPort();

    const verdict = network.judge({ subprotocols: ["mqtt"] });

    expect(verdict).toMatchObject({ kind: "refuse", status: 400 });
    expect(JSON.stringify(verdict)).toContain(subprotocols.msgpack);
  });

  test("a web page that is not listed, and a strange host, are refused with 403", async () => {
    const { network } = await aPort();

    const verdicts = [
      network.judge({ headers: { host: "127.0.0.1", origin: "https://evil.example" } }),
      network.judge({ headers: { host: "evil.example" } }),
    ];

    expect(verdicts).toMatchObject([
      { kind: "refuse", status: 403 },
      { kind: "refuse", status: 403 },
    ]);
  });

  test("a listed web page may open a WebSocket", async () => {
    const { network } = await aPort({ settings: { allowOrigins: ["https://console.example"] } });

    const verdict = network.judge({
      headers: { host: "127.0.0.1", origin: "https://console.example" },
    });

    expect(verdict).toMatchObject({ kind: "accept" });
  });

  test("there are no WebSockets anywhere else", async () => {
    const { network } = await aPort();

    expect(network.judge({ path: "/v2" })).toMatchObject({ kind: "refuse", status: 404 });
  });
});

describe("the limit of connections", () => {
  test("one connection more is told so and closed; those within are not harmed; a place that is free is given again", async () => {
    const port = await aPort({ bounds: { connectionsMax: 2 } });
    const [first, second] = [port.client(), port.client()];

    const third = port.network.connect();
    first.leave();
    const fourth = port.client();
    second.say({ kind: "requests", requests: [start(1)] });
    await port.settle();

    expect(third.heard()).toMatchObject([
      { kind: "error", error: { code: "overloaded", retryAfterMs: 100 } },
    ]);
    expect(third.closing?.code).toBe(closeCodes.tooManyConnections);
    expect(fourth.heardOf("welcome").length).toBe(1);
    expect(second.heardOf("answers").length).toBe(1);
  });

  test("those who are being told are bounded, too: the rest is refused at the upgrade", async () => {
    const port = await aPort({ bounds: { connectionsMax: 1, refusalsMax: 2, closeGraceMs: 500 } });
    port.client();
    for (let refused = 0; refused < 2; refused += 1) port.network.connect().isAlive = false;

    const crowded = port.network.judge({});
    await port.platform.advance(500);

    expect(crowded).toMatchObject({ kind: "refuse", status: 503 });
    expect(port.network.judge({})).toMatchObject({ kind: "accept" });
  });
});

describe("leadership", () => {
  test("who is connected is told who leads now, once for each move", async () => {
    const port = await aPort();
    const clients = [port.client(), port.client(subprotocols.msgpack)];
    port.node.follow(undefined);
    port.leadershipMoved();
    await port.settle();
    port.node.follow("n2");
    port.leadershipMoved();
    port.leadershipMoved();

    await port.settle();
    port.leadershipMoved();
    await port.settle();

    const leaders = [null, { name: "n2", clientUrl: "ws://127.0.0.1:7402" }];
    expect(clients.map((client) => client.heardOf("leader").map(({ leader }) => leader))).toEqual([
      leaders,
      leaders,
    ]);
  });

  test("who has not said hello is told nothing", async () => {
    const port = await aPort();
    const client = port.network.connect();
    port.node.follow("n2");

    port.leadershipMoved();
    await port.settle();

    expect(client.heard()).toEqual([]);
  });
});

describe("going away", () => {
  test("a drain says goodbye, waits for what is in flight, and closes", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const [busy, idle] = [port.client(), port.client()];
    busy.say({ kind: "requests", requests: [start(1)] });
    await port.settle();
    let isDrained = false;
    const drained = port.listener.drain().then(() => {
      isDrained = true;
    });
    await port.settle();
    const before = { isDrained, busy: busy.closing?.code, idle: idle.closing?.code };

    port.node.applyAll();
    await port.settle();
    await drained;

    expect(before).toEqual({ isDrained: false, busy: undefined, idle: closeCodes.goingAway });
    expect(busy.heard().map(({ kind }) => kind)).toEqual(["welcome", "goodbye", "answers"]);
    expect(busy.closing?.code).toBe(closeCodes.goingAway);
  });

  test("a drain waits for commands over HTTP, too, and takes no new ones", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const command = {
      method: "POST",
      path: "/v1/command",
      headers: { host: "127.0.0.1", "content-type": "application/json" },
      text: JSON.stringify({ partition: "acme", command: "partition.start" }),
    };
    const early = port.network.request(command);
    await port.settle();
    let isDrained = false;
    const drained = port.listener.drain().then(() => {
      isDrained = true;
    });
    const late = port.network.request(command);
    await port.settle();
    const before = isDrained;

    port.node.applyAll();
    await port.settle();
    await drained;

    expect([before, (await early).status, (await late).status]).toEqual([false, 200, 503]);
    expect(port.node.entries.length).toBe(1);
  });

  test("a drain does not wait for ever", async () => {
    const port = await aPort({ bounds: { drainTimeoutMs: 3_000 } });
    port.node.decidesAtOnce = false;
    port.client().say({ kind: "requests", requests: [start(1)] });
    await port.settle();

    const drained = port.listener.drain();
    await port.platform.advance(3_000);

    await expect(drained).resolves.toBeUndefined();
  });

  test("while it drains, nobody new is let in", async () => {
    const port = await aPort();
    void port.listener.drain();

    expect(port.network.judge({})).toMatchObject({ kind: "refuse", status: 503 });
    expect(port.network.isAccepting).toBe(false);
  });

  test("a close ends everything, with a reason, and waits for nobody who does not answer", async () => {
    const port = await aPort({ bounds: { closeGraceMs: 500 } });
    const [alive, mute] = [port.client(), port.client()];
    mute.isAlive = false;

    const closed = port.listener.close();
    await port.platform.advance(500);
    await closed;

    expect([alive.closing?.code, mute.isTerminated]).toEqual([closeCodes.goingAway, true]);
    expect(port.platform.timersArmed).toBe(0);
  });
});
