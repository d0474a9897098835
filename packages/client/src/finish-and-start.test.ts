import { errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import {
  aScriptedClient,
  nothing,
  type Script,
  type ScriptedSituation,
  waiting,
} from "../test/scripted-client.ts";
import { type Watched, watched } from "../test/situation.ts";
import { ClientClosedError, LeaseLostError, QuotaExceededError } from "./errors.ts";
import type { JobFinishedAndStarted, NextJob } from "./finish-and-start.ts";
import type { JobStarted } from "./job.ts";
import { type FinishOptions, Run } from "./run.ts";

const finished = { status: "finished", cancel: "none" };
const withdrawn = { status: "withdrawn" };
const both = "job.finishAndStart";

function bothOf(start: object, finish: object = finished): { readonly [both]: [FakeBoth] } {
  return { [both]: [{ status: "both", finish, start }] };
}
type FakeBoth = { readonly status: string; readonly finish: object; readonly start: object };

const started = { status: "started", token: 6 };

interface Joint extends ScriptedSituation {
  readonly run: Run;
  readonly leave: (next?: Partial<NextJob>, options?: FinishOptions) => Leaving;
  readonly verdictOf: (command: string, verdict: "answer-late" | "ignore") => void;
}

interface Leaving {
  readonly both: Watched<JobFinishedAndStarted>;
  /** What the start came to, as far as its user was handed it. */
  readonly start: () => ReturnType<Watched<JobStarted>["outcome"]> | "not handed out";
}

/** Job job-1 runs, with token 5. */
async function aRun(script: Script, wish: { readonly executionKey?: string } = {}): Promise<Joint> {
  const situation = await aScriptedClient({
    "job.start": [{ status: "started", token: 5 }],
    "job.finish": [finished],
    "executionKey.withdraw": [withdrawn],
    ...script,
  });
  const { client, cluster, world } = situation;
  const starting = client.partition("acme").startJob("job-1", { queue: "mail", ...wish });
  await world.run(10);
  const run = await starting;
  if (!(run instanceof Run)) throw new Error("it runs");
  const leave = (next: Partial<NextJob> = {}, options: FinishOptions = {}): Leaving => {
    const leaving = run.finishAndStart(
      "completed",
      { jobId: "job-2", queue: "web", ...next },
      options,
    );
    let start: Watched<JobStarted> | undefined;
    const handed = leaving.then((known) => {
      start = watched(known.start);
      return known;
    });
    return { both: watched(handed), start: () => start?.outcome() ?? "not handed out" };
  };
  const verdictOf = (judged: string, verdict: "answer-late" | "ignore"): void => {
    for (const node of cluster.nodes.values()) {
      node.judge = ({ command }) => (command === judged ? verdict : "answer");
    }
  };
  return { ...situation, run, leave, verdictOf };
}

function finishOf(leaving: Leaving): unknown {
  const known = leaving.both.outcome();
  return typeof known === "object" && "value" in known ? known.value.finish : known;
}

const known = { status: "finished", cancel: "none", remembered: undefined, revision: 7 };

describe("a run that finishes and starts the next job", () => {
  test("does it in one call, by its token, and what comes of it is a run", async () => {
    const { asked, leave, requests, world } = await aRun(bothOf(started));

    const leaving = leave(
      { executionKey: "k", queueKey: "q", waitTimeoutMs: 5_000 },
      { rememberMs: 60_000 },
    );
    await world.run(10);

    expect(requests(both).map(({ args }) => args)).toEqual([
      {
        finish: { jobId: "job-1", token: 5, outcome: "completed", rememberMs: 60_000 },
        start: {
          jobId: "job-2",
          queue: "web",
          queueKey: "q",
          uniqueUntil: "finish",
          executionKey: "k",
          onBusy: "wait",
          waitTimeoutMs: 5_000,
        },
      },
    ]);
    expect(finishOf(leaving)).toEqual(known);
    expect(leaving.start()).toMatchObject({ value: { jobId: "job-2", queue: "web", token: 6 } });
    expect(asked().filter((call) => call.startsWith("job."))).toEqual([
      "job.start 1",
      "job.finishAndStart 2",
    ]);
  });

  test("the next run finishes by its own token, and starts the one after it", async () => {
    const { leave, requests, world } = await aRun({
      [both]: [
        { status: "both", finish: finished, start: started },
        { status: "both", finish: finished, start: { status: "started", token: 7 } },
      ],
    });
    const first = leave();
    await world.run(10);
    const next = first.start();
    if (typeof next !== "object" || !("value" in next) || !(next.value instanceof Run)) {
      throw new Error("it runs");
    }

    void next.value.finishAndStart("dead", { jobId: "job-3", queue: "web" });
    await world.run(10);

    expect(requests(both).map(({ args }) => args["finish"])).toMatchObject([
      { jobId: "job-1", token: 5 },
      { jobId: "job-2", token: 6, outcome: "dead" },
    ]);
  });

  test.each([
    { status: "cancelled" },
    { status: "paused", queues: ["web"] },
    { status: "busy", holders: 1, waiters: 0, retryAfterMs: 100 },
    { status: "already_running", by: 3 },
    { status: "already_finished", outcome: "completed" },
  ])("has finished where the next job does not start: $status", async (answer) => {
    const { leave, world } = await aRun(bothOf(answer));

    const leaving = leave({ executionKey: "k", onBusy: "reject" });
    await world.run(10);

    expect(finishOf(leaving)).toEqual(known);
    expect(leaving.start()).toEqual({ value: { ...answer, revision: 7 } });
  });

  test("has finished where the start is refused", async () => {
    const refused = { code: "quota_exceeded", limit: "runs", current: 9 };
    const { cluster, leave, world } = await aRun(bothOf(refused));

    const leaving = leave();
    await world.run(10);
    leave();
    await world.run(10);

    const start = leaving.start();
    const error = typeof start === "object" && "error" in start ? start.error : undefined;
    expect(finishOf(leaving)).toEqual(known);
    expect(error).toBeInstanceOf(QuotaExceededError);
    expect(error).toMatchObject({ outcomeKnown: true, limit: "runs", current: 9 });
    expect(cluster.node("n1").frames.at(-1)?.floor).toBe(3);
  });

  test("is told that the run was its own no more, and the next job starts", async () => {
    const { leave, world } = await aRun(bothOf(started, { status: "not_running" }));

    const leaving = leave();
    await world.run(10);

    expect(finishOf(leaving)).toEqual({ status: "not_running", revision: 7 });
    expect(leaving.start()).toMatchObject({ value: { token: 6 } });
  });

  test("is left as it is at the end of its block", async () => {
    const { leave, requests, run, world } = await aRun(bothOf(started));
    leave();
    await world.run(10);

    void run[Symbol.asyncDispose]();
    await world.run(10);

    expect(requests("job.finish")).toEqual([]);
  });
});

describe("the next job waits for its key", () => {
  test("while the finish is known, until it is told", async () => {
    const { leave, push, world } = await aRun(bothOf(waiting));
    const leaving = leave({ executionKey: "k" });
    await world.run(10);
    const before = [finishOf(leaving), leaving.start()];

    const ending = { kind: "started", token: 9 };
    await push({ kind: "waitEnded", revision: 8, n: 0, seq: 2, ticket: 31, ending });

    expect(before).toEqual([known, "open"]);
    expect(leaving.start()).toMatchObject({ value: { jobId: "job-2", token: 9, revision: 8 } });
  });

  test("and hears how that ended also before the answer", async () => {
    const { leave, push, verdictOf, world } = await aRun(bothOf(waiting));
    verdictOf(both, "answer-late");
    const leaving = leave({ executionKey: "k" });
    await world.run(100);

    const ending = { kind: "started", token: 9 };
    await push({ kind: "waitEnded", revision: 8, n: 0, seq: 2, ticket: 31, ending });
    await world.run(500);

    expect(leaving.start()).toMatchObject({ value: { token: 9 } });
  });

  test("and asks again by itself, without the finish, where its wait is lost", async () => {
    const { answer, cluster, leave, requests, world } = await aRun(bothOf(waiting));
    const leaving = leave({ executionKey: "k" });
    await world.run(10);
    answer({ "session.sync": [nothing], "job.start": [{ status: "cancelled" }] });
    cluster.node("n1").kill();
    cluster.elect("n2");
    await world.run(2_000);

    expect(leaving.start()).toEqual({ value: { status: "cancelled", revision: 7 } });
    expect(requests(both).length).toBe(1);
    expect(requests("job.start").at(-1)?.args).toMatchObject({ jobId: "job-2", executionKey: "k" });
  });

  test("until it is withdrawn by name", async () => {
    const { client, leave, world } = await aRun(bothOf(waiting));
    const leaving = leave({ executionKey: "k" });
    await world.run(10);

    void client.partition("acme").withdrawExecutionKey("k", { owner: "job-2" });
    await world.run(10);

    expect(leaving.start()).toEqual({ value: withdrawn });
  });

  test("until its user has enough of it: what it waits for is given back", async () => {
    const { leave, requests, world } = await aRun(bothOf(waiting));
    const abort = new AbortController();
    const leaving = leave({ executionKey: "k" }, { signal: abort.signal });
    await world.run(10);

    abort.abort("enough");
    await world.run(10);

    expect([finishOf(leaving), leaving.start()]).toEqual([known, { error: "enough" }]);
    expect(requests("executionKey.withdraw").map(({ args }) => args)).toEqual([
      { key: "k", owner: "job-2" },
    ]);
  });
});

describe("who gives it up", () => {
  test.each([
    { says: "a wait", executionKey: "k", start: waiting },
    { says: "a run with a key", executionKey: "k", start: started },
    { says: "a run", executionKey: undefined, start: started },
  ])(
    "after it was sent has finished, and $says of the next job is given back",
    async ({ start, executionKey }) => {
      const { leave, requests, verdictOf, world } = await aRun(bothOf(start));
      verdictOf(both, "answer-late");
      const abort = new AbortController();
      const leaving = leave(executionKey === undefined ? {} : { executionKey }, {
        signal: abort.signal,
      });
      await world.run(10);

      abort.abort("enough");
      await world.run(0);
      const outcome = leaving.both.outcome();
      await world.run(1_000);

      expect(outcome).toEqual({ error: "enough" });
      expect(requests(both).length).toBe(1);
      expect(requests("executionKey.withdraw").map(({ args }) => args)).toEqual(
        executionKey === undefined ? [] : [{ key: "k", owner: "job-2" }],
      );
      expect(requests("job.finish").map(({ args }) => args)).toEqual(
        executionKey === undefined
          ? [{ jobId: "job-2", outcome: "retry", keepQueueKey: true }]
          : [],
      );
    },
  );

  test("gives back also where the next job is the same one, started anew", async () => {
    const { leave, requests, verdictOf, world } = await aRun(bothOf(started), {
      executionKey: "k",
    });
    verdictOf(both, "answer-late");
    const abort = new AbortController();
    leave({ jobId: "job-1", executionKey: "k" }, { signal: abort.signal });
    await world.run(10);

    abort.abort("enough");
    await world.run(1_000);

    expect(requests("executionKey.withdraw").map(({ args }) => args)).toEqual([
      { key: "k", owner: "job-1" },
    ]);
  });

  test("before it was sent finishes alone", async () => {
    const { cluster, leave, requests, run, world } = await aRun(bothOf(started));
    const abort = new AbortController();
    cluster.node("n1").kill();
    cluster.elect(undefined);
    await world.run(100);
    const leaving = leave({}, { signal: abort.signal, rememberMs: 60_000 });
    await world.run(10);
    abort.abort("enough");
    await world.run(10);
    void run[Symbol.asyncDispose]();
    cluster.elect("n2");
    await world.run(2_000);

    expect(leaving.both.outcome()).toEqual({ error: "enough" });
    expect(requests(both)).toEqual([]);
    expect(requests("job.finish").map(({ args }) => args)).toEqual([
      { jobId: "job-1", token: 5, outcome: "completed", rememberMs: 60_000 },
    ]);
  });

  test("before it began finishes alone", async () => {
    const { leave, requests, world } = await aRun(bothOf(started));

    const leaving = leave({}, { signal: AbortSignal.abort("enough") });
    await world.run(10);

    expect(leaving.both.outcome()).toEqual({ error: "enough" });
    expect([requests(both).length, requests("job.finish").length]).toEqual([0, 1]);
  });

  test("has finished also where the time to wait was over before it was sent", async () => {
    const { client, leave, requests, verdictOf, world } = await aRun(bothOf(started));
    verdictOf("executionKey.withdraw", "answer-late");
    // What frees the same name goes first, and is answered after 400 ms.
    watched(client.partition("acme").withdrawExecutionKey("k", { owner: "job-2" }));

    const leaving = leave({ executionKey: "k", waitTimeoutMs: 100 });
    await world.run(500);

    expect([finishOf(leaving), leaving.start()]).toEqual([
      known,
      { value: { status: "timed_out" } },
    ]);
    expect([requests(both).length, requests("job.finish").length]).toEqual([0, 1]);
  });

  test("by its time is told that it goes on, and the next job is given back", async () => {
    const { leave, requests, verdictOf, world } = await aRun(bothOf(started));
    verdictOf(both, "answer-late");

    const leaving = leave({}, { timeoutMs: 100 });
    await world.run(1_000);

    expect(leaving.both.outcome()).toMatchObject({
      error: { code: "deadline_exceeded", outcomeKnown: false },
    });
    expect(requests("job.finish").map(({ args }) => args["jobId"])).toEqual(["job-2"]);
  });
});

describe("calls in one name never overlap", () => {
  test("it waits for what frees the next job's key, and who asks for this run's for it", async () => {
    const { client, leave, requests, verdictOf, world } = await aRun(bothOf(started), {
      executionKey: "k",
    });
    const acme = client.partition("acme");
    verdictOf("executionKey.withdraw", "answer-late");
    void acme.withdrawExecutionKey("k2", { owner: "job-2" });
    await world.run(10);
    leave({ executionKey: "k2" });
    void acme.startJob("job-1", { queue: "mail", executionKey: "k" });
    await world.run(100);
    const before = [requests(both).length, requests("job.start").length];
    verdictOf(both, "answer-late");
    await world.run(500);
    const during = [requests(both).length, requests("job.start").length];
    await world.run(500);

    expect([before, during]).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(requests("job.start").length).toBe(2);
  });

  test("a sync does not judge the run while it is on its way", async () => {
    const { cluster, leave, run, verdictOf, world } = await aRun(bothOf(started));
    verdictOf(both, "ignore");
    leave();
    await world.run(10);

    cluster.node("n1").kill();
    cluster.elect("n2");
    await world.run(2_000);

    expect(run.signal.aborted).toBe(false);
  });
});

describe("its answer is lost", () => {
  test("with the leader: it is asked again under the same number", async () => {
    const { cluster, leave, requests, world } = await aRun(bothOf(started));
    cluster.node("n1").judge = ({ command }) => (command === both ? "execute-silently" : "answer");
    const leaving = leave();
    await world.run(10);
    cluster.node("n1").kill();
    cluster.elect("n2");
    await world.run(2_000);

    expect(requests(both).map(({ seq }) => seq)).toEqual([2, 2]);
    expect(finishOf(leaving)).toEqual(known);
    expect(leaving.start()).toMatchObject({ value: { token: 6 } });
  });

  test("with the session: neither is known, and nothing is asked in another one", async () => {
    const { cluster, leave, requests, run, verdictOf, world } = await aRun(bothOf(started));
    verdictOf(both, "ignore");
    const leaving = leave();
    await world.run(10);
    for (const node of cluster.nodes.values()) node.judge = () => "ignore";
    await world.run(27_000);

    expect(run.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(leaving.both.outcome()).toMatchObject({ error: { code: "indeterminate" } });
    verdictOf(both, "ignore");
    await world.run(10_000);
    expect(requests(both).length).toBe(1);
    expect(requests("job.finish")).toEqual([]);
  });

  test("while the next job waits: that ends with the session", async () => {
    const { cluster, leave, world } = await aRun(bothOf(waiting));
    const leaving = leave({ executionKey: "k" });
    await world.run(10);
    for (const node of cluster.nodes.values()) node.judge = () => "ignore";
    await world.run(30_000);

    const start = leaving.start();
    expect(typeof start === "object" && "error" in start && start.error).toBeInstanceOf(
      LeaseLostError,
    );
  });
});

describe("what is refused as a whole has finished nothing", () => {
  test("a start that is no start: the run is given back at the end of its block", async () => {
    const { cluster, leave, requests, run, world } = await aRun({});
    cluster.node("n1").judge = ({ command }) =>
      command === both
        ? errorObject("invalid_argument", "args.start.queue", { path: "args.start.queue" })
        : "answer";

    const leaving = leave();
    await world.run(10);
    void run[Symbol.asyncDispose]();
    await world.run(10);

    expect(leaving.both.outcome()).toMatchObject({ error: { path: "args.start.queue" } });
    expect(requests("job.finish").map(({ args }) => args["outcome"])).toEqual(["retry"]);
  });

  test("a client that drains starts nothing: the run may finish", async () => {
    const { client, leave, requests, run, world } = await aRun({});
    void client.drain();

    const leaving = leave();
    await world.run(10);
    const finishing = watched(run.finish("completed"));
    await world.run(10);

    const outcome = leaving.both.outcome();
    expect(typeof outcome === "object" && "error" in outcome && outcome.error).toBeInstanceOf(
      ClientClosedError,
    );
    expect(requests(both)).toEqual([]);
    expect(finishing.outcome()).toEqual({ value: known });
  });

  test("a client that is closed meanwhile: neither is known", async () => {
    const { client, leave, verdictOf, world } = await aRun(bothOf(waiting));
    verdictOf(both, "ignore");
    const leaving = leave({ executionKey: "k" });
    await world.run(10);

    void client.close({ timeoutMs: 100 });
    await world.run(2_000);

    expect(leaving.both.outcome()).toMatchObject({
      error: { code: "closed", outcomeKnown: false },
    });
    expect(world.timersRunning).toBe(0);
  });
});
