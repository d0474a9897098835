import { describe, expect, test } from "vitest";
import { finishOf, jobWrites, startOf, Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  cancels,
  claims,
  keyWrites,
  ok,
  reads,
  rule,
  startWallMs,
  type World,
  writes,
} from "../../test/world.ts";
import { fencingToken } from "../ids.ts";

const finished = (cancel: string): unknown => ({ status: "finished", cancel });
const notRunning = { status: "not_running" };

function markState(world: World, job: string): unknown {
  const answer = world.read(reads.check(job));
  return "mark" in answer ? answer.mark?.state : answer;
}

describe("a job that finishes (SEMANTICS §3)", () => {
  test("runs no more; its key is granted on in the same entry, its queue key is free", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(claims.claim("q", "job-1"));
    worker.start("job-1", { key: "k", queueKey: "q" });
    worker.start("job-2", { key: "k" });

    expect(worker.finish("job-1")).toEqual(finished("none"));
    expect(world.state.notices).toMatchObject([{ ticket: 2, ending: { token: 2 } }]);
    expect(world.state.counts()).toMatchObject({ runs: 1, queueKeys: 0, waiters: 0 });
    expect(worker.finish("job-2", "dead")).toEqual(finished("none"));
    expect(world.state.counts()).toMatchObject({ runs: 0, executionKeys: 0 });
  });

  test("finishes once, and only in the session that runs it: a stale finish changes nothing", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });

    expect(two.finish("job-1")).toEqual(notRunning);
    expect(one.finish("job-2")).toEqual(notRunning);
    expect(one.finish("job-1")).toEqual(finished("none"));
    expect(one.finish("job-1")).toEqual(notRunning);
    expect(world.state.counts()).toMatchObject({ runs: 0, executionKeys: 0 });
  });

  test("and is started again in the same session is not finished by what was said of the run before", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    const [before, now] = [{ token: fencingToken(1) }, { token: fencingToken(2) }];
    worker.start("job-1", { key: "k" });
    expect(worker.finish("job-1", "retry", before)).toEqual(finished("none"));
    expect(worker.start("job-1", { key: "k" })).toEqual({ status: "started", token: 2 });

    expect(worker.finish("job-1", "retry", before)).toEqual(notRunning);
    const next = jobWrites.finishAndStart(finishOf("job-1", "retry", before), startOf("job-2"));
    expect(worker.call(next)).toMatchObject({ finish: notRunning, start: { status: "started" } });
    expect(world.state.counts()).toMatchObject({ runs: 2, executionKeys: 1 });
    expect(worker.finish("job-1", "completed", now)).toEqual(finished("none"));
  });

  test("keeps its queue key if asked to, and starts again under it", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(claims.claim("q", "job-1"));
    worker.start("job-1", { queueKey: "q" });

    worker.finish("job-1", "retry", { keepQueueKey: true });
    expect(world.state.counts().queueKeys).toBe(1);
    worker.start("job-1", { queueKey: "q" });
    worker.finish("job-1", "retry");
    expect(world.state.counts().queueKeys).toBe(0);
  });

  test("is never refused by a bound", () => {
    const world = aSecondLevel({ runsMax: 1, finishedJobsMax: 1 });
    const worker = new Worker(world, 1);
    const remember = { rememberMs: 60_000 };
    worker.start("job-1");

    expect(worker.finish("job-1", "completed", remember)).toEqual({
      status: "finished",
      cancel: "none",
      remembered: true,
    });
    worker.start("job-2");
    expect(worker.finish("job-2", "completed", remember)).toEqual({
      status: "finished",
      cancel: "none",
      remembered: false,
    });
    expect(worker.start("job-2")).toMatchObject({ status: "started" });
  });
});

describe("the mark of a job that finishes (SEMANTICS §4.5)", () => {
  test.each([
    ["cancelled", "acknowledged"],
    ["retry", "acknowledged"],
    ["completed", "too_late"],
    ["dead", "too_late"],
  ] as const)("as %s becomes %s, and refuses starts in that state too", (outcome, cancel) => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1");
    world.write(writes.cancelJob("job-1"));
    expect(markState(world, "job-1")).toBe("delivered");

    expect(worker.finish("job-1", outcome)).toEqual(finished(cancel));
    expect(markState(world, "job-1")).toBe(cancel);
    expect(worker.start("job-1")).toEqual({ status: "cancelled" });
    expect(markState(world, "job-1")).toBe(cancel);
  });

  test("is not that of a rule: a rule that came too late is no mark", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1");
    world.write(cancels.addRule({ queue: "mail" }));

    expect(worker.finish("job-1")).toEqual(finished("none"));
  });
});

