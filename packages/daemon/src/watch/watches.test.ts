import { logTimeMs, partitionId } from "@rogerd/global-state";
import type { Answer, Request, WatchedEvent } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, postJson, start } from "../../test/outer/a-port.ts";
import { FakeNode } from "../../test/outer/fake-node.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";
import { VirtualPlatform } from "../../test/outer/virtual-platform.ts";
import { defaultBounds } from "../listener/bounds.ts";
import { encodeEntry } from "../state/command-codec.ts";
import { Watches } from "./watches.ts";

const mebibyte = 1024 * 1024;

function watch(id: number, args: Request["args"] = {}, partition?: string): Request {
  return { id, command: "watch", args, ...(partition !== undefined && { partition }) };
}

function take(id: number, key: string, partition = "acme"): Request {
  const args = { key, add: true };
  return { id, partition, command: "roger.isQueued", args, requestId: `${partition} ${key} ${id}` };
}

async function ask(port: APort, client: VirtualClient, ...requests: Request[]): Promise<void> {
  client.say({ kind: "requests", requests });
  await port.settle();
}

function answerTo(client: VirtualClient, id: number): Answer | undefined {
  const answers = client.heardOf("answers").flatMap((frame) => frame.answers);
  return answers.findLast((answer) => answer.id === id);
}

function eventsOf(client: VirtualClient, id: number): readonly WatchedEvent[] {
  return client.heardOf("events").flatMap(({ watch: told, events }) => (told === id ? events : []));
}

const namesOf = (client: VirtualClient, id: number): readonly string[] =>
  eventsOf(client, id).map(({ name }) => name);

async function aWatchedPort(): Promise<{ port: APort; writer: VirtualClient; one: VirtualClient }> {
  const port = await aPort();
  const [writer, one] = [port.client(), port.client()];
  await ask(port, writer, start(1));
  return { port, writer, one };
}

