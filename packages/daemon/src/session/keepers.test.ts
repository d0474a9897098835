import { sessionId } from "@rogerd/global-state";
import type { Answer, Request } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import {
  type APort,
  aPort,
  open,
  openIds,
  paused,
  postJson,
  start,
} from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";

interface Secret {
  readonly session: number;
  readonly openId: string;
}

/** Of the first and of the second session that are opened. */
const secrets = {
  one: { session: 1, openId: openIds.a },
  two: { session: 2, openId: openIds.b },
} as const satisfies Record<string, Secret>;

function keepalive(id: number, { session, openId }: Secret): Request {
  return { id, command: "session.keepalive", args: { session, openId } };
}

async function ask(port: APort, client: VirtualClient, ...requests: Request[]): Promise<void> {
  client.say({ kind: "requests", requests });
  // Rounds begin 100 ms apart.
  await port.platform.advance(100);
}

/** id → the code of an error, or the status of a result. */
function gist(client: VirtualClient): Record<number, string> {
  const answers: Answer[] = client.heardOf("answers").flatMap((frame) => frame.answers);
  return Object.fromEntries(
    answers.map((one): [number, string] => [
      one.id,
      "error" in one ? one.error.code : one.result.status,
    ]),
  );
}

async function keepers(port: APort, count: number): Promise<VirtualClient[]> {
  const clients: VirtualClient[] = [];
  for (let at = 0; at < count; at += 1) {
    const client = port.client();
    await ask(port, client, keepalive(1, secrets.one));
    clients.push(client);
  }
  return clients;
}

describe("a keeper", () => {
  test("keeps the session whose id and secret it shows, and takes it from nobody", async () => {
    const port = await aPort();
    const speaker = await port.speaker(openIds.a);

    const [keeper] = await keepers(port, 1);
    await ask(port, speaker, { id: 9, command: "session.keepalive", args: {} });

    expect(keeper?.heardOf("answers")).toEqual([
      {
        kind: "answers",
        answers: [
          { id: 1, revision: 2, n: 0, result: { status: "kept", session: 1, leaseMs: 30_000 } },
        ],
      },
    ]);
    expect([gist(speaker)[9], speaker.closing]).toEqual(["kept", undefined]);
  });

  test("asks nothing else, whether its secret was right or not, and pings as others do", async () => {
    const port = await aPort();
    await port.speaker(openIds.a);
    const client = port.client();
    const sync = { id: 6, command: "session.sync", args: {} };
    const watch = { id: 7, command: "watch", args: {} };
    await ask(port, client, keepalive(2, { session: 1, openId: openIds.b }));

    await ask(port, client, start(3), paused(4), open(5, openIds.a), sync, watch);
    client.say({ kind: "ping", id: 1 });
    await ask(port, client, keepalive(8, secrets.one));

    const forbidden = Object.fromEntries([3, 4, 5, 6, 7].map((id) => [id, "forbidden"]));
    expect(gist(client)).toEqual({ 2: "unauthenticated", ...forbidden, 8: "kept" });
    expect(client.heardOf("pong")).toEqual([{ kind: "pong", id: 1 }]);
  });

  test("does not speak for a session whose open was under way when it showed a secret", async () => {
    const port = await aPort();
    const speaker = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    const client = port.client();
    await ask(port, client, open(2, openIds.a), keepalive(3, secrets.one));

    port.node.applyAll();
    port.node.confirmReads();
    await port.settle();

    expect([gist(client), speaker.closing]).toEqual([{ 2: "opened", 3: "kept" }, undefined]);
  });

  test("is not the session being connected: where the speaker has gone, the session ends by its lease", async () => {
    const port = await aPort();
    const speaker = await port.speaker(openIds.a);
    const [keeper] = await keepers(port, 1);
    speaker.leave();
    await port.settle();

    for (let second = 0; second < 35; second += 1) {
      keeper?.say({ kind: "ping", id: second });
      await port.platform.advance(1_000);
    }

    expect(port.node.current.session(sessionId(1))).toBeUndefined();
  });

  test("may change to another session, as when its client has opened a new one", async () => {
    const port = await aPort({ bounds: { keepersMax: 1 } });
    await port.speaker(openIds.a);
    await port.speaker(openIds.b);
    const [client] = await keepers(port, 1);
    if (client === undefined) throw new Error("one was asked for");

    await ask(port, client, keepalive(2, secrets.two));
    const [next] = await keepers(port, 1);

    expect([gist(client)[2], next === undefined ? {} : gist(next)]).toEqual([
      "kept",
      { 1: "kept" },
    ]);
  });
});

