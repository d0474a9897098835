import { describe, expect, test } from "vitest";
import {
  aScriptedClient,
  nothing,
  type Script,
  type ScriptedSituation,
  waiting,
} from "../test/scripted-client.ts";
import { watched } from "../test/situation.ts";
import type { CallOptions } from "./caller.ts";
import type { JobStart, JobStarted } from "./job.ts";
import { Run } from "./run.ts";

const started = { status: "started", token: 5 };
const finished = { status: "finished", cancel: "none" };

interface JobSituation extends ScriptedSituation {
  readonly start: (options?: Partial<JobStart & CallOptions>) => Promise<JobStarted>;
  readonly run: (options?: Partial<JobStart & CallOptions>) => Promise<Run>;
}

async function aWorker(script: Script): Promise<JobSituation> {
  const situation = await aScriptedClient({ "job.finish": [finished], ...script });
  const acme = situation.client.partition("acme");
  const start = (options: Partial<JobStart & CallOptions> = {}): Promise<JobStarted> =>
    acme.startJob("job-1", { queue: "mail", ...options });
  const run = async (options: Partial<JobStart & CallOptions> = {}): Promise<Run> => {
    const starting = start(options);
    await situation.world.run(10);
    const job = await starting;
    if (!(job instanceof Run)) throw new Error("it runs");
    return job;
  };
  return { ...situation, start, run };
}

function pushOf(kind: string, more: object): object {
  return { kind, revision: 8, n: 0, partition: "acme", jobId: "job-1", token: 5, ...more };
}

const cancelled = pushOf("runToStop", { cause: "cancelled", by: "ann", reason: "wrong list" });

describe("a job that starts", () => {
  test("asks for all that it needs in one call, and says how it ended by its outcome", async () => {
    const { requests, run, world } = await aWorker({ "job.start": [started] });
    const job = await run({
      queueKey: "invoice/1",
      executionKey: "customer/1",
      waitTimeoutMs: 5_000,
      tags: ["a"],
      enqueuedAt: new Date(7),
    });

    const finishing = job.finish("completed", { rememberMs: 60_000 });
    await world.run(10);

    expect(requests("job.start").map(({ args }) => args)).toEqual([
      {
        jobId: "job-1",
        queue: "mail",
        queueKey: "invoice/1",
        uniqueUntil: "finish",
        executionKey: "customer/1",
        onBusy: "wait",
        waitTimeoutMs: expect.any(Number),
        tags: ["a"],
        enqueuedAt: 7,
      },
    ]);
    expect([job.jobId, job.queue, job.token, job.revision]).toEqual(["job-1", "mail", 5, 7]);
    expect(await finishing).toEqual({
      status: "finished",
      cancel: "none",
      remembered: undefined,
      revision: 7,
    });
    expect(requests("job.finish").map(({ args }) => args)).toEqual([
      { jobId: "job-1", token: 5, outcome: "completed", rememberMs: 60_000 },
    ]);
  });

  test.each([
    { status: "cancelled" },
    { status: "paused", queues: ["mail"] },
    { status: "busy", holders: 1, waiters: 0, retryAfterMs: 100 },
    { status: "already_running", by: 3 },
    { status: "already_waiting", by: 3, ticket: 9 },
    { status: "already_finished", outcome: "completed" },
  ])("is told why it does not: $status", async (answer) => {
    const { start, world } = await aWorker({ "job.start": [answer] });

    const starting = watched(start({ executionKey: "k", onBusy: "reject" }));
    await world.run(10);

    expect(starting.outcome()).toEqual({ value: { ...answer, revision: 7 } });
  });

  test.each([
    { ending: { kind: "started", token: 6 }, value: { status: "started", token: 6 } },
    { ending: { kind: "cancelled" }, value: { status: "cancelled", revision: 8 } },
    { ending: { kind: "paused" }, value: { status: "paused", queues: [], revision: 8 } },
    { ending: { kind: "timed_out" }, value: { status: "timed_out" } },
    { ending: { kind: "taken_over" }, value: { status: "taken_over", revision: 8 } },
  ])("waits for its key until it is told: $ending.kind", async ({ ending, value }) => {
    const { push, start, world } = await aWorker({ "job.start": [waiting] });
    const starting = watched(start({ executionKey: "k" }));
    await world.run(10);
    const before = starting.outcome();

    await push({ kind: "waitEnded", revision: 8, n: 0, seq: 1, ticket: 31, ending });

    expect([before, starting.outcome()]).toMatchObject(["open", { value }]);
  });

  test("waits on where it took its place back before it was told that the place was taken", async () => {
    const { cluster, push, start, world } = await aWorker({ "job.start": [waiting] });
    const node = cluster.node("n1");
    const first = watched(start({ executionKey: "k" }));
    await world.run(10);
    node.judge = ({ command }) => (command === "job.start" ? "answer-late" : "answer");
    node.applied = 12;
    const second = watched(start({ executionKey: "k", takeover: true }));
    await world.run(10);

    const taken = { kind: "taken_over" } as const;
    await push({ kind: "waitEnded", revision: 9, n: 0, seq: 1, ticket: 31, ending: taken });
    await world.run(1_000);
    const before = second.outcome();
    const started = { kind: "started", token: 6 } as const;
    await push({ kind: "waitEnded", revision: 14, n: 0, seq: 2, ticket: 31, ending: started });

    expect(first.outcome()).toMatchObject({ value: { status: "taken_over", revision: 9 } });
    expect([before, second.outcome()]).toMatchObject([
      "open",
      { value: { status: "started", token: 6 } },
    ]);
  });

  test("is told that its partition is not started when that is dropped while it waits", async () => {
    const { push, start, world } = await aWorker({ "job.start": [waiting] });
    const starting = watched(start({ executionKey: "k" }));
    await world.run(10);

    const ending = { kind: "dropped" } as const;
    await push({ kind: "waitEnded", revision: 8, n: 0, seq: 1, ticket: 31, ending });

    expect(starting.outcome()).toMatchObject({
      error: { name: "PartitionNotStartedError", code: "not_started", partition: "acme" },
    });
  });

  test("is given back by who has given it up meanwhile: a wait, and a start that needs no key", async () => {
    const withKey = await aWorker({
      "job.start": [waiting],
      "executionKey.withdraw": [{ status: "withdrawn" }],
    });
    const without = await aWorker({ "job.start": [started] });
    for (const { start, world, cluster, requests } of [withKey, without]) {
      cluster.node("n1").judge = ({ command }) =>
        command === "job.start" ? "answer-late" : "answer";
      const abort = new AbortController();
      const options = { signal: abort.signal };
      const starting = watched(
        start(requests === withKey.requests ? { ...options, executionKey: "k" } : options),
      );
      await world.run(10);
      abort.abort(new Error("enough"));
      await world.run(2_000);

      expect(starting.outcome()).toEqual({ error: new Error("enough") });
    }

    expect(withKey.requests("executionKey.withdraw").map(({ args }) => args)).toEqual([
      { key: "k", owner: "job-1" },
    ]);
    expect(without.requests("job.finish").map(({ args }) => args)).toEqual([
      { jobId: "job-1", outcome: "retry", keepQueueKey: true },
    ]);
  });
});

