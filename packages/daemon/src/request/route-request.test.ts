import { type Answer, type Request, type Requests, subprotocols } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, open, openIds, pause, paused, start } from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";

function ask(client: VirtualClient, requests: readonly Request[], more: Partial<Requests> = {}) {
  client.say({ kind: "requests", requests, ...more });
}

function answersOf(client: VirtualClient): Answer[] {
  return client.heardOf("answers").flatMap(({ answers }) => answers);
}

/** id → the code of an error, or the status of a result. */
function gist(client: VirtualClient): Record<number, string> {
  const entries = answersOf(client).map((answer): [number, string] => [
    answer.id,
    "error" in answer ? answer.error.code : answer.result.status,
  ]);
  return Object.fromEntries(entries);
}

function sizes(port: APort): number[] {
  return port.node.entries.map(({ submissions }) => submissions.length);
}

/** Adds a key, under number 2 of the session. */
function add(id: number): Request {
  const args = { key: "k", add: true };
  return { id, partition: "acme", command: "roger.isQueued", args, seq: 2 };
}

describe("writes of a turn", () => {
  test("the writes of one turn, of all connections, become one entry; each is answered on its own", async () => {
    const port = await aPort();
    const [one, two] = [port.client(), port.client(subprotocols.msgpack)];
    ask(one, [start(1)]);
    await port.settle();

    ask(one, [pause(2, "mail"), pause(3, "sms")]);
    ask(two, [pause(2, "fax")]);
    await port.settle();

    expect(sizes(port)).toEqual([1, 3]);
    expect(answersOf(one).slice(1)).toEqual([
      { id: 2, revision: 3, n: 0, result: { status: "ok" } },
      { id: 3, revision: 3, n: 1, result: { status: "ok" } },
    ]);
    expect(answersOf(two)).toEqual([{ id: 2, revision: 3, n: 2, result: { status: "ok" } }]);
  });

  test("the answers of one entry leave each connection as one frame", async () => {
    const port = await aPort();
    const client = port.client();

    ask(client, [start(1), pause(2, "mail"), pause(3, "sms")]);
    await port.settle();

    expect(client.heardOf("answers").map(({ answers }) => answers.length)).toEqual([3]);
  });

  test("a turn looks at the node's standing once, whatever the number of requests", async () => {
    const port = await aPort();
    const [one, two] = [port.client(), port.client()];
    const before = port.node.statusCalls;

    ask(one, [start(1), pause(2, "mail"), paused(3)]);
    ask(two, [pause(4, "mail"), paused(5)]);
    await port.settle();

    expect(port.node.statusCalls - before).toBe(1);
  });

  test("what does not fit into one entry by its bytes becomes several, in order", async () => {
    const port = await aPort({ bounds: { entryBytesMax: 700 } });
    const client = port.client();
    const requests = Array.from({ length: 20 }, (_, at) => pause(at, `queue-${at}`));

    ask(client, [start(100)]);
    await port.settle();
    ask(client, requests);
    await port.settle();

    const queues = port.node.entries.flatMap(({ submissions }) =>
      submissions.map(({ write }) => ("queue" in write.args ? write.args.queue : write.name)),
    );
    expect(sizes(port).length).toBeGreaterThan(3);
    expect(queues).toEqual(["partition.start", ...requests.map((_, at) => `queue-${at}`)]);
    expect(new Set(Object.values(gist(client)))).toEqual(new Set(["ok", "changed"]));
  });

  test("an entry never has more submissions than its bound", async () => {
    const port = await aPort({ bounds: { submissionsPerEntryMax: 3 } });
    const client = port.client();

    ask(client, [start(1), ...[2, 3, 4, 5, 6, 7].map((id) => pause(id, "mail"))]);
    await port.settle();

    expect(sizes(port)).toEqual([3, 3, 1]);
  });

  test("a frame whose calls are very uneven in size is still cut to entries that fit", async () => {
    const port = await aPort({ bounds: { entryBytesMax: 2_000 } });
    const client = port.client();
    const large = Array.from({ length: 8 }, (_, at) => pause(at, "q".repeat(500)));
    const small = Array.from({ length: 192 }, (_, at) => ({ ...paused(100 + at) }));

    ask(client, [...large, ...small]);
    await port.settle();

    expect(sizes(port)).toEqual([4, 4]);
    expect(answersOf(client).length).toBe(200);
  });

  test("the entry carries the leader's log time of the moment in which it was made", async () => {
    const port = await aPort();
    const client = port.client();

    ask(client, [start(1)]);
    await port.settle();
    ask(client, [pause(2, "mail")]);
    await port.settle();

    expect(port.node.entries.map(({ logTime }) => logTime)).toEqual([1, 2]);
  });
});

