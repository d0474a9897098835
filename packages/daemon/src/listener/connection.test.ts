import { sessionId } from "@rogerd/global-state";
import { type ClientFrame, closeCodes, type DaemonFrame, subprotocols } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aPort, open, openIds, pause, paused, start } from "../../test/outer/a-port.ts";
import { VirtualClient } from "../../test/outer/virtual-network.ts";
import { VirtualPlatform } from "../../test/outer/virtual-platform.ts";
import { silentLog } from "../observe/log.ts";
import { Credentials } from "../session/credentials.ts";
import { Keepers } from "../session/keepers.ts";
import { Sessions } from "../session/sessions.ts";
import { defaultBounds } from "./bounds.ts";
import { Connection } from "./connection.ts";
import { FlushTurn } from "./flush-turn.ts";

const hello = { kind: "hello", protocol: 1, client: "test" } as const;

/** What the daemon said last, and how it closed. */
function ending(client: VirtualClient): { says: string | undefined; code: number | undefined } {
  const last: DaemonFrame | undefined = client.heard().at(-1);
  const says = last?.kind === "error" ? last.error.code : last?.kind;
  return { says, code: client.closing?.code };
}

function encoded(frame: ClientFrame): string {
  return JSON.stringify(frame);
}

/** A connection with nothing around it but its sessions. */
function aLoneConnection() {
  const platform = new VirtualPlatform();
  const sessions = new Sessions();
  const closedWith: unknown[] = [];
  const bounds = defaultBounds;
  const connection = new Connection({
    socket: new VirtualClient("test", subprotocols.json),
    subprotocol: subprotocols.json,
    serial: 1,
    circle: {
      platform,
      bounds,
      log: silentLog,
      router: { receive: () => undefined },
      sessions,
      leases: { closed: (heard) => closedWith.push(heard) },
      keepers: new Keepers(bounds),
      watches: { gone: () => undefined },
      reception: {
        self: { clusterId: () => "c1", name: "n1", version: "0.1.0" },
        credentials: new Credentials({ expected: undefined, platform }),
        bounds,
        leader: () => null,
        members: () => [],
      },
      turn: new FlushTurn(),
      ended: () => undefined,
    },
  });
  return { connection, sessions, platform, closedWith };
}

describe("opening", () => {
  test("a hello is welcomed with cluster, node, leader, members and limits", async () => {
    const port = await aPort();

    const client = port.client();

    expect(client.heard()).toEqual([
      {
        kind: "welcome",
        protocol: 1,
        clusterId: "c1",
        node: "n1",
        leader: { name: "n1", clientUrl: "ws://127.0.0.1:7401" },
        members: [
          { name: "n1", clientUrl: "ws://127.0.0.1:7401" },
          { name: "n2", clientUrl: "ws://127.0.0.1:7402" },
        ],
        limits: { frameBytesMax: 4 * 1024 * 1024, callsInFlightMax: 4096 },
      },
    ]);
  });

  test("a newer client is welcomed in the version that both speak", async () => {
    const port = await aPort();
    const client = port.network.connect();

    client.say({ ...hello, protocol: 9 });

    expect(client.heard()).toMatchObject([{ kind: "welcome", protocol: 1 }]);
  });

  test.each([
    ["requests before the hello", { kind: "requests", requests: [start(1)] } as const],
    ["a ping before the hello", { kind: "ping", id: 1 } as const],
  ])("%s end the connection", async (_, frame) => {
    const port = await aPort();
    const client = port.network.connect();

    client.say(frame);
    await port.settle();

    expect(ending(client)).toEqual({ says: "invalid_argument", code: closeCodes.malformedFrame });
    expect(port.node.entries).toEqual([]);
  });

  test("a second hello ends the connection", async () => {
    const port = await aPort();
    const client = port.client();

    client.say(hello);

    expect(ending(client)).toEqual({ says: "invalid_argument", code: closeCodes.malformedFrame });
  });

  test.each([
    ["another cluster", { credential: "secret", clusterId: "c2" }, "forbidden", "otherCluster"],
    [
      "a version too old",
      { credential: "secret", protocol: 0 },
      "version_mismatch",
      "versionMismatch",
    ],
    ["a wrong credential", { credential: "x" }, "unauthenticated", "unauthenticated"],
    ["no credential", {}, "unauthenticated", "unauthenticated"],
  ] as const)("a hello with %s is refused with a reason", async (_, wrong, says, code) => {
    const port = await aPort({ settings: { credential: "secret" } });
    const client = port.network.connect();

    client.say({ ...hello, ...wrong });

    expect(ending(client)).toEqual({ says, code: closeCodes[code] });
  });

  test("the right credential and the right cluster are welcomed", async () => {
    const port = await aPort({ settings: { credential: "secret" } });
    const client = port.network.connect();

    client.say({ ...hello, credential: "secret", clusterId: "c1" });

    expect(ending(client)).toEqual({ says: "welcome", code: undefined });
  });

  test("a node that belongs to no cluster yet asks to try again later", async () => {
    const port = await aPort({ clusterId: undefined });

    const client = port.client();

    expect(ending(client)).toEqual({ says: "unavailable", code: 1013 });
  });

  test("who does not say hello in time is sent away, who did is not", async () => {
    const port = await aPort({ bounds: { handshakeTimeoutMs: 1_000 } });
    const [mute, polite] = [port.network.connect(), port.client()];

    await port.platform.advance(1_000);

    expect(ending(mute)).toEqual({ says: "deadline_exceeded", code: closeCodes.handshakeTimeout });
    expect(ending(polite)).toEqual({ says: "welcome", code: undefined });
  });
});