describe("who is no keeper", () => {
  test.each([
    ["the secret of another session", { session: 1, openId: openIds.b }, "unauthenticated"],
    ["a secret of none", { session: 1, openId: "c".repeat(32) }, "unauthenticated"],
    [
      "a session that has ended, or never was",
      { session: 9, openId: openIds.a },
      "session_expired",
    ],
  ])("%s", async (_, secret, code) => {
    const port = await aPort();
    await port.speaker(openIds.a);
    await port.speaker(openIds.b);
    const client = port.client();

    await ask(port, client, keepalive(2, secret));

    expect(gist(client)).toEqual({ 2: code });
  });

  test("a wrong secret keeps nothing: the session ends in its time", async () => {
    const port = await aPort();
    const speaker = await port.speaker(openIds.a);
    await ask(port, speaker, { id: 2, command: "session.keepalive", args: {} });
    const client = port.client();

    for (let second = 0; second < 35; second += 1) {
      client.say({
        kind: "requests",
        requests: [keepalive(second, { ...secrets.one, openId: openIds.b })],
      });
      await port.platform.advance(1_000);
    }

    expect(port.node.current.session(sessionId(1))).toBeUndefined();
  });

  test("a node that does not lead sends it on", async () => {
    const port = await aPort();
    await port.speaker(openIds.a);
    port.node.follow("n2");

    const [keeper] = await keepers(port, 1);

    expect(keeper === undefined ? {} : gist(keeper)).toEqual({ 1: "not_leader" });
  });

  test("a connection that speaks for a session shows no secret", async () => {
    const port = await aPort();
    const speaker = await port.speaker(openIds.a);
    await port.speaker(openIds.b);

    await ask(port, speaker, keepalive(2, secrets.two));

    expect(gist(speaker)[2]).toBe("invalid_argument");
  });

  test("one request by HTTP is not a connection", async () => {
    const port = await aPort();
    await port.speaker(openIds.a);

    const { command, args } = keepalive(0, secrets.one);
    const told = await postJson(port, { path: "/v1/command", body: { command, args } });

    expect(told).toMatchObject({
      status: 400,
      value: { error: { code: "invalid_argument", path: "command" } },
    });
  });
});

describe("the bound", () => {
  test("one more than a session may have is overloaded, until one has gone", async () => {
    const port = await aPort({ bounds: { keepersMax: 2 } });
    await port.speaker(openIds.a);
    const [first, , third] = await keepers(port, 3);
    if (first === undefined || third === undefined) throw new Error("three were asked for");
    const before = gist(third);
    first.leave();
    await port.settle();

    await ask(port, third, keepalive(2, secrets.one));

    expect([before, gist(first), gist(third)]).toEqual([
      { 1: "overloaded" },
      { 1: "kept" },
      { 1: "overloaded", 2: "kept" },
    ]);
  });

  test("who is one already stays one", async () => {
    const port = await aPort({ bounds: { keepersMax: 1 } });
    await port.speaker(openIds.a);
    const [keeper] = await keepers(port, 1);
    if (keeper === undefined) throw new Error("one was asked for");

    await ask(port, keeper, keepalive(2, secrets.one), keepalive(3, secrets.one));

    expect(gist(keeper)).toEqual({ 1: "kept", 2: "kept", 3: "kept" });
  });
});
