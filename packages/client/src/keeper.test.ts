import { errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aScriptedClient, nothing, type ScriptedSituation } from "../test/scripted-client.ts";
import { aCluster, watched } from "../test/situation.ts";
import { RogerdClient } from "./client.ts";
import { HeldKey } from "./held-key.ts";
import { Keeper } from "./keeper.ts";
import type { KeeperNews } from "./keeper-words.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { settingsOf } from "./settings.ts";

interface HoldingSituation extends ScriptedSituation {
  readonly key: HeldKey;
  /** Of its sessions and of its keeper, in order. */
  readonly told: string[];
}

/** A client that holds a key, in a cluster where sessions end when nothing keeps them. */
async function aHolder(options: Partial<ConnectOptions> = {}): Promise<HoldingSituation> {
  const script = {
    "executionKey.acquire": [{ status: "held", token: 5 }],
    "executionKey.release": [{ status: "released" }],
    "session.sync": [
      { ...nothing, holds: [{ partition: "acme", key: "k", owner: "j", token: 5 }] },
    ],
  };
  const situation = await aScriptedClient(script, { keepalives: "thread", ...options });
  const { client, cluster, world } = situation;
  cluster.expires = true;
  const told: string[] = [];
  void (async () => {
    for await (const event of client.events()) {
      if (event.kind === "session") told.push(`${event.session} ${event.state}`);
      if (event.kind === "keeper-died") told.push(`${event.kind}: ${event.reason}`);
      if (event.kind === "keeper-refused") told.push(`${event.kind}: ${event.error.code}`);
      if (event.kind === "stalled") told.push(event.kind);
    }
  })();
  const acquiring = client.partition("acme").acquireExecutionKey("k", { owner: "j" });
  await world.run(10);
  const key = await acquiring;
  if (!(key instanceof HeldKey)) throw new Error("held");
  return { ...situation, key, told };
}

async function blocked({ world }: HoldingSituation, ms: number): Promise<void> {
  world.block();
  await world.run(ms);
  world.unblock();
}

/** What happens in the turn in which its loop wakes up, and no later. */
async function firstTurn({ world }: HoldingSituation): Promise<void> {
  await world.run(0);
}

describe("a keeper", () => {
  test("sends keepalives on a connection of its own: at once, and three in a time-to-live", async () => {
    const { cluster, world, client } = await aHolder();

    await world.run(57_000);

    const node = cluster.node("n1");
    expect([node.connections, node.keeperKeepalivesAtMs.length]).toEqual([2, 6]);
    for (const [at, sentMs] of node.keeperKeepalivesAtMs.entries()) {
      if (at > 0) {
        expect(Math.round(sentMs - Number(node.keeperKeepalivesAtMs[at - 1]))).toBe(10_000);
      }
    }
    expect(client.session).toEqual({ state: "live", id: 1 });
  });

  test.each(["thread", "loop"] as const)(
    "a loop that is blocked for longer than the time-to-live: with keepalives from the %s",
    async (keepalives) => {
      const situation = await aHolder({ keepalives });
      await blocked(situation, 50_000);
      await firstTurn(situation);
      const { key, told, client, world } = situation;
      const isAborted = key.signal.aborted;
      await world.run(1_000);

      const call = watched(client.roger().cancelJob("p", "j"));
      await world.run(1_000);

      const kept = { isAborted: false, told: [], session: 1 };
      const lost = { isAborted: true, told: ["1 expired", "2 live"], session: 2 };
      const { id: session } = client.session;
      expect({ isAborted, told, session }).toEqual(keepalives === "thread" ? kept : lost);
      expect(call.outcome()).toEqual({ value: undefined });
    },
  );

  test("the session is there for the first write after the block, before any turn", async () => {
    const situation = await aHolder();
    await blocked(situation, 50_000);

    const call = watched(situation.client.roger().cancelJob("p", "j"));
    await situation.world.run(1_000);

    expect([call.outcome(), situation.told]).toEqual([{ value: undefined }, []]);
  });

  test("it finds the new leader while the loop is blocked", async () => {
    const situation = await aHolder();
    const { world, cluster, key, told } = situation;
    world.block();
    await world.run(5_000);
    cluster.node("n1").kill();
    cluster.elect(undefined);
    await world.run(2_000);
    cluster.elect("n2");
    await world.run(43_000);
    world.unblock();
    await world.run(2_000);

    expect([key.signal.aborted, told, situation.client.session]).toEqual([
      false,
      [],
      { state: "live", id: 1 },
    ]);
    expect(cluster.node("n2").keeperKeepalivesAtMs.length).toBeGreaterThan(3);
  });

  test("the lease counts from when the keeper's last confirmed one was sent", async () => {
    const situation = await aHolder();
    const { world, cluster, client, told } = situation;
    for (const node of cluster.nodes.values()) {
      node.judge = ({ command, args }) =>
        command === "session.keepalive" && args["openId"] === undefined ? "ignore" : "answer";
    }
    await world.run(60_000);
    const before = [...told];
    for (const node of cluster.nodes.values()) {
      node.judge = ({ command }) => (command === "session.keepalive" ? "ignore" : "answer");
    }
    // It takes one millisecond to arrive.
    const sentAtMs = Number(cluster.node("n1").keeperKeepalivesAtMs.at(-1)) - 1;
    await world.run(sentAtMs + 26_999 - world.monotonicNow());
    const { id } = client.session;
    await world.run(1);

    expect([before, id, client.session.id]).toEqual([[], 1, undefined]);
  });

  test("it keeps the next session after one that was lost, and the lost one no more", async () => {
    const { world, cluster, client } = await aHolder();
    world.wallOffsetMs += 60_000;
    await world.run(1_000);
    await world.run(40_000);

    expect(client.session).toEqual({ state: "live", id: 2 });
    expect([...cluster.sessions.values()].map(({ id }) => id)).toEqual([2]);
  });
});