describe("frames", () => {
  test.each([
    ["no JSON", "{"],
    ["a kind that is unknown", JSON.stringify({ kind: "sing" })],
    ["requests that are no list", JSON.stringify({ kind: "requests", requests: 1 })],
    ["MessagePack where JSON was agreed", Uint8Array.of(0x80)],
  ])("%s ends this connection with a reason, and no other", async (_, data) => {
    const port = await aPort();
    const [wrong, other] = [port.client(), port.client()];

    wrong.sayRaw(data);
    other.say({ kind: "requests", requests: [start(1)] });
    await port.settle();

    expect(ending(wrong)).toEqual({ says: "invalid_argument", code: closeCodes.malformedFrame });
    expect(other.heardOf("answers")).toMatchObject([{ answers: [{ id: 1, revision: 2 }] }]);
  });

  test("text where MessagePack was agreed ends the connection", async () => {
    const port = await aPort();
    const client = port.client(subprotocols.msgpack);

    client.sayRaw('{"kind":"ping","id":1}');

    expect(ending(client)).toEqual({ says: "invalid_argument", code: closeCodes.malformedFrame });
  });

  test("one malformed request with an id is answered; its neighbours in the frame go on", async () => {
    const port = await aPort();
    const client = port.client();

    client.sayRaw(
      JSON.stringify({ kind: "requests", requests: [{ id: 1, command: 7, args: {} }, start(2)] }),
    );
    await port.settle();

    const answers = client.heardOf("answers").flatMap((frame) => frame.answers);
    expect(answers).toMatchObject([
      { id: 1, error: { code: "invalid_argument", path: "command" } },
      { id: 2, result: { status: "changed" } },
    ]);
  });

  test("a ping is answered with a pong of its id", async () => {
    const port = await aPort();
    const client = port.client();

    client.say({ kind: "ping", id: 77 });

    expect(client.heardOf("pong")).toEqual([{ kind: "pong", id: 77 }]);
  });

  test("nothing that comes after the end is looked at", async () => {
    const port = await aPort();
    const client = port.client();
    client.isAlive = false;
    client.sayRaw("{");

    client.say({ kind: "requests", requests: [start(1)] });
    await port.settle();

    expect(port.node.entries).toEqual([]);
  });
});