describe("a job that runs", () => {
  test.each([
    {
      push: cancelled,
      reason: { name: "JobCancelledError", by: "ann", reason: "wrong list", code: "job_cancelled" },
    },
    {
      push: pushOf("runToStop", { cause: "paused", by: "ops", reason: "" }),
      reason: { name: "QueuePausedError", by: "ops" },
    },
    {
      push: pushOf("runFenced", { cause: "taken_over" }),
      reason: { name: "RunFencedError", why: "taken_over" },
    },
    {
      push: pushOf("runFenced", { cause: "dropped" }),
      reason: { name: "RunFencedError", why: "dropped" },
    },
  ])("is told to stop, or that it is too late: %o", async ({ push, reason }) => {
    const situation = await aWorker({ "job.start": [started] });
    const job = await situation.run();

    await situation.push(push);

    expect(job.signal.reason).toMatchObject(reason);
  });

  test("hears it also where it is told before the answer that it started", async () => {
    const { cluster, start, push, world } = await aWorker({ "job.start": [started] });
    cluster.node("n1").judge = ({ command }) =>
      command === "job.start" ? "answer-late" : "answer";
    const starting = start();
    await world.run(100);
    await push(cancelled);
    await world.run(1_000);

    const job = await starting;

    expect(job instanceof Run && job.signal.reason).toMatchObject({ name: "JobCancelledError" });
  });

  test("hears it from the sync after a lost connection: a mark, and that it is there no more", async () => {
    const mark = { jobId: "job-1", by: "ann", reason: "", at: 0, state: "delivered" };
    const of = { partition: "acme", jobId: "job-1", session: 1, token: 5, queue: "mail", since: 0 };
    const views = [
      [{ ...nothing, runs: [{ ...of, mark }] }, "JobCancelledError"],
      [nothing, "RunFencedError"],
    ] as const;
    for (const [view, name] of views) {
      const { answer, cluster, run, world } = await aWorker({ "job.start": [started] });
      const job = await run();
      answer({ "session.sync": [view] });
      cluster.node("n1").kill();
      cluster.elect("n2");
      await world.run(2_000);

      expect(job.signal.reason).toMatchObject({ name });
    }
  });

  test("is over with the lease of its session", async () => {
    const { cluster, run, world } = await aWorker({ "job.start": [started] });
    const job = await run();
    for (const node of cluster.nodes.values()) {
      node.judge = ({ command }) => (command === "session.keepalive" ? "ignore" : "answer");
    }

    await world.run(27_000);

    expect(job.signal.reason).toMatchObject({ name: "LeaseLostError" });
  });

  test.each([
    { says: "without a word: to be started again", push: undefined, sent: ["retry"] },
    { says: "cancelled: as cancelled", push: cancelled, sent: ["cancelled"] },
    { says: "too late: not at all", push: pushOf("runFenced", { cause: "removed" }), sent: [] },
  ])("is left $says", async ({ push, sent }) => {
    const situation = await aWorker({ "job.start": [started] });
    const job = await situation.run();
    if (push !== undefined) await situation.push(push);

    const left = job[Symbol.asyncDispose]();
    await situation.world.run(10);
    await left;

    const outcomes = situation.requests("job.finish").map(({ args }) => args["outcome"]);
    expect(outcomes).toEqual(sent);
  });

  test("whose finish certainly did nothing is given back at the end of its block", async () => {
    const { requests, run, world } = await aWorker({ "job.start": [started] });
    const job = await run();
    const wrong = watched(job.finish("completed", { timeoutMs: -1 }));
    await world.run(10);

    const left = watched(job[Symbol.asyncDispose]());
    await world.run(10);

    expect(wrong.outcome()).toMatchObject({ error: { code: "invalid_argument" } });
    expect(left.outcome()).toEqual({ value: undefined });
    expect(requests("job.finish").map(({ args }) => args["outcome"])).toEqual(["retry"]);
  });

  test("that has finished is left as it is", async () => {
    const { requests, run, world } = await aWorker({ "job.start": [started] });
    const job = await run();
    const finishing = job.finish("dead");
    await world.run(10);
    await finishing;

    await job[Symbol.asyncDispose]();

    expect(requests("job.finish").length).toBe(1);
  });
});
