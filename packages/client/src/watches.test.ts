import { errorObject, type Request, type WatchedEvent } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import type { FakeNode } from "../test/fake-node.ts";
import { aConnectedClient, type Situation, watched } from "../test/situation.ts";
import { CompactedError, InvalidArgumentError } from "./errors.ts";
import { eventsWaitingMax, type Watch } from "./watch.ts";

function anEvent(revision: number, n = 0): WatchedEvent {
  return {
    revision,
    n,
    type: "queueKey.taken",
    partition: "acme",
    name: `k${revision}.${n}`,
    item: { key: "k" },
    was: null,
    cause: "roger.isQueued",
    by: null,
    at: 0,
    logTimeMs: 0,
  };
}

/** The watches that a node was asked for, in order. */
function asked(node: FakeNode): readonly Request[] {
  return node.requests().filter(({ command }) => command === "watch");
}

function idOf(node: FakeNode): number {
  return asked(node).at(-1)?.id ?? -1;
}

function tell(
  node: FakeNode,
  events: readonly WatchedEvent[],
  through: number | null = events.at(-1)?.revision ?? null,
): void {
  node.say({ kind: "events", watch: idOf(node), events, through });
}

/** Takes what comes, until it ends; `rest` is how it ended. */
function reading(watch: Watch): { names: string[]; rest: () => unknown } {
  const names: string[] = [];
  const all = (async () => {
    for await (const { name } of watch) names.push(name);
    return "done";
  })();
  const end = watched(all);
  return { names, rest: () => end.outcome() };
}

async function aWatch(): Promise<Situation & { watch: Watch; node: FakeNode }> {
  const situation = await aConnectedClient();
  const watch = situation.client.partition("acme").watch({ types: ["queueKey"], prefix: "k" });
  await situation.world.run(5);
  return { ...situation, watch, node: situation.cluster.node("n1") };
}

describe("a watch", () => {
  test("asks the node that is there, and hands out what it is told", async () => {
    const { watch, node, world } = await aWatch();
    const { names } = reading(watch);

    tell(node, [anEvent(8), anEvent(8, 1)], null);
    tell(node, [anEvent(9)]);
    await world.run(5);

    expect(asked(node)).toMatchObject([
      { partition: "acme", args: { types: ["queueKey"], prefix: "k" } },
    ]);
    expect([names, watch.through]).toEqual([["k8.0", "k8.1", "k9.0"], 9]);
  });

  test("goes on with another node from where it stopped: in the middle of a revision, or at a bookmark", async () => {
    const { cluster, watch, node, world } = await aWatch();
    const { names } = reading(watch);
    tell(node, [anEvent(8), anEvent(8, 1)], null);
    await world.run(5);
    node.kill();
    cluster.elect("n2");
    await world.run(2_000);
    const second = cluster.node("n2");

    tell(second, [anEvent(8, 2)], 11);
    await world.run(5);
    second.kill();
    cluster.elect("n3");
    await world.run(2_000);

    expect(asked(second).at(-1)?.args["from"]).toEqual({ revision: 8, n: 1 });
    expect(asked(cluster.node("n3")).at(-1)?.args["from"]).toEqual({ revision: 11 });
    expect(names).toEqual(["k8.0", "k8.1", "k8.2"]);
  });

  test("one that was told nothing yet goes on from where it began", async () => {
    const { cluster, watch, node, world } = await aWatch();
    reading(watch);
    node.kill();
    cluster.elect("n2");
    await world.run(2_000);

    expect(asked(cluster.node("n2")).at(-1)?.args["from"]).toEqual({ revision: 7 });
  });

  test("is asked for again after an overflow, and after a node that does not serve", async () => {
    const { watch, node, world } = await aWatch();
    const { names } = reading(watch);
    tell(node, [anEvent(8)]);
    await world.run(5);

    for (const code of ["overflow", "unavailable"] as const) {
      node.say({ kind: "watchEnded", watch: idOf(node), error: errorObject(code, "later") });
      await world.run(6_000);
    }
    tell(node, [anEvent(9)]);
    await world.run(5);

    expect(asked(node).map(({ args }) => args["from"])).toEqual([
      undefined,
      { revision: 8 },
      { revision: 8 },
    ]);
    expect(names).toEqual(["k8.0", "k9.0"]);
  });

  test("ends with an error where changes were lost, once what came before was handed out", async () => {
    const { watch, node, world } = await aWatch();
    tell(node, [anEvent(8)]);
    const error = errorObject("compacted", "list", { revision: 20 });
    node.say({ kind: "watchEnded", watch: idOf(node), error });
    await world.run(5);

    const { names, rest } = reading(watch);
    await world.run(5);

    expect(names).toEqual(["k8.0"]);
    expect(rest()).toMatchObject({ error: { name: "CompactedError", revision: 20 } });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  test.each([
    [errorObject("compacted", "list", { revision: 20 }), CompactedError],
    [errorObject("invalid_argument", "no", { path: "args.types" }), InvalidArgumentError],
  ])("that is refused for good ends with the refusal: %o", async (error, kind) => {
    const { client, cluster, world } = await aConnectedClient();
    cluster.node("n1").judge = ({ command }) => (command === "watch" ? error : "answer");

    const { rest } = reading(client.watch({ from: 3 }));
    await world.run(5);

    expect(rest()).toEqual({ error: expect.any(kind) });
    expect(asked(cluster.node("n1"))).toMatchObject([{ args: { from: { revision: 3 } } }]);
  });

  test("a user who does not keep up is not told more than it can hold, and then goes on", async () => {
    const { watch, node, world } = await aWatch();
    for (let from = 0; from <= eventsWaitingMax; from += 256) {
      tell(
        node,
        Array.from({ length: 256 }, (_, at) => anEvent(8 + from + at)),
      );
    }
    await world.run(20);
    const before = node.requests().map(({ command }) => command);

    for (let at = 0; at < eventsWaitingMax / 2 + 256; at += 1) await watch.next();
    await world.run(20);

    expect(before.slice(-2)).toEqual(["watch", "unwatch"]);
    expect(asked(node).length).toBe(2);
    expect(asked(node).at(-1)?.args["from"]).toEqual({ revision: 8 + eventsWaitingMax - 1 });
  });

  test("is left by its loop, its signal, and the client's end; the node hears of it", async () => {
    const { client, cluster, world } = await aConnectedClient();
    const node = cluster.node("n1");
    const abort = new AbortController();
    const left = client.watch();
    const aborted = client.watch({ signal: abort.signal });
    const ended = client.watch();
    const [afterAbort, afterEnd] = [reading(aborted), reading(ended)];
    await world.run(5);

    await left.return();
    abort.abort(new Error("enough"));
    await world.run(5);
    const unwatched = node.requests().filter(({ command }) => command === "unwatch").length;
    void client.close();
    await world.run(5_000);

    expect(unwatched).toBe(2);
    expect(afterAbort.rest()).toEqual({ error: new Error("enough") });
    expect(afterEnd.rest()).toEqual({ value: "done" });
    expect(reading(client.watch()).names).toEqual([]);
  });
});