describe("a session that its client has given up", () => {
  test("is kept no more, also while no other one begins", async () => {
    const { world, cluster } = await aHolder();
    cluster.node("n1").judge = ({ command }) => (command === "session.open" ? "ignore" : "answer");
    world.wallOffsetMs += 60_000;
    await world.run(1_000);
    const before = cluster.node("n1").keeperKeepalivesAtMs.length;

    await world.run(25_000);

    expect(cluster.node("n1").keeperKeepalivesAtMs.length).toBe(before);
  });
});

describe("a loop that hangs", () => {
  test("is kept for maxStallMs and no longer: its signals abort by the end of its first turn", async () => {
    const situation = await aHolder({ maxStallMs: 5_000 });
    const { key, told, cluster, world } = situation;
    const beganAtMs = world.monotonicNow();
    await blocked(situation, 60_000);
    await firstTurn(situation);

    expect([key.signal.aborted, key.signal.reason]).toMatchObject([
      true,
      { name: "LeaseLostError" },
    ]);
    const { keeperKeepalivesAtMs } = cluster.node("n1");
    expect(keeperKeepalivesAtMs.filter((at) => at > beganAtMs + 5_001)).toEqual([]);
    await world.run(1_000);
    expect(told).toEqual(["1 expired", "stalled", "2 live"]);
    expect([...cluster.sessions.values()].map(({ id }) => id)).toEqual([2]);
  });

  test("one that wakes up in time is kept again", async () => {
    const situation = await aHolder({ maxStallMs: 5_000 });
    await blocked(situation, 20_000);
    await situation.world.run(100_000);

    expect([situation.told, situation.client.session.id]).toEqual([
      ["1 jeopardy", "stalled", "1 live"],
      1,
    ]);
    const sent = situation.cluster.node("n1").keeperKeepalivesAtMs;
    expect(sent.filter((at) => at > 30_000).length).toBeGreaterThan(7);
  });

  test("a session that ended in the log meanwhile is told in the first turn", async () => {
    const situation = await aHolder();
    situation.world.block();
    await situation.world.run(5_000);
    situation.cluster.endSessions();
    await situation.world.run(8_000);
    situation.world.unblock();
    await firstTurn(situation);

    expect(situation.key.signal.aborted).toBe(true);
  });
});

