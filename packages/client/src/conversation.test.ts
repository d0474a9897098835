import { closeCodes, errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aConnectedClient, type Watched, watched } from "../test/situation.ts";
import { RogerdClient } from "./client.ts";

describe("calls of one turn", () => {
  test("travel in one frame, with consecutive numbers and the floor", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const roger = client.roger();

    const calls = Promise.all([
      roger.isQueued("p", "a", { add: true }),
      roger.isQueued("p", "b", { add: true }),
      roger.isQueued("p", "a"),
    ]);
    await world.run(10);

    expect(await calls).toEqual([false, false, true]);
    const [frame, ...others] = cluster.node("n1").frames;
    expect(others).toEqual([]);
    expect(frame?.floor).toBe(1);
    expect(frame?.requests.map(({ seq, command }) => ({ seq, command }))).toEqual([
      { seq: 1, command: "roger.isQueued" },
      { seq: 2, command: "roger.isQueued" },
      { seq: undefined, command: "roger.isQueued" },
    ]);
  });

  test("reads carry no number, and a frame of reads no floor", async () => {
    const { world, cluster, client } = await aConnectedClient();

    const call = client.roger().isExecuting("p", "k");
    await world.run(10);

    expect(await call).toBe(false);
    expect(cluster.node("n1").frames).toEqual([
      {
        kind: "requests",
        requests: [expect.objectContaining({ command: "roger.isExecuting", args: { key: "k" } })],
      },
    ]);
    expect(cluster.node("n1").requests()[0]).not.toHaveProperty("seq");
  });

  test("that are too much for one frame go in several", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const jobIds = Array.from({ length: 1_000 }, (_, at) => `${"j".repeat(500)}${at}`);

    const calls = Array.from({ length: 10 }, () =>
      client.read({ command: "roger.isQueued", args: { key: "k", jobIds } }),
    );
    await world.run(50);

    await Promise.all(calls);
    expect(cluster.node("n1").frames.map((frame) => frame.requests.length)).toEqual([5, 5]);
  });

  test("wait while the node has as many in flight as it lets be, and go on as answers come", async () => {
    const { cluster, world, client } = await aConnectedClient();
    cluster.node("n1").callsInFlightMax = 18;
    cluster.node("n1").kill();
    cluster.node("n1").restart();
    await world.run(500);

    const calls = Array.from({ length: 5 }, (_, at) => client.roger().isQueued("p", `k${at}`));
    await world.run(50);

    await Promise.all(calls);
    expect(cluster.node("n1").frames.map((frame) => frame.requests.length)).toEqual([2, 2, 1]);
  });

  test("stay here while the socket is clogged: what is not sent can still be given up", async () => {
    const { world, cluster, client } = await aConnectedClient();
    world.isClogged = true;

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(50);
    expect(cluster.node("n1").frames).toEqual([]);
    world.isClogged = false;
    await world.run(50);

    expect(call.outcome()).toEqual({ value: undefined });
  });
});

describe("the floor", () => {
  test("is the lowest number that still waits for its answer", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    const roger = client.roger();
    node.judge = ({ args }) => (args["jobId"] === "slow" ? "ignore" : "answer");

    for (const jobId of ["first", "slow", "third", "fourth"]) {
      void roger.cancelJob("p", jobId).catch(() => undefined);
      await world.run(10);
    }

    expect(node.frames.map((frame) => frame.floor)).toEqual([1, 2, 2, 2]);
  });

  test("passes a number that was given up only when no lower one is open", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    const roger = client.roger();
    node.judge = ({ args }) => (String(args["jobId"]).startsWith("slow") ? "ignore" : "answer");
    const ask = async (jobId: string, timeoutMs: number): Promise<Watched<void>> => {
      const call = watched(roger.cancelJob("p", jobId, { timeoutMs }));
      await world.run(20);
      return call;
    };

    const calls = [await ask("slow-1", 200), await ask("slow-2", 50), await ask("third", 1_000)];
    await world.run(60);
    calls.push(await ask("fourth", 1_000));
    await world.run(200);
    calls.push(await ask("fifth", 1_000));

    expect(node.frames.map((frame) => frame.floor)).toEqual([1, 1, 1, 1, 5]);
    const late = { error: expect.objectContaining({ code: "deadline_exceeded" }) };
    const done = { value: undefined };
    expect(calls.map((call) => call.outcome())).toEqual([late, late, done, done, done]);
  });
});