describe("what a proposal comes to", () => {
  test.each([
    [{ kind: "not-leader", leaderId: undefined } as const, "not_leader"],
    [{ kind: "lost" } as const, "not_leader"],
    [{ kind: "overloaded" } as const, "overloaded"],
    [{ kind: "indeterminate", cause: "leadership-lost" } as const, "indeterminate"],
    [{ kind: "indeterminate", cause: "stopped" } as const, "indeterminate"],
  ])("%j is told to every caller in the entry as %s", async (outcome, code) => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const [one, two] = [port.client(), port.client()];
    ask(one, [pause(1, "mail"), pause(2, "sms")]);
    ask(two, [pause(3, "fax")]);
    await port.settle();
    port.node.follow("n2");

    port.node.endAll(outcome);
    await port.settle();

    expect([gist(one), gist(two)]).toEqual([{ 1: code, 2: code }, { 3: code }]);
  });

  test.each([[{ kind: "not-leader", leaderId: undefined } as const], [{ kind: "lost" } as const]])(
    "%j at a node that leads sends nobody away: a hand-over may fail, and nobody would tell",
    async (outcome) => {
      const port = await aPort();
      port.node.decidesAtOnce = false;
      const client = port.client();
      ask(client, [pause(1, "mail")]);
      await port.settle();

      port.node.endAll(outcome);
      await port.settle();

      expect(answersOf(client)).toMatchObject([
        { id: 1, error: { code: "unavailable", retryAfterMs: expect.any(Number) } },
      ]);
    },
  );

  test("overloaded by a disk that is nearly full says so: time alone does not help", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    port.node.isDiskNearlyFull = true;
    const client = port.client();
    ask(client, [pause(1, "mail")]);
    await port.settle();

    port.node.endAll({ kind: "overloaded" });
    await port.settle();

    expect(answersOf(client)).toMatchObject([
      {
        id: 1,
        error: { code: "overloaded", message: expect.stringContaining("disk is nearly full") },
      },
    ]);
  });

  test("not_leader names the leader and where clients reach it", async () => {
    const port = await aPort();
    port.node.follow("n2");
    const client = port.client();

    ask(client, [pause(1, "mail"), paused(2)]);
    await port.settle();

    const leader = { name: "n2", clientUrl: "ws://127.0.0.1:7402" };
    expect(answersOf(client)).toMatchObject([
      { id: 1, error: { code: "not_leader", retryable: true, leader } },
      { id: 2, error: { code: "not_leader", retryable: true, leader } },
    ]);
    expect(port.node.entries).toEqual([]);
  });

  test("while no leader is known, everything is unavailable and says when to try again", async () => {
    const port = await aPort();
    port.node.follow(undefined);
    const client = port.client();

    ask(client, [pause(1, "mail"), paused(2)]);
    await port.settle();

    expect(answersOf(client)).toMatchObject([
      { id: 1, error: { code: "unavailable", retryable: true, retryAfterMs: 100 } },
      { id: 2, error: { code: "unavailable", retryable: true, retryAfterMs: 100 } },
    ]);
  });

  test("a refusal that apply decided is an error with its particulars", async () => {
    const port = await aPort();
    const client = port.client();

    ask(client, [pause(1, "mail"), paused(2)]);
    await port.settle();

    const error = { code: "not_started", retryable: false, partition: "acme" };
    expect(answersOf(client)).toMatchObject([
      { id: 1, error },
      { id: 2, error },
    ]);
  });

  test("a new leader's writes wait until it has applied the first entry of its term", async () => {
    const port = await aPort();
    port.node.hasStamp = false;
    port.node.decidesAtOnce = false;
    const client = port.client();
    ask(client, [start(1)]);
    await port.settle();
    const before = port.node.entries.length;

    port.node.hasStamp = true;
    port.node.decidesAtOnce = true;
    port.node.confirmReads();
    await port.settle();

    expect([before, gist(client)]).toEqual([0, { 1: "changed" }]);
  });

  test("a leader that can't take over answers writes as unavailable, and they are not proposed", async () => {
    const port = await aPort();
    port.node.hasStamp = false;
    port.node.decidesAtOnce = false;
    const client = port.client();
    ask(client, [start(1)]);
    await port.settle();

    port.node.endReads({ kind: "unavailable" });
    await port.settle();

    expect([port.node.entries, gist(client)]).toEqual([[], { 1: "unavailable" }]);
  });

  test("a caller that goes away takes nothing back: the proposal stands and its place is free again", async () => {
    const port = await aPort({ bounds: { callsInFlightTotalMax: 4096 } });
    port.node.decidesAtOnce = false;
    const client = port.client();
    ask(client, [start(1), pause(2, "mail")]);
    await port.settle();

    client.leave();
    port.node.applyAll();
    port.node.decidesAtOnce = true;
    const other = port.client();
    ask(other, [paused(1)]);
    await port.settle();

    expect(answersOf(other)).toMatchObject([{ id: 1, result: { queues: ["mail"] } }]);
    expect(answersOf(client)).toEqual([]);
  });
});

