import { describe, expect, test } from "vitest";
import { aScriptedClient } from "../test/scripted-client.ts";
import { aCluster, aConnectedClient, watched } from "../test/situation.ts";
import { RogerdClient } from "./client.ts";

describe("a call whose time is up", () => {
  test("rejects; sent, its outcome is open", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => "ignore";

    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 100 }));
    await world.run(99);
    expect(call.outcome()).toBe("open");
    await world.run(11);

    expect(call.outcome()).toMatchObject({
      error: { name: "DeadlineExceededError", code: "deadline_exceeded", outcomeKnown: false },
    });
  });

  test("rejects; never sent, it certainly had no effect", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").kill();
    cluster.leader = undefined;
    await world.run(10);

    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 100 }));
    await world.run(110);
    cluster.elect("n2");
    await world.run(1_000);

    expect(call.outcome()).toMatchObject({ error: { outcomeKnown: true } });
    expect(cluster.executed).toEqual([]);
  });

  test("as a read has had no effect either way", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => "ignore";

    const call = watched(client.roger().isQueued("p", "k", { timeoutMs: 100 }));
    await world.run(110);

    expect(call.outcome()).toMatchObject({
      error: { code: "deadline_exceeded", outcomeKnown: true },
    });
  });

  test("is not sent again, and its late answer finds nobody", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const node = cluster.node("n1");
    node.judge = () => "execute-silently";
    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 100 }));
    await world.run(110);
    const id = node.requests()[0]?.id;

    node.say({ kind: "answers", answers: [{ id, revision: 9, n: 0, result: { status: "ok" } }] });
    node.kill();
    cluster.elect("n2");
    await world.run(1_000);

    expect(call.outcome()).toMatchObject({ error: { code: "deadline_exceeded" } });
    expect(cluster.node("n2").requests()).toEqual([]);
  });

  test("one timer serves them all", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => "ignore";
    await world.run(100);
    const before = world.timersRunning;

    const calls = Array.from({ length: 500 }, (_, at) =>
      watched(client.roger().cancelJob("p", `j${at}`)),
    );
    await world.run(100);

    expect(world.timersRunning - before).toBe(1);
    await world.run(31_000);
    expect(calls.every((call) => call.outcome() !== "open")).toBe(true);
  });
});

describe("a call with a signal", () => {
  test("rejects with the signal's reason, waiting or sent", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const controller = new AbortController();
    cluster.node("n1").judge = () => "ignore";
    const call = watched(client.roger().cancelJob("p", "j", { signal: controller.signal }));
    await world.run(10);

    controller.abort("no interest");
    await world.run(1);

    expect(call.outcome()).toEqual({ error: "no interest" });
  });

  test("is never sent when the signal was aborted before, or in the same turn", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const controller = new AbortController();
    const { signal } = controller;

    const sameTurn = watched(client.roger().cancelJob("p", "j", { signal }));
    controller.abort("no");
    const after = watched(client.roger().cancelJob("p", "j", { signal }));
    await world.run(10);

    expect([sameTurn.outcome(), after.outcome()]).toEqual([{ error: "no" }, { error: "no" }]);
    expect(cluster.node("n1").requests()).toEqual([]);
  });

  test("listens to it no longer than it is open", async () => {
    const { world, client } = await aConnectedClient();
    let listeners = 0;
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };

    void client.roger().cancelJob("p", "j", { signal });
    await world.run(10);

    expect(listeners).toBe(0);
  });
});

test("more calls than may be open are refused with overloaded, and known to have had no effect", async () => {
  const { world, cluster, client } = await aConnectedClient({ callsOpenMax: 2 });
  cluster.node("n1").judge = () => "ignore";

  const calls = [1, 2, 3].map((job) => watched(client.roger().cancelJob("p", `j${job}`)));
  await world.run(10);

  expect(calls.map((call) => call.outcome())).toEqual([
    "open",
    "open",
    { error: expect.objectContaining({ name: "OverloadedError", outcomeKnown: true }) },
  ]);
});

test("arguments that no frame carries are refused here and spoil no other call of the turn", async () => {
  const { world, client } = await aConnectedClient();

  const bad = watched(client.read({ command: "list", args: { limit: Number.NaN } }));
  const good = watched(client.roger().isQueued("p", "k"));
  await world.run(10);

  expect(bad.outcome()).toMatchObject({ error: { code: "invalid_argument", path: "args.limit" } });
  expect(good.outcome()).toEqual({ value: false });
});

test("a call too large for a frame is refused with payload_too_large", async () => {
  const { world, client } = await aConnectedClient();

  const call = watched(client.roger().isQueued("p", "k".repeat(5_000_000)));
  await world.run(10);

  expect(call.outcome()).toMatchObject({
    error: { code: "payload_too_large", outcomeKnown: true },
  });
});

