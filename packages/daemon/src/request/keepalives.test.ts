import { sessionId } from "@rogerd/global-state";
import type { Answer, Request } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, openIds, start } from "../../test/outer/a-port.ts";
import { applyAll, holdManyKeys } from "../../test/outer/many-keys.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";

function keepalive(id: number, more: Partial<Request> = {}): Request {
  return { id, command: "session.keepalive", args: {}, ...more };
}

function ask(client: VirtualClient, ...requests: readonly Request[]): void {
  client.say({ kind: "requests", requests });
}

/** Without the answer to `session.open`. */
function answersOf(client: VirtualClient): Answer[] {
  return client
    .heardOf("answers")
    .flatMap(({ answers }) => answers)
    .filter(({ id }) => id !== 1);
}

/** id → the code of an error, or the status of a result. */
function gist(client: VirtualClient): Record<number, string> {
  const entries = answersOf(client).map((answer): [number, string] => [
    answer.id,
    "error" in answer ? answer.error.code : answer.result.status,
  ]);
  return Object.fromEntries(entries);
}

async function twoSpeakers(port: APort): Promise<[VirtualClient, VirtualClient]> {
  return [await port.speaker(openIds.a), await port.speaker(openIds.b)];
}

describe("the round", () => {
  test("the keepalives of a turn, of all connections, share one round, and no entry of the log", async () => {
    const port = await aPort();
    const [one, two] = await twoSpeakers(port);
    const before = [port.node.reads, port.node.entries.length];

    ask(one, keepalive(2));
    ask(two, keepalive(2));
    await port.settle();

    expect([port.node.reads, port.node.entries.length]).toEqual([Number(before[0]) + 1, before[1]]);
    expect(answersOf(two)).toEqual([
      { id: 2, revision: 3, n: 0, result: { status: "kept", session: 2, leaseMs: 30_000 } },
    ]);
    expect(gist(one)).toEqual({ 2: "kept" });
  });

  test("those that come while the last round is young share the next one, which begins 100 ms after it", async () => {
    const port = await aPort();
    const [one, two] = await twoSpeakers(port);
    ask(one, keepalive(2));
    await port.settle();
    const { reads } = port.node;

    ask(one, keepalive(3));
    await port.platform.advance(20);
    ask(two, keepalive(3));
    await port.platform.advance(79);
    const before = [port.node.reads, gist(one), gist(two)];
    await port.platform.advance(1);

    expect(before).toEqual([reads, { 2: "kept" }, {}]);
    expect([port.node.reads, gist(one), gist(two)]).toEqual([
      reads + 1,
      { 2: "kept", 3: "kept" },
      { 3: "kept" },
    ]);
    const { timersArmed } = port.platform;
    await port.platform.advance(100);
    expect(port.platform.timersArmed).toBe(timersArmed - 1);
    ask(two, keepalive(4));
    await port.settle();
    expect(gist(two)).toEqual({ 3: "kept", 4: "kept" });
  });

  test("where this node does not lead there is no round to wait for: each is sent on in its turn", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.follow("n2");

    ask(client, keepalive(2));
    await port.settle();
    ask(client, keepalive(3));
    await port.settle();

    expect(gist(client)).toEqual({ 2: "not_leader", 3: "not_leader" });
  });

  test("nothing is confirmed before the round that began after it has ended", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, keepalive(2));
    await port.settle();
    const earlier = port.node.readsWaiting.splice(0);
    ask(client, keepalive(3));
    await port.platform.advance(100);
    const before = gist(client);

    port.node.confirmReads();
    await port.settle();
    const later = gist(client);
    port.node.readsWaiting.push(...earlier);
    port.node.confirmReads();
    await port.settle();

    expect([before, later, gist(client)]).toEqual([{}, { 3: "kept" }, { 2: "kept", 3: "kept" }]);
  });

  test("what comes while a round is under way is not confirmed by it", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, keepalive(2));
    await port.settle();
    ask(client, keepalive(3));
    await port.settle();

    port.node.confirmReads();
    await port.settle();
    const before = gist(client);
    await port.platform.advance(100);
    port.node.confirmReads();
    await port.settle();

    expect([before, gist(client)]).toEqual([{ 2: "kept" }, { 2: "kept", 3: "kept" }]);
  });

  test("where this node does not lead, the client is sent on", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.follow("n2");

    ask(client, keepalive(2));
    await port.settle();

    expect(answersOf(client)).toMatchObject([{ id: 2, error: { leader: { name: "n2" } } }]);
    expect(port.node.reads).toBe(0);
  });

  test.each([
    [
      "leadership went while it was under way",
      { kind: "not-leader", leaderId: undefined },
      "not_leader",
    ],
    ["nobody answered", { kind: "unavailable" }, "unavailable"],
  ] as const)("%s: not confirmed", async (_, outcome, code) => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, keepalive(2));
    await port.settle();
    if (code === "not_leader") port.node.follow("n2");

    port.node.endReads(outcome);
    await port.settle();

    expect(gist(client)[2]).toBe(code);
  });

  test("a round of an earlier term confirms nothing, even where this node leads again", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, keepalive(2));
    await port.settle();
    port.node.term += 2;

    port.node.confirmReads();
    await port.settle();

    expect(gist(client)).toEqual({ 2: "unavailable" });
  });

  test("a leader that has not applied the first entry of its term confirms nothing", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.hasStamp = false;

    ask(client, keepalive(2));
    await port.settle();

    expect(gist(client)).toEqual({ 2: "unavailable" });
  });

  test("a node that serves nothing any more when the round ends confirms nothing", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, keepalive(2));
    await port.settle();
    port.node.notServing = "the state differs from the majority's";

    port.node.confirmReads();
    await port.settle();

    expect(gist(client)).toEqual({ 2: "unavailable" });
  });
});

