import { errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aConnectedClient as aSimpleClient, type Situation, watched } from "../test/situation.ts";
import { IndeterminateError, LeaseLostError } from "./errors.ts";

const unavailable = errorObject("unavailable", "no round", { retryAfterMs: 100 });

/** Draws another openId each time. */
async function aConnectedClient(): Promise<Situation> {
  const situation = await aSimpleClient();
  situation.world.seeds = Array.from({ length: 500 }, (_, at) => at);
  return situation;
}

/** Its keepalives come to nothing from now on. */
function unheard({ cluster }: Situation, verdict: "ignore" | typeof unavailable = "ignore"): void {
  for (const node of cluster.nodes.values()) {
    node.judge = ({ command }) => (command === "session.keepalive" ? verdict : "answer");
  }
}

function heard({ cluster }: Situation): void {
  for (const node of cluster.nodes.values()) node.judge = () => "answer";
}

/** What the sessions of this client come to, as its events tell. */
function sessionEvents({ client }: Situation): { states: string[] } {
  const told: { states: string[] } = { states: [] };
  void (async () => {
    for await (const event of client.events()) {
      if (event.kind === "session") told.states.push(`${event.session} ${event.state}`);
    }
  })();
  return told;
}

describe("keepalives", () => {
  test("one goes out as soon as the session is open, and then three in a time-to-live", async () => {
    const { cluster, world } = await aConnectedClient();

    await world.run(58_000);

    const { keepalivesAtMs } = cluster.node("n1");
    expect(keepalivesAtMs.length).toBe(6);
    expect(Number(keepalivesAtMs[0])).toBeLessThan(10);
    for (const [at, sentMs] of keepalivesAtMs.entries()) {
      if (at > 0) expect(Math.round(sentMs - Number(keepalivesAtMs[at - 1]))).toBe(10_000);
    }
  });

  test("they come a little sooner by dice, never later", async () => {
    const { cluster, world } = await aConnectedClient();
    world.seeds = [2 ** 32 - 1];
    await world.run(30_000);

    const [one, two] = cluster.node("n1").keepalivesAtMs.slice(-2);

    expect(Number(two) - Number(one)).toBeGreaterThanOrEqual(8_000);
    expect(Number(two) - Number(one)).toBeLessThan(8_001);
  });

  test("a session that is kept lives on", async () => {
    const situation = await aConnectedClient();
    const told = sessionEvents(situation);

    await situation.world.run(600_000);

    expect([told.states, situation.client.session]).toEqual([[], { state: "live", id: 1 }]);
  });

  test("a new connection sends one at once", async () => {
    const { cluster, world } = await aConnectedClient();
    cluster.node("n1").kill();
    cluster.elect("n2");

    await world.run(1_000);

    expect(cluster.node("n2").keepalivesAtMs.length).toBe(1);
  });

  test("one that fails changes nothing, and the next one comes sooner", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    const told = sessionEvents(situation);
    unheard(situation, unavailable);
    await world.run(9_000);
    heard(situation);
    const before = cluster.node("n1").keepalivesAtMs.length;
    await world.run(2_600);

    expect(cluster.node("n1").keepalivesAtMs.length).toBe(before + 1);
    expect([told.states, client.session.state]).toEqual([[], "live"]);
  });

  test("they go out while calls wait because the daemon is overloaded", async () => {
    const { client, cluster, world } = await aConnectedClient();
    const overloaded = errorObject("overloaded", "later", { retryAfterMs: 60_000 });
    cluster.node("n1").judge = ({ command }) =>
      command === "session.keepalive" ? "answer" : overloaded;

    const call = watched(client.roger().cancelJob("p", "j", { timeoutMs: 50_000 }));
    await world.run(40_000);

    expect([call.outcome(), client.session.state]).toEqual(["open", "live"]);
    await world.run(20_000);
  });

  test("a leader of before, which knows none, is not asked again, and nothing is counted there", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    const unknown = errorObject("invalid_argument", "unknown", { path: "command" });
    for (const node of cluster.nodes.values()) {
      node.judge = ({ command }) => (command === "session.keepalive" ? unknown : "answer");
    }
    await world.run(600_000);
    const { length } = cluster.node("n1").keepalivesAtMs;

    expect([length, client.session]).toEqual([2, { state: "live", id: 1 }]);
  });

  test("a closed client sends none, and leaves no timer", async () => {
    const { client, cluster, world } = await aConnectedClient();
    const { length } = cluster.node("n1").keepalivesAtMs;
    void client.close();
    await world.run(5_000);

    expect([cluster.node("n1").keepalivesAtMs.length, world.timersRunning]).toEqual([length, 0]);
  });
});