describe("sessions on a connection", () => {
  test("the older of two connections of a session is told goodbye, answered what is in flight, and closed", async () => {
    const port = await aPort();
    const older = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    older.say({ kind: "requests", requests: [{ ...start(2), seq: 1 }] });
    await port.settle();
    const inFlight = port.node.waiting.splice(0);
    const newer = port.client();
    newer.say({ kind: "requests", requests: [open(1, openIds.a)] });
    await port.settle();
    port.node.applyAll();
    await port.settle();
    older.say({ kind: "requests", requests: [start(3)] });
    await port.settle();
    const before = [older.heardOf("goodbye").length, older.closing];
    port.node.waiting.push(...inFlight);

    port.node.applyAll();
    await port.settle();

    const answers = older.heardOf("answers").flatMap((frame) => frame.answers);
    expect(before).toEqual([1, undefined]);
    expect(answers.slice(1)).toMatchObject([
      { id: 3, error: { code: "unavailable" } },
      { id: 2, result: { status: "changed" } },
    ]);
    expect(ending(older).code).toBe(closeCodes.superseded);
    expect(newer.closing).toBeUndefined();
  });

  test("a connection that has closed speaks for nobody, and its last sound is remembered", () => {
    const seven = sessionId(7);
    const { connection, sessions, platform, closedWith } = aLoneConnection();
    connection.frame(encoded(hello));
    connection.speakFor(seven);
    platform.nowMs = 5_000;
    connection.frame(encoded({ kind: "ping", id: 1 }));
    platform.nowMs = 9_000;

    connection.closed({ code: 1006, reason: "" });

    expect(sessions.speakerOf(seven)).toBeUndefined();
    expect(closedWith).toEqual([{ session: 7, heardAtMs: 5_000 }]);
  });

  test("a draining connection takes nothing new: the client asks elsewhere", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const client = port.client();
    client.say({ kind: "requests", requests: [start(1)] });
    await port.settle();
    void port.listener.drain();
    client.say({ kind: "requests", requests: [start(2), paused(3)] });
    await port.settle();
    port.node.applyAll();

    await port.settle();

    const answers = client.heardOf("answers").flatMap((frame) => frame.answers);
    expect(answers).toMatchObject([
      { id: 2, error: { code: "unavailable" } },
      { id: 3, error: { code: "unavailable" } },
      { id: 1, result: { status: "changed" } },
    ]);
    expect(port.node.entries.length).toBe(1);
  });
});

describe("sockets", () => {
  test("a socket that answers nothing for two intervals is half-open and ended", async () => {
    const port = await aPort({ bounds: { pingIntervalMs: 1_000 } });
    const [mute, alive] = [port.client(), port.client()];
    mute.isAlive = false;

    await port.platform.advance(3_000);
    const before = mute.isTerminated;
    await port.platform.advance(1_000);

    expect([before, mute.isTerminated, mute.pings]).toEqual([false, true, 2]);
    expect([alive.isTerminated, alive.pings > 0]).toEqual([false, true]);
  });

  test("a connection that is busy is not pinged", async () => {
    const port = await aPort({ bounds: { pingIntervalMs: 1_000 } });
    const client = port.client();

    for (let second = 0; second < 5; second += 1) {
      client.say({ kind: "ping", id: second });
      await port.platform.advance(1_000);
    }

    expect(client.pings).toBe(0);
  });

  test("a late wake alone makes nobody half-open", async () => {
    const port = await aPort({ bounds: { pingIntervalMs: 1_000 } });
    const client = port.client();
    await port.platform.advance(1_000);
    client.isAlive = false;

    await port.platform.sleep(60_000);

    expect(client.isTerminated).toBe(false);
  });

  test("a slow reader is told, cut, and ended if it does not even close", async () => {
    const port = await aPort({ bounds: { outboxBytesMax: 4 * 1024 * 1024, closeGraceMs: 500 } });
    const [slow, other] = [port.client(), port.client()];
    slow.isAlive = false;
    slow.bufferedAmount = 4 * 1024 * 1024;

    slow.say({ kind: "requests", requests: [start(1)] });
    other.say({ kind: "requests", requests: [start(1)] });
    await port.settle();
    const told = ending(slow);
    await port.platform.advance(500);

    expect(told).toEqual({ says: "overflow", code: closeCodes.slowReader });
    expect(slow.isTerminated).toBe(true);
    expect(other.heardOf("answers").length).toBe(1);
  });

  test("a connection that we closed and that does not close on its side is ended", async () => {
    const port = await aPort({ bounds: { closeGraceMs: 500 } });
    const client = port.client();
    client.isAlive = false;
    client.sayRaw("{");

    await port.platform.advance(499);
    const before = client.isTerminated;
    await port.platform.advance(1);

    expect([before, client.isTerminated]).toEqual([false, true]);
  });

  test("a closed connection leaves no timer behind", async () => {
    const port = await aPort();
    const before = port.platform.timersArmed;
    const client = port.client();
    client.say({ kind: "requests", requests: [pause(1, "mail")] });
    await port.settle();

    client.leave();

    expect(port.platform.timersArmed).toBe(before);
  });
});