describe("a finished job that is remembered", () => {
  test("does not start again until it is forgotten, and is listed", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1");
    worker.finish("job-1", "completed", { rememberMs: 1_000 });
    const at = startWallMs + 5;

    expect(world.read(reads.list("finishedJobs"))).toMatchObject({
      items: [{ jobId: "job-1", outcome: "completed", at, rememberedUntil: at + 1_000 }],
    });
    world.wait(999);
    expect(worker.start("job-1")).toEqual({ status: "already_finished", outcome: "completed" });
    world.wait(1);
    expect(worker.start("job-1")).toMatchObject({ status: "started" });
    expect(world.state.counts().finishedJobs).toBe(0);
  });
});

describe("a job that was finished before, and was queued once more", () => {
  test("frees its queue key when it would start, and nobody else's", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1");
    worker.finish("job-1", "completed", { rememberMs: 60_000 });
    world.write(claims.claim("q", "job-1"));
    world.write(claims.claim("other", "job-2"));

    expect(worker.start("job-1", { queueKey: "other" })).toMatchObject({
      status: "already_finished",
    });
    expect(world.state.counts().queueKeys).toBe(2);
    expect(worker.start("job-1", { queueKey: "q" })).toMatchObject({ status: "already_finished" });
    expect(world.state.counts().queueKeys).toBe(1);
  });
});

describe("a finish with the next start", () => {
  test("is complete, grants included, before the start begins", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });
    two.start("job-2", { key: "k" });
    const next = startOf("job-3", { key: "k" });

    expect(one.call(jobWrites.finishAndStart(finishOf("job-1"), next))).toEqual({
      status: "both",
      finish: finished("none"),
      start: { status: "waiting", ticket: 3, position: 1 },
    });
    expect(world.state.notices).toMatchObject([{ session: two.session, ticket: 2 }]);
    two.finish("job-2");
    expect(world.state.notices).toMatchObject([{ session: one.session, sequence: 2, ticket: 3 }]);
  });

  test("stands, whatever the start is answered", () => {
    const world = aSecondLevel({ runsMax: 1, executionKeysMax: 1 });
    const worker = new Worker(world, 1);
    worker.start("job-1");
    world.write(writes.addExecuting("other"));
    const next = startOf("job-2", { key: "k" });

    expect(worker.call(jobWrites.finishAndStart(finishOf("job-1"), next))).toEqual({
      status: "both",
      finish: finished("none"),
      start: { code: "quota_exceeded", limit: "executionKeys", current: 1 },
    });
    expect(worker.call(jobWrites.finishAndStart(finishOf("job-1"), startOf("job-3")))).toEqual({
      status: "both",
      finish: notRunning,
      start: { status: "started", token: 3 },
    });
  });

  test("may be of the same job, which starts anew", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });
    const again = jobWrites.finishAndStart(
      finishOf("job-1", "retry"),
      startOf("job-1", { key: "k" }),
    );

    expect(worker.call(again)).toMatchObject({ start: { status: "started", token: 2 } });
  });

  test("is for those who have a session", () => {
    const world = aSecondLevel();
    const write = jobWrites.finishAndStart(finishOf("job-1"), startOf("job-2"));

    expect(world.write(write)).toMatchObject({ path: "session" });
  });
});

