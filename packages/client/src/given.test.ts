import { describe, expect, test } from "vitest";
import { aScriptedClient } from "../test/scripted-client.ts";
import { watched } from "../test/situation.ts";
import type { Partition } from "./partition.ts";
import { Run } from "./run.ts";

/** As a user without a compiler gives them. */
type Anything = ReturnType<typeof Reflect.get>;

function circular(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

const owner = { owner: "o" };
const queue = { queue: "q" };

const calls: readonly (readonly [
  string,
  (p: Partition, value: Anything) => Promise<unknown>,
  string,
])[] = [
  ["claimQueueKey", (p, value) => p.claimQueueKey(value, owner), "args.key"],
  [
    "the owner of claimQueueKey",
    (p, value) => p.claimQueueKey("k", { owner: value }),
    "args.owner",
  ],
  ["cancel", (p, value) => p.cancel(["j", value]), "args.jobIds[1]"],
  ["cancelled", (p, value) => p.cancelled(value), "args.jobId"],
  ["pause", (p, value) => p.pause(value), "args.selector"],
  ["list", (p, value) => p.list("pauses", { prefix: value }), "args.prefix"],
  ["startJob", (p, value) => p.startJob(value, queue), "args.jobId"],
  ["a tag of startJob", (p, value) => p.startJob("j", { ...queue, tags: [value] }), "args.tags[0]"],
  ["acquireExecutionKey", (p, value) => p.acquireExecutionKey(value, owner), "args.key"],
  ["its owner", (p, value) => p.acquireExecutionKey("k", { owner: value }), "args.owner"],
  ["withdrawExecutionKey", (p, value) => p.withdrawExecutionKey(value, owner), "args.key"],
  [
    "releaseExecutionKey",
    (p, value) => p.releaseExecutionKey(value, { ...owner, token: 1 }),
    "args.key",
  ],
];

const values: readonly (readonly [string, () => unknown])[] = [
  ["bytes", () => new Uint8Array([106])],
  ["a Date", () => new Date(0)],
  ["a Set", () => new Set(["x"])],
  ["a symbol", () => Symbol("x")],
  ["a bigint", () => 10n],
  ["a function", () => () => 1],
  ["a list that has itself", circular],
  ["half a surrogate pair", () => "order-\ud83d"],
];

describe.each(values)("%s", (_, value) => {
  test.each(calls)("in %s is invalid_argument at once, and is not sent", async (__, call, path) => {
    const { asked, client, world } = await aScriptedClient({});
    const before = asked().length;

    const made = watched(call(client.partition("acme"), value()));
    const other = watched(client.roger().isQueued("p", "k"));
    await world.run(10);

    expect(made.outcome()).toMatchObject({
      error: {
        name: "InvalidArgumentError",
        outcomeKnown: true,
        path: expect.stringMatching(path.replace(/[[\].]/g, "\\$&")),
      },
    });
    expect(other.outcome()).not.toBe("open");
    const sent = asked().slice(before);
    expect(sent.filter((what) => what !== "session.sync")).toEqual(["roger.isQueued"]);
  });

  test("in the start of the next job leaves the run as it is", async () => {
    const script = { "job.start": [{ status: "started", token: 5 }] };
    const { asked, client, world } = await aScriptedClient(script);
    const starting = client.partition("acme").startJob("job-1", queue);
    await world.run(10);
    const run = await starting;
    if (!(run instanceof Run)) throw new Error("it runs");

    const next: Anything = { jobId: value(), queue: "q" };
    const leaving = watched(run.finishAndStart("completed", next));
    await world.run(10);

    expect(leaving.outcome()).toMatchObject({ error: { name: "InvalidArgumentError" } });
    expect(asked().filter((call) => call.startsWith("job.finish"))).toEqual([]);
  });

  test("as a partition, or as what is watched, is refused", async () => {
    const { client } = await aScriptedClient({});
    const given: Anything = value();

    await expect(client.partition(given).start()).rejects.toMatchObject({ path: "partition" });
    expect(() => client.watch({ prefix: given })).toThrow(/^args\.prefix/);
  });
});

describe("how long to stand in line", () => {
  test.each([0, -5, Number.NaN, "5"])("can't be %j", async (waitTimeoutMs: Anything) => {
    const { asked, client, world } = await aScriptedClient({});
    const acme = client.partition("acme");

    const key = watched(acme.acquireExecutionKey("k", { owner: "o", waitTimeoutMs }));
    const job = watched(acme.startJob("j", { queue: "q", executionKey: "k", waitTimeoutMs }));
    await world.run(10);

    const error = { name: "InvalidArgumentError", path: "args.waitTimeoutMs" };
    expect([key.outcome(), job.outcome()]).toMatchObject([{ error }, { error }]);
    expect(asked().filter((what) => what !== "session.sync")).toEqual([]);
  });
});

test("times that are none, signals that are none and options that are missing are refused by name", async () => {
  const { client } = await aScriptedClient({});
  const acme: Anything = client.partition("acme");
  const noDate = new Date(Number.NaN);

  const wrong: readonly (readonly [() => Promise<unknown>, string])[] = [
    [() => acme.pause("q", { until: 5 }), "args.until"],
    [() => acme.pause("q", { until: noDate }), "args.until"],
    [() => acme.addCancelRule({ queue: "q", enqueuedBefore: 5 }), "args.enqueuedBefore"],
    [() => acme.startJob("j", { queue: "q", enqueuedAt: "2020" }), "args.enqueuedAt"],
    [() => acme.cancel("j", { signal: 5 }), "signal"],
    [() => acme.startJob("j", { queue: "q", signal: {} }), "signal"],
    [() => acme.claimQueueKey("k"), "options"],
    [() => acme.startJob("j"), "options"],
    [() => acme.acquireExecutionKey("k"), "options"],
    [() => acme.withdrawExecutionKey("k"), "options"],
    [() => acme.releaseExecutionKey("k"), "options"],
    [() => acme.cancelled(), "args.jobId"],
    [() => client.write({ command: "queue.pause" } as Anything), "args"],
    [() => acme.confirmQueueKey("k"), "options"],
    [() => acme.extendQueueKey("k"), "options"],
    [() => acme.releaseQueueKey("k"), "options"],
    [() => acme.addCancelRule(), "match"],
    [() => acme.update(), "change"],
    [() => acme.update([]), "change"],
    [() => client.write(undefined as Anything), "question"],
    [() => client.read(undefined as Anything), "question"],
  ];

  for (const [call, path] of wrong) {
    await expect(call()).rejects.toMatchObject({ name: "InvalidArgumentError", path });
  }
});

test("finishAndStart without a next job is refused, and the run is as it was", async () => {
  const script = { "job.start": [{ status: "started", token: 5 }] };
  const { asked, client, world } = await aScriptedClient(script);
  const starting = client.partition("acme").startJob("job-1", queue);
  await world.run(10);
  const run = await starting;
  if (!(run instanceof Run)) throw new Error("it runs");

  const next: Anything = undefined;
  const leaving = run.finishAndStart("completed", next);

  await expect(leaving).rejects.toMatchObject({ name: "InvalidArgumentError", path: "next" });
  expect(asked().filter((call) => call.startsWith("job.finish"))).toEqual([]);
});

describe("a question that changes the state", () => {
  test.each([
    ["queue.pause", { selector: "*" }],
    ["roger.isQueued", { key: "k", add: true }],
    ["session.close", {}],
  ])("%s is refused by read(), and is not sent", async (command, args) => {
    const { asked, client, world } = await aScriptedClient({});
    const partition = command.startsWith("session") ? {} : { partition: "acme" };
    const question = { command, args, ...partition };

    const read = watched(client.read(question));
    const stale = watched(client.read(question, { stale: true }));
    await world.run(10);

    const error = { name: "InvalidArgumentError", path: "command", outcomeKnown: true };
    expect([read.outcome(), stale.outcome()]).toMatchObject([{ error }, { error }]);
    expect(asked()).toEqual([]);
  });

  test("is not what is none, or what this client does not know", async () => {
    const { asked, client, world } = await aScriptedClient({});

    void watched(client.read({ command: "roger.isQueued", partition: "p", args: { key: "k" } }));
    void watched(client.read({ command: "toString", partition: "p", args: {} }));
    await world.run(10);

    expect(asked()).toEqual(["roger.isQueued", "toString"]);
  });
});

describe("what goes with something that is not asked for", () => {
  const onKey = { executionKey: "k" };
  test.each<readonly [string, Anything]>([
    ["uniqueUntil", { uniqueUntil: "start" }],
    ["onBusy", { onBusy: "wait" }],
    ["onBusy", { onBusy: "reject", queueKey: "q" }],
    ["waitTimeoutMs", { waitTimeoutMs: 5_000 }],
    ["waitTimeoutMs", { ...onKey, onBusy: "reject", waitTimeoutMs: 5_000 }],
  ])("as %s of a start, is refused as a node would, and is not sent: %j", async (name, wish) => {
    const { asked, client, world } = await aScriptedClient({});

    const job = watched(client.partition("acme").startJob("j", { ...queue, ...wish }));
    await world.run(10);

    const error = { name: "InvalidArgumentError", path: `args.${name}` };
    expect(job.outcome()).toMatchObject({ error });
    expect(asked().filter((what) => what !== "session.sync")).toEqual([]);
  });

  test("as the time that a try may wait, is refused, too", async () => {
    const { client, world } = await aScriptedClient({});
    const wish = { ...owner, mode: "try", waitTimeoutMs: 5_000 } as const;

    const key = watched(client.partition("acme").acquireExecutionKey("k", wish));
    await world.run(10);

    const error = { name: "InvalidArgumentError", path: "args.waitTimeoutMs" };
    expect(key.outcome()).toMatchObject({ error });
  });
});