describe("a write", () => {
  test("whose answer was lost with the connection is sent again with its number, and executed once", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    node.judge = () => "execute-silently";

    const call = client.roger().isExecuting("p", "k", { add: true });
    await world.run(10);
    node.judge = () => "answer";
    node.kill();
    cluster.elect("n2");
    await world.run(500);

    expect(await call).toBe(false);
    expect(cluster.executed).toEqual(["roger.isExecuting k"]);
    expect(
      cluster
        .node("n2")
        .requests()
        .map(({ seq }) => seq),
    ).toEqual(node.requests().map(({ seq }) => seq));
  });

  test("answered indeterminate is sent again with its number", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    const verdicts = [errorObject("indeterminate", "stepped down"), "answer" as const];
    node.judge = () => verdicts.shift() ?? "answer";

    const call = client.roger().cancelJob("p", "j");
    await world.run(500);

    await call;
    expect(node.requests().map(({ seq }) => seq)).toEqual([1, 1]);
    expect(cluster.executed).toEqual(["roger.cancelJob j"]);
  });

  test("refused as overloaded waits at least as long as it was told, then goes with its number", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    const verdicts = [errorObject("overloaded", "full", { retryAfterMs: 400 })];
    node.judge = () => verdicts.shift() ?? "answer";

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(399);
    expect(node.frames.length).toBe(1);
    await world.run(100);

    expect(call.outcome()).toEqual({ value: undefined });
    expect(node.requests().map(({ seq }) => seq)).toEqual([1, 1]);
  });

  test("refused with an error that can't be repeated rejects with its type and details", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () =>
      errorObject("not_started", "acme is not started", { partition: "acme" });

    const call = watched(client.roger().cancelJob("acme", "j"));
    await world.run(10);

    expect(call.outcome()).toMatchObject({
      error: {
        name: "PartitionNotStartedError",
        code: "not_started",
        partition: "acme",
        retryable: false,
        outcomeKnown: true,
      },
    });
  });
});

describe("a session that ended", () => {
  test("while the client was away: what may have been sent is indeterminate, the rest goes on", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    node.judge = ({ command }) => (command === "session.open" ? "answer" : "execute-silently");
    const sent = watched(client.roger().isExecuting("p", "sent", { add: true }));
    const sentRead = watched(client.roger().isExecuting("p", "other"));
    await world.run(10);
    node.kill();
    cluster.elect(undefined);
    await world.run(10);
    const unsent = watched(client.roger().isExecuting("p", "unsent", { add: true }));

    cluster.endSessions();
    cluster.elect("n2");
    await world.run(500);

    expect(sent.outcome()).toMatchObject({ error: { code: "indeterminate", outcomeKnown: false } });
    expect(sentRead.outcome()).toEqual({ value: false });
    expect(unsent.outcome()).toEqual({ value: false });
    expect(cluster.executed).toEqual(["roger.isExecuting sent", "roger.isExecuting unsent"]);
    const writes = cluster
      .node("n2")
      .requests()
      .filter(({ seq }) => seq !== undefined);
    expect(writes.map(({ seq, args }) => ({ seq, key: args["key"] }))).toEqual([
      { seq: 1, key: "unsent" },
    ]);
    expect(client.session).toEqual({ state: "live", id: 2 });
  });

  test("in the log: the call that met it was not executed, and the next one goes into a new session", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const first = [...cluster.sessions.keys()];
    world.seeds = [5];
    cluster.endSessions();

    const refused = watched(client.roger().cancelJob("p", "refused"));
    await world.run(10);
    const next = watched(client.roger().cancelJob("p", "next"));
    await world.run(10);

    expect(refused.outcome()).toMatchObject({
      error: { code: "session_expired", outcomeKnown: true },
    });
    expect(next.outcome()).toEqual({ value: undefined });
    expect(cluster.executed).toEqual(["roger.cancelJob next"]);
    expect([...cluster.sessions.keys()]).not.toEqual(first);
  });

  test("in the log, met by a call sent before without an answer: indeterminate", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    node.judge = ({ command }) => (command === "session.open" ? "answer" : "execute-silently");
    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(10);
    node.judge = ({ command }) =>
      command === "session.open" ? "answer" : errorObject("session_expired", "gone");

    node.kill();
    node.restart();
    await world.run(1_000);

    expect(call.outcome()).toMatchObject({ error: { code: "indeterminate", outcomeKnown: false } });
    expect(cluster.executed).toEqual(["roger.cancelJob j"]);
  });

  test("is told as events", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const events = client.events();
    cluster.endSessions();

    void client
      .roger()
      .cancelJob("p", "j")
      .catch(() => undefined);
    await world.run(10);

    expect((await events.next()).value).toEqual({ kind: "session", state: "expired", session: 1 });
    expect((await events.next()).value).toEqual({ kind: "session", state: "live", session: 2 });
  });
});