describe("the key of a run is freed only with its run (SEMANTICS §4.3)", () => {
  test("a release of it changes nothing and says so; the key is re-entrant for its owner", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });
    const byRun = { status: "not_held", reason: "run" };

    expect(worker.call(keyWrites.release("k", "job-1", 1))).toEqual(byRun);
    expect(worker.call(keyWrites.release("k", "job-1", 2))).toMatchObject({
      reason: "other_token",
    });
    expect(worker.call(keyWrites.hold("k", "job-1"))).toEqual({ status: "held", token: 1 });
    expect(world.state.counts()).toMatchObject({ runs: 1, executionKeys: 1 });
  });

  test("a hold of the same job beside its run is released by its own token", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(keyWrites.setRules([rule("k", 2)]));
    worker.call(keyWrites.hold("k", "job-1"));
    worker.start("job-1", { key: "k" });

    expect(worker.call(keyWrites.release("k", "job-1", 1))).toEqual({ status: "released" });
    expect(world.state.counts()).toMatchObject({ runs: 1, executionKeys: 1 });
  });

  test("a withdraw of a started job is its finish, to be retried, and keeps its queue key", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(claims.claim("q", "job-1"));
    worker.start("job-1", { key: "k", queueKey: "q" });
    worker.start("job-2", { key: "k" });
    world.write(writes.cancelJob("job-1"));

    expect(worker.call(keyWrites.withdraw("k", "job-1"))).toEqual({ status: "released" });
    expect(world.state.notices).toMatchObject([{ ending: { kind: "started", token: 2 } }]);
    expect(world.state.counts()).toMatchObject({ runs: 1, queueKeys: 1 });
    expect(markState(world, "job-1")).toBe("acknowledged");
    expect(worker.finish("job-1")).toEqual(notRunning);
  });

  test("Roger's form 9 ends every holder; a run among them is fenced and gone", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    world.write(keyWrites.setRules([rule("k", 2)]));
    world.write(claims.claim("q", "job-1"));
    one.start("job-1", { key: "k", queueKey: "q" });
    two.call(keyWrites.hold("k", "job-2"));
    two.start("job-3", { key: "k" });

    expect(world.write(writes.removeExecuted("k"))).toEqual(ok);
    expect(world.state.notices).toMatchObject([
      { kind: "runFenced", session: one.session, jobId: "job-1", token: 1, cause: "removed" },
      { kind: "holdEnded", session: two.session, token: 2, cause: "removed" },
      { kind: "waitEnded", ending: { kind: "started", token: 3 } },
    ]);
    expect(one.finish("job-1")).toEqual(notRunning);
    expect(world.state.counts()).toMatchObject({ runs: 1, queueKeys: 1 });
  });

  test("a run that holds its key too long is fenced", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(keyWrites.setRules([rule("k", 1, { maxHoldMs: 1_000 })]));
    worker.start("job-1", { key: "k" });
    world.wait(1_000);
    world.tick();

    expect(world.state.notices).toEqual([
      {
        kind: "runFenced",
        session: worker.session,
        partition: "acme",
        jobId: "job-1",
        token: 1,
        cause: "held_too_long",
      },
    ]);
    expect(world.state.counts()).toMatchObject({ runs: 0, executionKeys: 0 });
  });
});

describe("the end of a session ends its runs", () => {
  test("their keys are granted on in the same entry; nobody is fenced, queue keys stay", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    world.write(claims.claim("q", "job-1"));
    one.start("job-1", { key: "k", queueKey: "q" });
    one.start("job-2");
    two.start("job-3", { key: "k" });
    world.write(writes.expire(one.session, 1));

    expect(world.state.notices).toMatchObject([{ session: two.session, ending: { token: 3 } }]);
    expect(world.state.counts()).toMatchObject({ runs: 1, sessions: 1, queueKeys: 1 });
    two.call(writes.close);
    expect(world.state.counts()).toMatchObject({ runs: 0, sessions: 0, executionKeys: 0 });
  });

  test("after the delay it asked for, if it fell silent; at once, if it said goodbye", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1, { keyDelayMs: 700 }), new Worker(world, 2)];
    one.start("job-1", { key: "k" });
    two.start("job-2", { key: "k" });
    world.write(writes.expire(one.session, 1));

    expect(world.state.notices).toEqual([]);
    expect(world.state.nextDeadline()).toBe(700);
    world.wait(700);
    world.tick();
    expect(world.state.notices).toMatchObject([{ ending: { kind: "started", token: 2 } }]);
  });

  test("in further entries, where they are too many for one", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const worker = new Worker(world, 1);
    for (let at = 0; at < 5; at++) worker.start(`job-${at}`, at % 2 === 0 ? { key: "k" } : {});
    world.write(writes.expire(worker.session, 1));

    expect(world.state.counts().runs).toBe(3);
    for (let ticks = 0; world.state.nextDeadline() === 0; ticks++) {
      expect(ticks).toBeLessThan(10);
      world.tick();
    }
    expect(world.state.counts()).toMatchObject({ runs: 0, sessions: 0, executionKeys: 0 });
  });
});