describe("a session whose keepalives come to nothing", () => {
  test("it is in jeopardy, which ends nothing, and live again when one is confirmed", async () => {
    const situation = await aConnectedClient();
    const { client, world } = situation;
    const told = sessionEvents(situation);
    unheard(situation, unavailable);
    await world.run(20_500);
    const call = watched(client.roger().isQueued("p", "k", { add: true }));
    await world.run(10);
    const before = client.session.state;
    heard(situation);
    await world.run(10_000);

    expect([before, call.outcome()]).toEqual(["jeopardy", { value: false }]);
    expect([told.states, client.session]).toEqual([
      ["1 jeopardy", "1 live"],
      { state: "live", id: 1 },
    ]);
  });

  test("it is lost at the local deadline, and another is opened under an openId of its own", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    const told = sessionEvents(situation);
    unheard(situation);

    await world.run(27_000);

    expect(told.states).toEqual(["1 jeopardy", "1 expired", "2 live"]);
    expect([client.session, cluster.sessions.size]).toEqual([{ state: "live", id: 2 }, 2]);
  });

  test("writes that were not executed reject with LeaseLostError, those that may have been as indeterminate by it, reads go on", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    cluster.node("n1").judge = ({ command }) => (command === "session.open" ? "answer" : "ignore");
    const options = { timeoutMs: 60_000 };
    const sent = watched(client.roger().cancelJob("p", "sent", options));
    const read = watched(client.roger().isQueued("p", "k", options));
    await world.run(1_000);
    cluster.node("n1").kill();
    cluster.leader = undefined;
    await world.run(10);
    const waiting = watched(client.roger().isQueued("p", "w", { add: true, ...options }));
    await world.run(27_000);
    const before = read.outcome();
    cluster.node("n1").judge = () => "answer";
    cluster.node("n1").restart();
    cluster.elect("n1");
    await world.run(10_000);

    expect(waiting.outcome()).toMatchObject({
      error: { name: "LeaseLostError", code: "session_expired", outcomeKnown: true },
    });
    expect(sent.outcome()).toMatchObject({
      error: { name: "IndeterminateError", outcomeKnown: false, cause: { name: "LeaseLostError" } },
    });
    expect([before, read.outcome()]).toEqual(["open", { value: false }]);
    expect(cluster.executed).toEqual([]);
  });

  test("the first write after a sleep rejects, although no timer has run yet", async () => {
    const { client, world } = await aConnectedClient();
    world.wallOffsetMs += 3_600_000;

    const call = watched(client.roger().cancelJob("p", "j"));
    await world.run(0);

    expect(call.outcome()).toMatchObject({ error: { name: "LeaseLostError" } });
    const next = watched(client.roger().cancelJob("p", "j"));
    await world.run(100);
    expect(next.outcome()).toEqual({ value: undefined });
  });

  test("its time counts from when the last confirmed one was sent, to the millisecond", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    unheard(situation);
    // It takes one millisecond to arrive.
    const sentAtMs = Number(cluster.node("n1").keepalivesAtMs[0]) - 1;
    await world.run(sentAtMs + 26_999 - world.monotonicNow());
    const before = client.session;

    await world.run(1);

    expect([before, client.session.id]).toEqual([{ state: "jeopardy", id: 1 }, undefined]);
  });

  test("a confirmation that comes after the local deadline brings nothing back", async () => {
    const situation = await aConnectedClient();
    const { cluster, world } = situation;
    const told = sessionEvents(situation);
    let keepalives = 0;
    // The next but one is sent 9.4 s after the one before, and at no time at which the clocks are looked at.
    world.seeds = [1_331_439_861, ...world.seeds];
    cluster.node("n1").judge = ({ command }) => {
      if (command === "session.keepalive") keepalives += 1;
      // While its answer is on its way: too long for the one before, not for this one.
      if (command === "session.keepalive" && keepalives === 2) world.wallOffsetMs += 18_000;
      return "answer";
    };

    await world.run(17_500);

    expect([keepalives, told.states]).toEqual([3, ["1 expired", "2 live"]]);
  });

  test("a session that ended in the log is lost as soon as a keepalive is told so", async () => {
    const situation = await aConnectedClient();
    const { cluster, world } = situation;
    const told = sessionEvents(situation);
    cluster.endSessions();

    await world.run(10_000);

    expect(told.states).toEqual(["1 expired", "2 live"]);
  });
});

describe("a session that is opened again", () => {
  test("is the same one, and its deadline does not move by that", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    unheard(situation);
    await world.run(20_000);
    cluster.node("n1").hangUp(1006);
    await world.run(5_000);
    const before = client.session;
    await world.run(3_000);

    expect([before, client.session.id]).toEqual([{ state: "jeopardy", id: 1 }, 2]);
  });

  test("one that may have begun a time-to-live ago is not counted on: another is opened", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    const told = sessionEvents(situation);
    cluster.ttlMs = 4_000;
    cluster.endSessions();
    let opens = 0;
    cluster.node("n1").judge = ({ command }) => {
      if (command !== "session.open") return "answer";
      opens += 1;
      return opens <= 1 ? "execute-silently" : "answer";
    };

    await world.run(20_000);

    expect([opens, told.states]).toEqual([3, ["1 expired", "3 live"]]);
    expect([client.session, [...cluster.sessions.values()].map(({ id }) => id)]).toEqual([
      { state: "live", id: 3 },
      [2, 3],
    ]);
  });

  test("one that is lost meanwhile is not spoken for by a connection that was to open it", async () => {
    const situation = await aConnectedClient();
    const { client, cluster, world } = situation;
    const first = watched(client.roger().cancelJob("p", "first"));
    unheard(situation);
    await world.run(26_900 - 2_000);
    let opens = 0;
    cluster.node("n1").judge = ({ command }) => {
      if (command === "session.open") opens += 1;
      return command === "session.open" && opens === 1 ? "answer-late" : "answer";
    };
    cluster.node("n1").hangUp(1006);
    await world.run(2_000);

    const call = watched(client.roger().cancelJob("p", "second"));
    await world.run(1_000);

    const done = { value: undefined };
    expect([opens, first.outcome(), call.outcome()]).toEqual([2, done, done]);
    expect(client.session).toEqual({ state: "live", id: 2 });
    expect(cluster.executed).toEqual(["roger.cancelJob first", "roger.cancelJob second"]);
  });

  test("errors of a lost lease are a family", () => {
    const error = new LeaseLostError({ message: "lost" });

    expect([error.code, error.retryable, error.outcomeKnown]).toEqual([
      "session_expired",
      false,
      true,
    ]);
    expect(new IndeterminateError({ message: "", cause: error }).cause).toBe(error);
  });
});