test("a session that is not replaced at once is told as an event, each time", async () => {
  const { world, cluster, client } = await aConnectedClient();
  const events = client.events();
  cluster.endSessions();
  const full = errorObject("quota_exceeded", "full", { limit: "sessions", current: 9 });
  const refusals = [errorObject("unavailable", "no majority", { retryAfterMs: 20 }), full];
  cluster.node("n1").judge = ({ command }) =>
    command === "session.open" ? (refusals.shift() ?? "answer") : "answer";

  const call = watched(client.roger().cancelJob("p", "j"));
  await world.run(10_000);

  const told = [];
  for (let count = 0; count < 4; count += 1) told.push((await events.next()).value);
  expect(told).toMatchObject([
    { kind: "session", state: "expired" },
    { kind: "session-refused", error: { code: "unavailable" } },
    { kind: "session-refused", error: { code: "quota_exceeded", limit: "sessions" } },
    { kind: "session", state: "live" },
  ]);
  expect(call.outcome()).toMatchObject({ error: { code: "session_expired" } });
});

test("a session that another connection took over is given up: the next has an openId of its own", async () => {
  const { world, cluster, client } = await aConnectedClient();
  const node = cluster.node("n1");
  const [first] = cluster.sessions.keys();
  node.judge = ({ command }) => (command === "session.open" ? "answer" : "execute-silently");
  const open = watched(client.roger().cancelJob("p", "open"));
  await world.run(10);
  node.judge = () => "answer";
  world.seeds = [5];

  node.say({ kind: "goodbye", reason: "a newer connection speaks for this session" });
  node.hangUp(closeCodes.superseded);
  await world.run(1_000);
  const next = watched(client.roger().cancelJob("p", "next"));
  await world.run(100);

  expect(open.outcome()).toMatchObject({ error: { code: "indeterminate", outcomeKnown: false } });
  expect(next.outcome()).toEqual({ value: undefined });
  expect(cluster.executed).toEqual(["roger.cancelJob open", "roger.cancelJob next"]);
  expect([...cluster.sessions.keys()]).toEqual([first, expect.not.stringContaining(String(first))]);
  expect(client.session).toEqual({ state: "live", id: 2 });
});

test("a session that can't be opened for now is asked for again; one refused fails connect", async () => {
  const { world, cluster } = await aConnectedClient();
  const verdicts = [errorObject("unavailable", "no majority", { retryAfterMs: 20 })];
  cluster.node("n1").judge = () => verdicts.shift() ?? "answer";
  const first = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
  await world.run(200);
  cluster.node("n1").judge = () =>
    errorObject("quota_exceeded", "full", { limit: "sessions", current: 9 });
  const second = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
  await world.run(200);

  expect(first.outcome()).toMatchObject({ value: expect.any(RogerdClient) });
  expect(second.outcome()).toMatchObject({
    error: { code: "quota_exceeded", limit: "sessions", current: 9 },
  });
});

test("a daemon that answers session.open with something else is told apart from one that is away", async () => {
  const { world, cluster } = await aConnectedClient();
  const node = cluster.node("n1");
  node.judge = ({ id }) => {
    node.say({ kind: "answers", answers: [{ id, revision: 1, n: 0, result: { status: "ok" } }] });
    return "ignore";
  };

  const connecting = watched(RogerdClient.connect(world, { endpoints: cluster.endpoints }));
  await world.run(100);

  expect(connecting.outcome()).toMatchObject({ error: { code: "version_mismatch" } });
});
