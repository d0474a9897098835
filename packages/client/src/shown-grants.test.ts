import { describe, expect, test } from "vitest";
import type { FakeResult } from "../test/fake-cluster.ts";
import {
  aScriptedClient,
  nothing,
  type Script,
  type ScriptedSituation,
  waiting,
} from "../test/scripted-client.ts";
import { type Watched, watched } from "../test/situation.ts";
import type { JobStarted } from "./job.ts";
import { Run } from "./run.ts";

const run = {
  partition: "acme",
  jobId: "j",
  session: 1,
  token: 9,
  queue: "q",
  since: 1,
  executionKey: "k",
};
const hold = { partition: "acme", key: "k", owner: "j", token: 9 };
const alreadyRunning = { status: "already_running", by: 1 };
const mark = { jobId: "j", by: "ann", reason: "", at: 0, state: "delivered" };

/** The connection is lost; the session goes on with the next leader, which shows it in these pages. */
async function moves(
  situation: ScriptedSituation,
  pages: readonly FakeResult[],
  script: Script,
): Promise<void> {
  situation.answer({ "session.sync": pages, ...script });
  situation.cluster.node("n1").kill();
  situation.cluster.elect("n2");
  await situation.world.run(2_000);
}

/** Its job stands in line, as the answer to a call of which nobody keeps how it ended. */
async function aJobInLine(
  script: Script = {},
): Promise<ScriptedSituation & { readonly starting: Watched<JobStarted> }> {
  const situation = await aScriptedClient({ "job.start": [waiting], ...script });
  const acme = situation.client.partition("acme");
  const starting = watched(acme.startJob("j", { queue: "q", executionKey: "k" }));
  await situation.world.run(10);
  return { ...situation, starting };
}

function runOf(starting: Watched<JobStarted>): Run {
  const outcome = starting.outcome();
  if (outcome === "open" || "error" in outcome || !(outcome.value instanceof Run)) {
    throw new Error(`it runs, and is ${JSON.stringify(outcome)}`);
  }
  return outcome.value;
}

describe("a grant of which nobody says anything any more", () => {
  test("starts its job, as the state shows it: a start is not asked for twice", async () => {
    const situation = await aJobInLine({ "cancel.clear": [{ status: "cleared", jobs: [] }] });
    const { client, requests, starting, world } = situation;
    // More than half of the window: the floor passes the number of the wait, and its end is not kept.
    for (let calls = 0; calls < 2_100; calls += 100) {
      const all = Array.from({ length: 100 }, () => client.partition("acme").uncancel("x"));
      await world.run(10);
      await Promise.all(all);
    }

    await moves(situation, [{ ...nothing, runs: [run] }], { "job.start": [alreadyRunning] });

    expect(situation.cluster.node("n1").frames.at(-1)?.floor).toBeGreaterThan(2_000);
    expect(runOf(starting)).toMatchObject({ jobId: "j", token: 9 });
    expect(requests("job.start").length).toBe(1);
  });

  test("is lived by: it hears its mark, its end, and finishes", async () => {
    const situation = await aJobInLine();

    await moves(situation, [{ ...nothing, runs: [{ ...run, mark }] }], {
      "job.finish": [{ status: "finished", cancel: "acknowledged" }],
    });
    const job = runOf(situation.starting);
    const finishing = watched(job.finish("cancelled"));
    await situation.world.run(10);

    expect(job.signal.reason).toMatchObject({ name: "JobCancelledError", by: "ann" });
    expect(finishing.outcome()).toMatchObject({ value: { status: "finished" } });
    expect(situation.requests("job.finish").at(-1)?.args).toMatchObject({ token: 9 });
  });

  test("is held, though its own time is over meanwhile", async () => {
    const situation = await aScriptedClient({ "executionKey.acquire": [waiting] });
    const acme = situation.client.partition("acme");
    const acquiring = watched(acme.acquireExecutionKey("k", { owner: "j", waitTimeoutMs: 1_950 }));
    await situation.world.run(10);
    situation.cluster.elect(undefined);
    situation.cluster.node("n1").kill();
    await situation.world.run(1_990);

    await moves(situation, [{ ...nothing, holds: [hold] }], { "executionKey.acquire": [] });

    expect(acquiring.outcome()).toMatchObject({ value: { status: "held", token: 9 } });
  });

  test("of a key is also the run of its owner, whose token it is", async () => {
    const situation = await aScriptedClient({ "executionKey.acquire": [waiting] });
    const acme = situation.client.partition("acme");
    const acquiring = watched(acme.acquireExecutionKey("k", { owner: "j" }));
    await situation.world.run(10);

    await moves(situation, [{ ...nothing, runs: [run] }], {});

    expect(acquiring.outcome()).toMatchObject({ value: { status: "held", token: 9 } });
  });
});