describe("a keeper that is of no use", () => {
  test("one that dies is told, and its client keeps the session alone", async () => {
    const situation = await aHolder();
    situation.world.killKeepers();
    await situation.world.run(100_000);

    expect([situation.told, situation.client.session.id]).toEqual([["keeper-died: killed"], 1]);
    expect(situation.key.signal.aborted).toBe(false);
  });

  test("one that may not be started is told, and its client goes on alone", async () => {
    const { world, cluster } = aCluster();
    world.startKeeper = () => {
      throw new Error("no threads for this process");
    };
    const { endpoints } = cluster;
    const connecting = RogerdClient.connect(world, { endpoints, keepalives: "thread" });
    const telling = connecting.then((client) => client.events().next());
    await world.run(100_000);

    const client = await connecting;
    expect(client.session).toEqual({ state: "live", id: 1 });
    const event = { kind: "keeper-died", reason: "no threads for this process" };
    expect(await telling).toEqual({ done: false, value: event });
  });

  test("what it said before it died counts", async () => {
    const situation = await aHolder();
    situation.world.block();
    await situation.world.run(40_000);
    situation.world.killKeepers();
    situation.world.unblock();
    await situation.world.run(1_000);

    expect([situation.told, situation.client.session.id]).toEqual([["keeper-died: killed"], 1]);
  });

  test("a daemon that knows no keepers is asked once on each connection, and that is told", async () => {
    const situation = await aHolder();
    const { cluster, world } = situation;
    const unknown = errorObject("invalid_argument", "session: is unknown", { path: "session" });
    for (const node of cluster.nodes.values()) {
      node.judge = ({ args }) => (args["session"] === undefined ? "answer" : unknown);
    }
    await world.run(60_000);

    expect(situation.told).toEqual(["keeper-refused: invalid_argument"]);
    expect(situation.client.session).toEqual({ state: "live", id: 1 });
  });

  test("one whom no node takes says so", async () => {
    const { world, cluster } = aCluster();
    for (const node of cluster.nodes.values()) node.credential = "another";
    const said: KeeperNews[] = [];
    const { link } = settingsOf({ endpoints: cluster.endpoints });
    const settings = { endpoints: cluster.endpoints, clusterId: "c1", link, maxStallMs: 60_000 };
    const tell = (news: KeeperNews) => void said.push(news);
    const keeper = new Keeper({ platform: world, settings, lastBeatMs: () => 0, tell });

    keeper.heed({ kind: "keep", session: { id: 1, openId: "0".repeat(32), ttlMs: 30_000 } });
    await world.run(1_000);

    expect(said).toEqual([{ kind: "refused", code: "unauthenticated", message: "no" }]);
  });
});

describe("the end", () => {
  test("a closed client has ended its keeper, before it says goodbye, and leaves no timer", async () => {
    const { client, cluster, world } = await aHolder();
    const before = cluster.node("n1").keeperKeepalivesAtMs.length;
    const closing = watched(client.close());
    await world.run(10_000);

    expect([closing.outcome(), world.keepersRunning]).toEqual([{ value: undefined }, 0]);
    expect([world.timersRunning, cluster.node("n1").connections]).toEqual([0, 0]);
    expect(cluster.node("n1").keeperKeepalivesAtMs.length).toBe(before);
  });

  test("what a keeper would hear after the goodbye is no loss", async () => {
    const { client, cluster, world, told } = await aHolder();
    cluster.node("n1").judge = ({ command, args }) => {
      const isOwn = command === "session.keepalive" && args["openId"] === undefined;
      if (command === "session.close") cluster.endSessions();
      return isOwn || command === "session.close" ? "ignore" : "answer";
    };
    // The next one is sent in half a second.
    const sentAtMs = Number(cluster.node("n1").keeperKeepalivesAtMs.at(-1)) - 1;
    await world.run(sentAtMs + 9_500 - world.monotonicNow());

    const closing = watched(client.close());
    await world.run(2_000);

    expect([closing.outcome(), told]).toEqual([{ value: undefined }, ["1 closed"]]);
  });

  test("a client that is told of no thread has none", async () => {
    const { world, cluster } = await aHolder({ keepalives: "loop" });

    expect([world.keepersRunning, cluster.node("n1").connections]).toEqual([0, 1]);
  });
});

describe("settings", () => {
  test.each([
    [{ keepalives: "thread", maxStallMs: 999 }, "maxStallMs"],
    [{ keepalives: "thread", maxStallMs: 600_001 }, "maxStallMs"],
    [{ keepalives: "thread", maxStallMs: Number.NaN }, "maxStallMs"],
    [{ maxStallMs: 5_000 }, "maxStallMs"],
  ] as const)("%j is refused", async (options, path) => {
    const { world, cluster } = aCluster();
    const { endpoints } = cluster;

    const connecting = RogerdClient.connect(world, { endpoints, ...options });

    await expect(connecting).rejects.toMatchObject({ code: "invalid_argument", path });
  });

  test("a world without threads refuses a client that wants one", async () => {
    const { world, cluster } = aCluster();
    const { endpoints } = cluster;
    const threadless = {
      monotonicNow: () => world.monotonicNow(),
      wallNow: () => world.wallNow(),
      setTimer: world.setTimer.bind(world),
      afterTurn: world.afterTurn.bind(world),
      drawSeed: () => world.drawSeed(),
      dial: world.dial.bind(world),
    };

    const connecting = RogerdClient.connect(threadless, { endpoints, keepalives: "thread" });

    await expect(connecting).rejects.toMatchObject({
      code: "invalid_argument",
      path: "keepalives",
    });
  });
});