describe("a watch", () => {
  test("is told what happens from now on, in order, and how far that goes", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, writer, take(2, "before"));
    await ask(port, one, watch(7));
    const { revision } = port.node.current;

    await ask(port, writer, take(3, "a"), take(4, "b"));

    expect(answerTo(one, 7)).toMatchObject({ result: { status: "watching", revision } });
    expect(one.heardOf("events")).toMatchObject([
      {
        watch: 7,
        through: revision + 1,
        events: [
          {
            revision: revision + 1,
            n: 0,
            type: "queueKey.taken",
            partition: "acme",
            name: "a",
            item: { key: "a", owner: null },
            was: null,
            cause: "roger.isQueued",
            by: { requestId: "acme a 3" },
          },
          { n: 1, name: "b" },
        ],
      },
    ]);
  });

  test("is told only what it asked for: kinds, types, names, a partition with its own comings and goings", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, one, watch(1, { types: ["queueKey"], prefix: "user/" }));
    await ask(port, one, watch(2, { types: ["queueKey.freed"] }));
    await ask(port, one, watch(3, {}, "other"));

    await ask(port, writer, { ...start(2), partition: "other" }, take(3, "user/1"));
    await ask(port, writer, take(4, "mail"), take(5, "user/1", "other"));
    const free = { partition: "acme", command: "roger.removeQueued", args: { key: "mail" } };
    await ask(port, writer, { id: 6, ...free });

    expect(namesOf(one, 1)).toEqual(["user/1", "user/1"]);
    expect(namesOf(one, 2)).toEqual(["mail"]);
    expect(eventsOf(one, 3).map(({ type }) => type)).toEqual([
      "partition.started",
      "queueKey.taken",
    ]);
  });

  test("goes on where another one stopped, within an entry too", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, writer, take(2, "a"), take(3, "b"), take(4, "c"));
    const { revision } = port.node.current;

    await ask(port, one, watch(1, { from: { revision, n: 0 } }));
    await ask(port, one, watch(2, { from: { revision } }));
    await ask(port, one, watch(3, { from: { revision: revision - 1 } }));
    await ask(port, writer, take(5, "d"));

    expect(namesOf(one, 1)).toEqual(["b", "c", "d"]);
    expect(namesOf(one, 2)).toEqual(["d"]);
    expect(namesOf(one, 3)).toEqual(["a", "b", "c", "d"]);
  });

  test("with more to be told than a frame holds is told it in several, and the bookmark comes last", async () => {
    const { port, writer, one } = await aWatchedPort();
    const { revision } = port.node.current;
    await ask(port, writer, ...Array.from({ length: 600 }, (_, at) => take(2 + at, `k${at}`)));

    await ask(port, one, watch(1, { from: { revision } }));

    const frames = one.heardOf("events");
    expect(frames.map(({ events, through }) => [events.length, through])).toEqual([
      [256, null],
      [256, null],
      [88, port.node.current.revision],
    ]);
    expect(namesOf(one, 1)).toEqual(Array.from({ length: 600 }, (_, at) => `k${at}`));
  });

  test("from a revision that is not applied here yet waits for it", async () => {
    const { port, writer, one } = await aWatchedPort();
    const { revision } = port.node.current;
    await ask(port, one, watch(1, { from: { revision: revision + 2 } }));

    for (const [at, key] of ["a", "b", "c"].entries()) await ask(port, writer, take(2 + at, key));

    expect(namesOf(one, 1)).toEqual(["c"]);
  });

  test("from what is not known here any more is refused: compacted, and how far", async () => {
    const port = await aPort({ bounds: { eventsKeptIdle: 2 } });
    const [writer, one] = [port.client(), port.client()];
    await ask(port, writer, start(1));
    for (const key of ["a", "b", "c"]) await ask(port, writer, take(2, key));
    const { revision } = port.node.current;

    await ask(port, one, watch(1, { from: { revision: revision - 3 } }));
    await ask(port, one, watch(2, { from: { revision: revision - 2 } }));

    expect(answerTo(one, 1)).toMatchObject({
      error: { code: "compacted", revision: revision - 2, retryable: false },
    });
    expect(namesOf(one, 2)).toEqual(["b", "c"]);
  });

  test("from before it began to look on is refused, too: what was applied meanwhile is not known", async () => {
    const node = new FakeNode();
    const answers: Answer[] = [];
    const watcher = {
      isListening: true,
      hasRoom: true,
      answer: (answer: Answer) => answers.push(answer),
      tellWatch: () => undefined,
    };
    const platform = new VirtualPlatform();
    const watches = new Watches({ platform, state: node, bounds: defaultBounds });
    const { revision } = node.current;
    const write = { name: "partition.start", partition: partitionId("acme"), args: {} } as const;
    const stamp = { logTime: logTimeMs(1), wallMs: 1 };
    const submissions = [{ origin: { kind: "none" }, write }] as const;
    await node.propose(encodeEntry({ ...stamp, submissions }));
    watches.start();

    const refused = watches.take(watch(1, { from: { revision } }), watcher);

    expect(refused).toMatchObject({ code: "compacted", revision: node.current.revision });
    expect(answers).toEqual([]);
  });

  test("ends when a snapshot takes the place of what it has not seen", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, one, watch(1), watch(2, { from: { revision: 1_000 } }));
    await ask(port, writer, take(2, "a"));
    one.bufferedAmount = mebibyte;
    await ask(port, writer, take(3, "b"));

    port.node.restored();
    await port.settle();

    expect(one.heardOf("watchEnded")).toMatchObject([{ watch: 1, error: { code: "compacted" } }]);
    one.bufferedAmount = 0;
    await ask(port, one, watch(3));
    await ask(port, writer, take(4, "c"));
    expect([namesOf(one, 1), namesOf(one, 3)]).toEqual([["a"], ["c"]]);
  });

  test("ends too where it has seen a part of the revision that the snapshot ends with", async () => {
    const { port, writer, one } = await aWatchedPort();
    const next = port.node.current.revision + 1;
    await ask(port, one, watch(1, { from: { revision: next, n: 0 } }));
    await ask(port, one, watch(2, { from: { revision: next } }));
    one.bufferedAmount = mebibyte;
    await ask(port, writer, take(2, "a"), take(3, "b"), take(4, "c"));

    port.node.restored();
    await port.settle();
    one.bufferedAmount = 0;
    await ask(port, writer, take(5, "d"));

    expect(port.node.current.revision).toBe(next + 1);
    expect(one.heardOf("watchEnded")).toMatchObject([{ watch: 1, error: { code: "compacted" } }]);
    expect([namesOf(one, 1), namesOf(one, 2)]).toEqual([[], ["d"]]);
  });

  test("that is not read is told later, and one that falls too far behind is told so; nobody else waits", async () => {
    const port = await aPort({ bounds: { eventsKeptMax: 3 } });
    const [writer, slow, slower, quick] = [1, 2, 3, 4].map(() => port.client());
    if (writer === undefined || slow === undefined) throw new Error("four clients");
    if (slower === undefined || quick === undefined) throw new Error("four clients");
    await ask(port, writer, start(1));
    for (const client of [slow, slower, quick]) await ask(port, client, watch(1));
    slow.bufferedAmount = mebibyte;
    slower.bufferedAmount = mebibyte;

    for (const key of ["a", "b", "c"]) await ask(port, writer, take(2, key));
    slow.bufferedAmount = 0;
    await port.platform.advance(200);
    await ask(port, writer, take(3, "d"));
    slower.bufferedAmount = 0;
    await port.platform.advance(200);

    const abcd = ["a", "b", "c", "d"];
    expect([namesOf(quick, 1), namesOf(slow, 1), namesOf(slower, 1)]).toEqual([abcd, abcd, []]);
    expect(slower.heardOf("watchEnded")).toMatchObject([{ watch: 1, error: { code: "overflow" } }]);
    expect(slower.closing).toBeUndefined();
  });

  test("of events that are long is told them in frames that a client takes", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, one, watch(1));
    one.bufferedAmount = mebibyte;
    const keys = Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(500, "k"));
    const jobIds = Array.from({ length: 200 }, (_, at) => `${at}`.padEnd(500, "j"));
    await ask(port, writer, ...keys.map((key, at) => take(2 + at, key)));
    for (const [at, by] of ["a", "b", "c", "d"].entries()) {
      const args = { jobIds: jobIds.slice(50 * at, 50 * (at + 1)), by, reason: "r".repeat(500) };
      await ask(port, writer, { id: 900 + at, partition: "acme", command: "cancel.mark", args });
    }

    one.bufferedAmount = 0;
    await port.platform.advance(200);

    expect(new Set(namesOf(one, 1))).toEqual(new Set([...keys, ...jobIds]));
    expect(Math.max(...one.sent.map((frame) => frame.length))).toBeLessThan(mebibyte / 4);
  });

  test("is told now and then how far nothing has happened", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, one, watch(1, { types: ["session"] }));
    await port.platform.advance(20_000);
    const before = one.heardOf("events").length;
    await ask(port, writer, take(2, "a"));

    await port.platform.advance(10_000);

    const { revision } = port.node.current;
    expect(before).toBe(0);
    expect(one.heardOf("events")).toEqual([
      { kind: "events", watch: 1, events: [], through: revision },
    ]);
  });

  test("ends where it is told to, and with its connection; then no timer is left", async () => {
    const { port, writer, one } = await aWatchedPort();
    const { timersArmed } = port.platform;
    await ask(port, one, watch(1), watch(2));
    const unwatch = { id: 3, command: "unwatch", args: { watch: 1 } };
    await ask(port, one, unwatch);
    await ask(port, writer, take(2, "a"));
    await ask(port, one, { ...unwatch, id: 4 });

    expect([namesOf(one, 1), namesOf(one, 2)]).toEqual([[], ["a"]]);
    expect(answerTo(one, 3)).toMatchObject({ result: { status: "done" } });
    expect(answerTo(one, 4)).toMatchObject({ error: { path: "args.watch" } });
    one.leave();
    await port.settle();
    await ask(port, writer, take(3, "b"));
    expect(port.platform.timersArmed).toBe(timersArmed);
  });

  test("ends where nothing may be answered from this state", async () => {
    const { port, writer, one } = await aWatchedPort();
    await ask(port, one, watch(1));
    await ask(port, writer, take(2, "a"));
    port.node.decidesAtOnce = false;
    await ask(port, writer, take(3, "b"));
    port.node.notServing = "the state here is wrong";

    port.node.applyAll();
    await port.settle();

    expect(namesOf(one, 1)).toEqual(["a"]);
    expect(one.heardOf("watchEnded")).toMatchObject([{ error: { code: "unavailable" } }]);
  });

  test("is told by a follower, too", async () => {
    const { port, one } = await aWatchedPort();
    port.node.follow("n2");

    await ask(port, one, watch(1));

    expect(answerTo(one, 1)).toMatchObject({ result: { status: "watching" } });
  });

  test.each<{ says: string; asked: Request; path: string }>([
    { says: "an unknown argument", asked: watch(1, { form: 1 }), path: "args.form" },
    { says: "a kind that there is not", asked: watch(1, { types: ["lock"] }), path: "args.types" },
    { says: "no kinds", asked: watch(1, { types: [] }), path: "args.types" },
    { says: "a place that is none", asked: watch(1, { from: { n: 1 } }), path: "args.from" },
    { says: "a number", asked: { ...watch(1), seq: 1 }, path: "seq" },
  ])("$says is refused", async ({ asked, path }) => {
    const { port, one } = await aWatchedPort();

    await ask(port, one, asked);

    expect(answerTo(one, 1)).toMatchObject({ error: { code: "invalid_argument", path } });
  });

  test("has its bounds, and an id of its own", async () => {
    const port = await aPort({ bounds: { watchesMax: 2 } });
    const one = port.client();

    await ask(port, one, watch(1), watch(1), watch(2), watch(3));

    const errors = one.heardOf("answers").flatMap(({ answers }) => answers);
    expect(errors).toMatchObject([
      { id: 1, result: {} },
      { id: 1, error: { path: "id" } },
      { id: 2, result: {} },
      { id: 3, error: { code: "overloaded" } },
    ]);
  });

  test("needs a WebSocket", async () => {
    const port = await aPort();

    const body = { command: "watch", args: {} };
    const { status, value } = await postJson(port, { path: "/v1/command", body });

    expect([status, value]).toMatchObject([400, { error: { path: "command" } }]);
  });
});