describe("reads of a turn", () => {
  test("all reads of a turn, of all connections, share one round", async () => {
    const port = await aPort();
    const [one, two] = [port.client(), port.client()];
    ask(one, [start(1)]);
    await port.settle();

    ask(one, [paused(2), paused(3)]);
    ask(two, [paused(1)]);
    await port.settle();

    expect([port.node.reads, gist(one), gist(two)]).toEqual([
      1,
      { 1: "changed", 2: "paused", 3: "paused" },
      { 1: "paused" },
    ]);
  });

  test("a turn without reads asks for no round", async () => {
    const port = await aPort();

    ask(port.client(), [start(1)]);
    await port.settle();

    expect(port.node.reads).toBe(0);
  });

  test("a read is answered at the applied revision after its round, not before", async () => {
    const port = await aPort();
    const client = port.client();
    ask(client, [start(1)]);
    await port.settle();
    port.node.decidesAtOnce = false;
    ask(client, [paused(2)]);
    await port.settle();
    const before = gist(client);
    ask(client, [pause(3, "mail")]);
    await port.settle();
    port.node.applyAll();

    port.node.confirmReads();
    await port.settle();

    expect(before).toEqual({ 1: "changed" });
    expect(answersOf(client).find(({ id }) => id === 2)).toEqual({
      id: 2,
      revision: 3,
      n: 0,
      result: { status: "paused", queues: ["mail"] },
    });
  });

  test.each([
    ["unavailable", { kind: "unavailable" } as const],
    ["not_leader", { kind: "not-leader", leaderId: undefined } as const],
  ])("a round that can't be had is answered %s", async (code, outcome) => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const client = port.client();
    ask(client, [paused(1), paused(2)]);
    await port.settle();
    if (code === "not_leader") port.node.follow("n2");

    port.node.endReads(outcome);
    await port.settle();

    expect(gist(client)).toEqual({ 1: code, 2: code });
  });

  test("many reads do not keep the loop: the rest is answered in later turns", async () => {
    const port = await aPort({ bounds: { readSliceMs: 0 } });
    const client = port.client();
    ask(client, [start(1000)]);
    await port.settle();

    ask(
      client,
      Array.from({ length: 40 }, (_, at) => paused(at)),
    );
    await port.settle();

    const frames = client.heardOf("answers").map(({ answers }) => answers.length);
    expect(frames).toEqual([1, 16, 16, 8]);
  });
});

describe("a node whose state differs from the majority's", () => {
  test("answers nothing from it, and proposes nothing", async () => {
    const port = await aPort();
    port.node.notServing = "the state differs from the majority's";
    const client = port.client();

    ask(client, [pause(1, "mail"), paused(2)]);
    await port.settle();

    expect([gist(client), port.node.entries, port.node.reads]).toEqual([
      { 1: "unavailable", 2: "unavailable" },
      [],
      0,
    ]);
  });

  test("found out between the round and the look, it still answers nothing", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const client = port.client();
    ask(client, [paused(1)]);
    await port.settle();

    port.node.notServing = "the state differs from the majority's";
    port.node.confirmReads();
    await port.settle();

    expect(gist(client)).toEqual({ 1: "unavailable" });
  });
});

describe("what is no request", () => {
  test("an unknown command, a wrong argument and the leader's own command are told by path, and harm no neighbour", async () => {
    const port = await aPort();
    const client = port.client();

    ask(client, [
      { id: 1, command: "no.such", args: {} },
      { id: 2, partition: "acme", command: "roger.queuePause", args: { queue: 7 } },
      { id: 3, command: "session.expire", args: { session: 1, decidedInTerm: 1 } },
      start(4),
    ]);
    await port.settle();

    expect(answersOf(client)).toMatchObject([
      { id: 1, error: { code: "invalid_argument", path: "command" } },
      { id: 2, error: { code: "invalid_argument" } },
      { id: 3, error: { code: "invalid_argument", path: "command" } },
      { id: 4, result: { status: "changed" } },
    ]);
    expect(sizes(port)).toEqual([1]);
  });
});