describe("what is no grant of who waits", () => {
  test.each([
    ["another job", { ...run, jobId: "j2" }],
    ["a job under another key", { ...run, executionKey: "k2" }],
    ["a job of another partition", { ...run, partition: "other" }],
  ])("is %s", async (_, shown) => {
    const situation = await aJobInLine();

    await moves(situation, [{ ...nothing, runs: [shown] }], {
      "job.start": [{ status: "cancelled" }],
    });

    expect(situation.starting.outcome()).toMatchObject({ value: { status: "cancelled" } });
  });

  test("is a hold of the key, to who wants to start", async () => {
    const situation = await aJobInLine();

    await moves(situation, [{ ...nothing, holds: [hold] }], { "job.start": [waiting] });

    expect([situation.starting.outcome(), situation.requests("job.start").length]).toEqual([
      "open",
      2,
    ]);
  });

  test("is a run that somebody here has already", async () => {
    const situation = await aJobInLine({ "job.start": [waiting, { status: "started", token: 9 }] });
    const second = situation.client
      .partition("acme")
      .startJob("j", { queue: "q", executionKey: "k" });
    await situation.world.run(10);

    await moves(situation, [{ ...nothing, runs: [run] }], { "job.start": [alreadyRunning] });

    expect(await second).toBeInstanceOf(Run);
    expect(situation.starting.outcome()).toMatchObject({ value: { status: "already_running" } });
  });

  test("is a run that may be the answer to another start of the same job", async () => {
    const situation = await aJobInLine();
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "job.start" ? "ignore" : "answer";
    const acme = situation.client.partition("acme");
    const second = watched(acme.startJob("j", { queue: "q", executionKey: "k" }));
    await situation.world.run(10);

    await moves(situation, [{ ...nothing, runs: [run] }], {
      "job.start": [{ status: "started", token: 9 }, alreadyRunning],
    });

    expect(runOf(second).token).toBe(9);
    expect(situation.starting.outcome()).toMatchObject({ value: { status: "already_running" } });
  });
});

describe("between two pages of a sync", () => {
  const pages = [
    { ...nothing, runs: [run], next: "s1.runs.9" },
    { ...nothing, runs: [] },
  ];

  /** The second page is still to come when this is pushed. */
  async function pushedBetween(push: object): Promise<Watched<JobStarted>> {
    const situation = await aJobInLine();
    const { answer, cluster, starting, world } = situation;
    answer({ "session.sync": pages, "job.start": [{ status: "cancelled" }] });
    cluster.node("n2").judge = ({ command, args }) =>
      command === "session.sync" && args["cursor"] !== undefined ? "answer-late" : "answer";
    cluster.node("n1").kill();
    cluster.elect("n2");
    const isBetween = () =>
      situation.requests("session.sync").at(-1)?.args["cursor"] === "s1.runs.9";
    for (let ms = 0; ms < 2_000 && !isBetween(); ms += 10) await world.run(10);
    expect([isBetween(), starting.outcome()]).toEqual([true, "open"]);
    await situation.push({ revision: 8, n: 0, partition: "acme", jobId: "j", token: 9, ...push });
    await world.run(2_000);
    return starting;
  }

  test("a run is told to stop, and starts with that", async () => {
    const by = { by: "ann", reason: "" };
    const starting = await pushedBetween({ kind: "runToStop", cause: "cancelled", ...by });

    expect(runOf(starting).signal.reason).toMatchObject({ name: "JobCancelledError" });
  });

  test("a run is fenced, and is nobody's any more", async () => {
    const starting = await pushedBetween({ kind: "runFenced", cause: "removed" });

    expect(starting.outcome()).toMatchObject({ value: { status: "cancelled" } });
  });
});

test("while what an owner holds is given back, a sync judges none of its waits before that is answered", async () => {
  const situation = await aScriptedClient({ "executionKey.acquire": [waiting] });
  const acme = situation.client.partition("acme");
  const acquiring = watched(acme.acquireExecutionKey("k", { owner: "j" }));
  await situation.world.run(10);
  situation.cluster.node("n1").judge = ({ command }) =>
    command === "executionKey.withdraw" ? "ignore" : "answer";
  const withdrawing = watched(acme.withdrawExecutionKey("k", { owner: "j" }));
  await situation.world.run(10);

  await moves(situation, [nothing], { "executionKey.withdraw": [{ status: "withdrawn" }] });

  expect(withdrawing.outcome()).toMatchObject({ value: { status: "withdrawn" } });
  expect(acquiring.outcome()).toEqual({ value: { status: "withdrawn" } });
  expect(situation.requests("executionKey.acquire").length).toBe(1);
});

test("a wait whose key was given back meanwhile under another token is asked for again behind that", async () => {
  const situation = await aScriptedClient({ "executionKey.acquire": [waiting] });
  const acme = situation.client.partition("acme");
  const acquiring = watched(acme.acquireExecutionKey("k", { owner: "j" }));
  await situation.world.run(10);
  situation.cluster.node("n1").judge = ({ command }) =>
    command === "executionKey.release" ? "ignore" : "answer";
  void acme.releaseExecutionKey("k", { owner: "j", token: 9 });
  await situation.world.run(10);

  await moves(situation, [{ ...nothing, holds: [hold] }], {
    "executionKey.release": [{ status: "released" }],
    "executionKey.acquire": [{ status: "held", token: 11 }],
  });

  expect(acquiring.outcome()).toMatchObject({ value: { status: "held", token: 11 } });
  const commands = situation.cluster
    .node("n2")
    .requests()
    .map(({ command }) => command);
  expect(commands.filter((command) => command.startsWith("executionKey"))).toEqual([
    "executionKey.release",
    "executionKey.acquire",
  ]);
});