describe("whose session", () => {
  test.each([
    ["nothing, on a connection that speaks for nobody", {}, "openId"],
    ["an openId that is none", { args: { session: 1, openId: "0" } }, "openId"],
    ["a session without its secret", { args: { session: 1 } }, "openId"],
    ["a secret without its session", { args: { openId: openIds.a } }, "session"],
    ["a session that is none", { args: { session: 0, openId: openIds.a } }, "session"],
    ["something else", { args: { ttlMs: 1 } }, "ttlMs"],
    ["a partition", { partition: "acme" }, "partition"],
    ["a sequence number", { seq: 1 }, "seq"],
    ["a request id", { requestId: "r" }, "requestId"],
    ["a revision", { revisionMin: 1 }, "revisionMin"],
  ] as const)("%s is refused", async (_, more, path) => {
    const port = await aPort();
    const client = port.client();

    ask(client, keepalive(2, more));
    await port.settle();

    expect(answersOf(client)).toMatchObject([{ id: 2, error: { code: "invalid_argument", path } }]);
  });
});

describe("under load", () => {
  test("a keepalive passes where calls are overloaded, on its connection and on the node", async () => {
    const bounds = { callsInFlightMax: 1, callsInFlightTotalMax: 1 };
    const port = await aPort({ bounds });
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, start(2), start(3), keepalive(4));
    await port.settle();

    port.node.confirmReads();
    await port.settle();

    expect(gist(client)).toEqual({ 3: "overloaded", 4: "kept" });
  });

  test("so many may wait on one connection, and so many on all; answered, they make room", async () => {
    const port = await aPort({ bounds: { keepalivesMax: 2, keepalivesTotalMax: 3 } });
    const [one, two] = await twoSpeakers(port);
    port.node.decidesAtOnce = false;

    ask(one, keepalive(2), keepalive(3), keepalive(4));
    ask(two, keepalive(2), keepalive(3));
    await port.settle();
    const before = [gist(one), gist(two)];
    port.node.confirmReads();
    await port.settle();
    ask(one, keepalive(5));
    await port.platform.advance(100);
    port.node.confirmReads();
    await port.settle();

    expect(before).toEqual([{ 4: "overloaded" }, { 3: "overloaded" }]);
    expect(gist(one)).toEqual({ 2: "kept", 3: "kept", 4: "overloaded", 5: "kept" });
  });

  test("who has gone is not answered", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.decidesAtOnce = false;
    ask(client, keepalive(2));
    await port.settle();
    client.leave();

    port.node.confirmReads();
    await port.settle();

    expect(answersOf(client)).toEqual([]);
  });
});

test("a session that has ended is `session_expired`, also while further entries empty it, and to its keeper", async () => {
  const port = await aPort();
  const client = await port.speaker(openIds.a);
  const keeper = port.client();
  const session = sessionId(1);
  await holdManyKeys(port, session);

  const args = { session, decidedInTerm: port.node.term };
  await applyAll(port, [{ origin: { kind: "none" }, write: { name: "session.expire", args } }]);
  ask(client, keepalive(2));
  ask(keeper, keepalive(3, { args: { session: 1, openId: openIds.a } }));
  await port.settle();

  expect(port.node.current.counts().sessions).toBe(1);
  expect([gist(client), gist(keeper)]).toEqual([
    { 2: "session_expired" },
    { 3: "session_expired" },
  ]);
});