describe("drain", () => {
  test("refuses new calls and resolves when the open ones are settled", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => "execute-silently";
    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 500 }));
    await world.run(10);

    const drained = watched(client.drain());
    const late = watched(client.roger().cancelJob("p", "late"));
    await world.run(100);
    expect(drained.outcome()).toBe("open");
    expect(late.outcome()).toMatchObject({ error: { code: "closed", outcomeKnown: true } });
    await world.run(500);

    expect(call.outcome()).not.toBe("open");
    expect(drained.outcome()).toEqual({ value: undefined });
  });
});

describe("close", () => {
  test("ends the session, hangs up, and leaves nothing running", async () => {
    const { world, cluster, client } = await aConnectedClient();
    const events = client.events();

    const closed = watched(client.close());
    await world.run(1_500);

    expect(closed.outcome()).toEqual({ value: undefined });
    expect(cluster.executed).toEqual(["session.close"]);
    expect(cluster.node("n1").connections).toBe(0);
    expect(world.timersRunning).toBe(0);
    expect(client.session.state).toBe("closed");
    expect((await events.next()).value).toMatchObject({ kind: "session", state: "closed" });
    expect((await events.next()).value).toEqual({ kind: "closed" });
    expect((await events.next()).done).toBe(true);
  });

  test("tells whoever holds something that it is over before anybody else can have it", async () => {
    const situation = await aScriptedClient({
      "executionKey.acquire": [{ status: "held", token: 5 }],
      "job.start": [{ status: "started", token: 6 }],
    });
    const { client, cluster, world } = situation;
    const acme = client.partition("acme");
    const asked = [
      acme.acquireExecutionKey("k", { owner: "j" }),
      acme.startJob("i", { queue: "q" }),
    ];
    await world.run(10);
    const [key, run] = await Promise.all(asked);
    const isOver = () =>
      [key, run].map((each) => each !== undefined && "signal" in each && each.signal.aborted);
    const told: boolean[][] = [];
    cluster.node("n1").judge = ({ command }) => {
      if (command === "session.close") told.push(isOver());
      return "answer";
    };
    void client.roger().cancelJob("acme", "j9");

    const closing = client.close();
    const whileDraining = isOver();
    await world.run(1_000);
    await closing;

    expect(whileDraining).toEqual([false, false]);
    expect(told).toEqual([[true, true]]);
  });

  test("comes behind what was opened in its block: a run is given back, and then the session ends", async () => {
    const situation = await aScriptedClient({
      "job.start": [{ status: "started", token: 6 }],
      "job.finish": [{ status: "finished", cancel: "none" }],
    });
    const { asked, world } = situation;
    const block = async (): Promise<void> => {
      await using client = situation.client;
      const job = await client.partition("acme").startJob("i", { queue: "q" });
      if (job.status !== "started") throw new Error("it runs");
      await using run = job;
      run.signal.throwIfAborted();
    };

    const using = block();
    await world.run(1_000);
    await using;

    expect(asked().slice(-2)).toEqual(["job.finish 2", "session.close 3"]);
  });

  test("waits for open calls, but not for ever", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = ({ command }) => (command === "session.close" ? "answer" : "ignore");
    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(10);

    const closed = watched(client.close({ timeoutMs: 300 }));
    await world.run(299);
    expect(call.outcome()).toBe("open");
    await world.run(1_500);

    expect(call.outcome()).toMatchObject({ error: { code: "closed", outcomeKnown: false } });
    expect(closed.outcome()).toEqual({ value: undefined });
  });

  test("does not wait long for a leader that is not there, and opens no session just to close it", async () => {
    const { world, cluster, client } = await aConnectedClient();
    cluster.node("n1").judge = () => "ignore";
    const closed = watched(client.close());
    await world.run(10);
    cluster.node("n1").kill();
    cluster.endSessions();
    cluster.elect("n2");
    await world.run(3_000);

    expect(closed.outcome()).toEqual({ value: undefined });
    expect(cluster.sessions.size).toBe(0);
    expect(world.timersRunning).toBe(0);
  });

  test("twice is the same close; disposal is a close, too", async () => {
    const { world, client } = await aConnectedClient();

    const first = client.close();
    expect(client.close()).toBe(first);
    const disposed = watched(client[Symbol.asyncDispose]());
    await world.run(2_000);

    expect(disposed.outcome()).toEqual({ value: undefined });
  });
});

test("a session is opened with the times that were asked for", async () => {
  const { world, cluster } = aCluster();
  const opened: unknown[] = [];
  cluster.node("n1").judge = ({ command, args }) => {
    if (command === "session.open") opened.push(args);
    return "answer";
  };

  const { endpoints } = cluster;
  const times = { sessionTtlMs: 5_000, keyDelayMs: 700 };
  void RogerdClient.connect(world, { endpoints, name: "worker", ...times });
  await world.run(20);

  const openId = expect.any(String);
  expect(opened).toEqual([{ openId, name: "worker", ttlMs: 5_000, keyDelayMs: 700 }]);
});