describe("sequence numbers", () => {
  test("a number without a session is refused before the log", async () => {
    const port = await aPort();
    const client = port.client();

    ask(client, [pause(1, "mail", { seq: 1 })]);
    await port.settle();

    expect(answersOf(client)).toMatchObject([
      { id: 1, error: { code: "invalid_argument", path: "seq" } },
    ]);
    expect(port.node.entries).toEqual([]);
  });

  test("a number counts in the session that the connection speaks for, with the frame's floor", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);

    ask(client, [{ ...start(2), seq: 1 }]);
    ask(client, [pause(3, "mail", { seq: 2 })], { floor: 2 });
    await port.settle();

    const origins = port.node.entries.at(-1)?.submissions.map(({ origin }) => origin);
    expect(origins).toEqual([
      { kind: "session", session: 1, sequence: 1, floor: 0 },
      { kind: "session", session: 1, sequence: 2, floor: 2 },
    ]);
  });

  test("the same number on a second connection of the session gets the first answer", async () => {
    const port = await aPort();
    const first = await port.speaker(openIds.a);
    ask(first, [{ ...start(2), seq: 1 }, add(3)]);
    await port.settle();
    const second = await port.speaker(openIds.a);

    ask(second, [add(2)]);
    await port.settle();

    const result = { status: "member", before: false };
    expect(answersOf(first)).toContainEqual(expect.objectContaining({ id: 3, result }));
    expect(answersOf(second)).toContainEqual(expect.objectContaining({ id: 2, result }));
  });

  test("a request id stands for those without a session; both together are refused; neither is allowed", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);

    ask(client, [
      { ...start(2), requestId: "r1" },
      { ...start(3), requestId: "r2", seq: 1 },
      start(4),
    ]);
    await port.settle();

    const origins = port.node.entries.at(-1)?.submissions.map(({ origin }) => origin);
    expect(origins).toEqual([{ kind: "request", requestId: "r1" }, { kind: "none" }]);
    expect(answersOf(client)).toContainEqual(
      expect.objectContaining({
        id: 3,
        error: expect.objectContaining({ code: "invalid_argument", path: "requestId" }),
      }),
    );
  });

  test("a session is opened without a number of its own, and closed only with one", async () => {
    const port = await aPort();
    const client = port.client();

    ask(client, [{ ...open(1, openIds.a), seq: 5 }]);
    await port.settle();
    ask(client, [{ id: 2, command: "session.close", args: {} }]);
    await port.settle();

    expect(gist(client)).toEqual({ 1: "opened", 2: "invalid_argument" });
    expect(port.node.entries.map(({ submissions }) => submissions[0]?.origin)).toEqual([
      { kind: "none" },
    ]);
  });
});

describe("what may be in flight", () => {
  test("calls past the bound of a connection are overloaded, at once, and the others go on", async () => {
    const port = await aPort({ bounds: { callsInFlightMax: 2 } });
    port.node.decidesAtOnce = false;
    const [busy, quiet] = [port.client(), port.client()];

    ask(busy, [start(1), start(2), start(3)]);
    ask(quiet, [start(1)]);
    await port.settle();
    const before = [gist(busy), gist(quiet)];
    port.node.applyAll();
    await port.settle();
    ask(busy, [start(4)]);
    await port.settle();
    port.node.applyAll();
    await port.settle();

    expect(before).toEqual([{ 3: "overloaded" }, {}]);
    expect(gist(busy)).toEqual({ 1: "changed", 2: "changed", 3: "overloaded", 4: "changed" });
    expect(answersOf(busy)[0]).toMatchObject({ error: { retryable: true, retryAfterMs: 100 } });
  });

  test("calls and bytes past the bound of the node are overloaded on every connection", async () => {
    const byCalls = await aPort({ bounds: { callsInFlightMax: 2, callsInFlightTotalMax: 3 } });
    byCalls.node.decidesAtOnce = false;
    const [one, two] = [byCalls.client(), byCalls.client()];
    ask(one, [start(1), start(2)]);
    ask(two, [start(1), start(2)]);
    await byCalls.settle();

    const byBytes = await aPort({ bounds: { frameBytesMax: 200, bytesInFlightTotalMax: 200 } });
    byBytes.node.decidesAtOnce = false;
    const [three, four] = [byBytes.client(), byBytes.client()];
    ask(three, [pause(1, "q".repeat(60))]);
    ask(four, [pause(1, "q".repeat(60))]);
    await byBytes.settle();

    expect([gist(one), gist(two)]).toEqual([{}, { 2: "overloaded" }]);
    expect([gist(three), gist(four)]).toEqual([{}, { 1: "overloaded" }]);
  });
});
