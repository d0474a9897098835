import { describe, expect, test } from "vitest";
import { jobWrites, Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  cancels,
  claims,
  keyWrites,
  member,
  reads,
  rule,
  startWallMs,
  type World,
  writes,
} from "../../test/world.ts";

const started = (token: number): unknown => ({ status: "started", token });
const waiting = (ticket: number, position: number): unknown => ({
  status: "waiting",
  ticket,
  position,
});
const cancelled = { status: "cancelled" };

function items(world: World, kind: "runs" | "executionKeys" | "queueKeys"): readonly unknown[] {
  const answer = world.read(reads.list(kind));
  if (!("items" in answer)) throw new Error("a list");
  return answer.items;
}

describe("a job that starts (SEMANTICS §3)", () => {
  test("runs, with a token of its own, and is listed", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);

    expect(worker.start("job-1", { key: "k", queueKey: "q", tags: ["t"] })).toEqual(started(1));
    expect(worker.start("job-2", { queue: "images" })).toEqual(started(2));
    expect(items(world, "runs")).toEqual(
      expect.arrayContaining([
        {
          jobId: "job-1",
          session: worker.session,
          token: 1,
          queue: "mail",
          since: startWallMs + 4,
          executionKey: "k",
          queueKey: "q",
          tags: ["t"],
        },
        {
          jobId: "job-2",
          session: worker.session,
          token: 2,
          queue: "images",
          since: startWallMs + 5,
        },
      ]),
    );
    expect(items(world, "executionKeys")).toMatchObject([{ key: "k", holders: [{ token: 1 }] }]);
  });

  test("is for those who have a session", () => {
    const world = aSecondLevel();

    expect(world.write(jobWrites.start("job-1"))).toMatchObject({ path: "session" });
    expect(world.write(jobWrites.finish("job-1"))).toMatchObject({ path: "session" });
  });

  test("is not re-entrant: it runs already, whoever asks", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });
    const already = { status: "already_running", by: one.session };

    expect(one.start("job-1", { key: "k" })).toEqual(already);
    expect(one.start("job-1", { takeover: true })).toEqual(already);
    expect(two.start("job-1")).toEqual(already);
    expect(world.state.counts().runs).toBe(1);
  });

  test("waits once: whoever asks again is told who waits, and with which ticket", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });

    expect(two.start("job-2", { key: "k" })).toEqual(waiting(2, 1));
    const already = { status: "already_waiting", by: two.session, ticket: 2 };
    expect(two.start("job-2", { key: "k" })).toEqual(already);
    expect(one.start("job-2", { key: "other" })).toEqual(already);
    expect(world.state.counts()).toMatchObject({ runs: 1, waiters: 1, executionKeys: 1 });
  });

  test("overtakes nobody, also while a key has room that could not be given in one entry", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const worker = new Worker(world, 1);
    for (let at = 0; at < 9; at++) worker.start(`job-${at}`, { key: "k" });
    world.write(keyWrites.setRules([rule("k", 20)]));

    expect(worker.start("late", { key: "k" })).toMatchObject({ status: "waiting" });
    expect(worker.start("now", { key: "k", onBusy: "reject" })).toMatchObject({ status: "busy" });
    expect(worker.call(keyWrites.hold("k", "other"))).toMatchObject({ status: "busy" });
    while (world.state.nextDeadline() === 0) world.tick();
    expect(world.state.counts()).toMatchObject({ runs: 10, waiters: 0 });
  });

  test("is told that its key is busy, where it does not want to wait", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });

    expect(worker.start("job-2", { key: "k", onBusy: "reject" })).toEqual({
      status: "busy",
      holders: 1,
      waiters: 0,
      retryAfterMs: 1_000,
    });
    expect(world.state.counts()).toMatchObject({ runs: 1, waiters: 0 });
  });

  test("holds its key like anybody: a holder of another kind keeps it out, and the limit counts", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(keyWrites.setRules([rule("wide", 2)]));
    worker.call(keyWrites.hold("k", "job-1"));
    world.write(writes.addExecuting("roger"));

    expect(worker.start("job-1", { key: "k" })).toEqual(waiting(1, 1));
    expect(worker.start("job-2", { key: "roger" })).toEqual(waiting(2, 1));
    expect(worker.start("job-3", { key: "wide" })).toEqual(started(3));
    expect(worker.start("job-4", { key: "wide" })).toEqual(started(4));
    expect(worker.start("job-5", { key: "wide" })).toEqual(waiting(5, 1));
  });

  test("is decided in order: cancelled, paused, running or waiting, finished", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    for (const job of ["job-1", "job-2", "job-3"]) worker.start(job);
    worker.finish("job-3", "dead", { rememberMs: 60_000 });
    world.write(writes.pause("mail"));
    world.write(writes.mark(["job-1"]));

    expect(worker.start("job-1")).toEqual(cancelled);
    expect(worker.start("job-2")).toEqual({ status: "paused", queues: ["mail"] });
    world.write(writes.resume("mail"));
    expect(worker.start("job-2")).toEqual({ status: "already_running", by: worker.session });
    expect(worker.start("job-3")).toEqual({ status: "already_finished", outcome: "dead" });
  });

  test("does not start from a paused queue; `*` pauses every queue", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(writes.pause("images"));

    expect(worker.start("job-1")).toEqual(started(1));
    expect(worker.start("job-2", { queue: "images" })).toEqual({
      status: "paused",
      queues: ["images"],
    });
    world.write(writes.pause("*", { mode: "stop" }));
    expect(worker.start("job-3")).toEqual({ status: "paused", queues: ["*"] });
  });

  test("past the quota is refused, and changes nothing", () => {
    const world = aSecondLevel({ runsMax: 2, waitersMax: 1 });
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });
    worker.start("job-2", { key: "k" });
    const full = { code: "quota_exceeded", limit: "runs", current: 2 };

    expect(worker.start("job-3")).toEqual(full);
    expect(worker.start("job-3", { key: "k" })).toEqual(full);
    worker.finish("job-1");
    expect(world.state.notices).toMatchObject([{ ending: { kind: "started" } }]);
    expect(worker.start("job-3", { key: "k" })).toEqual(waiting(3, 1));
  });
});

describe("a cancelled job (SEMANTICS §4.5)", () => {
  test("does not start, by its mark or by a rule that matches; the mark stays, the hit counts", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(writes.mark(["job-1"]));
    world.write(cancels.addRule({ queue: "mail", tag: "t", enqueuedBefore: 1_000 }));

    expect(worker.start("job-1", { queue: "images" })).toEqual(cancelled);
    expect(worker.start("job-1")).toEqual(cancelled);
    expect(worker.start("job-2", { tags: ["s", "t"], enqueuedAt: 999 })).toEqual(cancelled);
    expect(worker.start("job-3", { tags: ["t"], enqueuedAt: 1_000 })).toEqual(started(1));
    expect(worker.start("job-4", { tags: ["t"] })).toEqual(started(2));
    expect(worker.start("job-5", { tags: ["s"], enqueuedAt: 999 })).toEqual(started(3));
    expect(world.read(reads.isCancelled("job-1"))).toEqual(member(true));
    expect(world.read(reads.list("cancelRules"))).toMatchObject({ items: [{ hits: 1 }] });
  });

  test("frees its queue key where it is refused, and nobody else's", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(claims.claim("mine", "job-1"));
    world.write(claims.claim("other", "job-9"));
    world.write(writes.mark(["job-1"]));

    worker.start("job-1", { queueKey: "other" });
    expect(items(world, "queueKeys")).toHaveLength(2);
    worker.start("job-1", { queueKey: "mine" });
    expect(items(world, "queueKeys")).toMatchObject([{ key: "other" }]);
  });

  test("is passed over when its turn comes and a rule has come meanwhile, and the next one starts", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    world.write(claims.claim("q", "job-2"));
    one.start("job-1", { key: "k" });
    two.start("job-2", { key: "k", queueKey: "q" });
    two.start("job-3", { key: "k", queue: "images" });
    world.write(cancels.addRule({ queue: "mail" }));
    world.write(writes.pause("images"));
    one.finish("job-1");

    expect(world.state.notices).toMatchObject([
      { kind: "waitEnded", sequence: 1, ticket: 2, ending: { kind: "cancelled" } },
      { kind: "waitEnded", sequence: 2, ticket: 3, ending: { kind: "started", token: 2 } },
    ]);
    expect(items(world, "queueKeys")).toEqual([]);
    expect(items(world, "runs")).toMatchObject([{ jobId: "job-3", token: 2 }]);
  });
});

describe("the queue key of a job", () => {
  test("is free when it starts, if it is unique until then, at once or at its turn", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    for (const job of ["job-1", "job-2"]) world.write(claims.claim(`q-${job}`, job));
    const uniqueUntil = "start";
    worker.start("job-1", { key: "k", queueKey: "q-job-1", uniqueUntil });

    expect(items(world, "queueKeys")).toMatchObject([{ owner: "job-2" }]);
    worker.start("job-2", { key: "k", queueKey: "q-job-2", uniqueUntil });
    expect(items(world, "queueKeys")).toHaveLength(1);
    worker.finish("job-1");
    expect(items(world, "queueKeys")).toEqual([]);
    expect(items(world, "runs")).not.toMatchObject([{ queueKey: "q-job-2" }]);
  });

  test("stays while it runs, if it is unique until its finish; that of another stays anyway", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(claims.claim("mine", "job-1"));
    world.write(claims.claim("other", "job-9"));
    worker.start("job-1", { queueKey: "mine" });
    worker.start("job-2", { queueKey: "other", uniqueUntil: "start" });
    worker.start("job-3", { queueKey: "other" });

    expect(items(world, "queueKeys")).toHaveLength(2);
    for (const job of ["job-1", "job-2", "job-3"]) worker.finish(job);
    expect(items(world, "queueKeys")).toMatchObject([{ owner: "job-9" }]);
  });
});

describe("a job that waits to start", () => {
  test("is told when it starts, under its number, in strict order of tickets", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });
    two.start("job-2", { key: "k" });
    one.start("job-3", { key: "k" });
    one.finish("job-1");

    const { session } = two;
    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session, sequence: 1, ticket: 2, ending: { kind: "started", token: 2 } },
    ]);
    two.finish("job-2");
    expect(world.state.notices).toMatchObject([{ session: one.session, ticket: 3 }]);
  });

  test("gives up at its time, and withdraws; its queue key stays", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    for (const job of ["job-2", "job-3"]) world.write(claims.claim(`q-${job}`, job));
    worker.start("job-1", { key: "k" });
    worker.start("job-2", { key: "k", queueKey: "q-job-2", waitTimeoutMs: 50 });
    worker.start("job-3", { key: "k", queueKey: "q-job-3" });
    world.wait(50);
    world.tick();

    expect(world.state.notices).toMatchObject([{ ticket: 2, ending: { kind: "timed_out" } }]);
    expect(worker.call(keyWrites.withdraw("k", "job-3"))).toEqual({ status: "withdrawn" });
    expect(world.state.notices).toEqual([]);
    expect(world.state.counts()).toMatchObject({ waiters: 0, queueKeys: 2 });
  });

  test("is no wait of an `executionKey.acquire`: both stand in line by themselves", () => {
    const world = aSecondLevel({ waitersMax: 5 });
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });

    expect(worker.start("job-2", { key: "k" })).toEqual(waiting(2, 1));
    expect(worker.call(keyWrites.wait("k", "job-2"))).toEqual(waiting(3, 2));
    expect(worker.call(keyWrites.wait("k", "job-2"))).toEqual(waiting(3, 2));
    expect(worker.call(keyWrites.withdraw("k", "job-2"))).toEqual({ status: "withdrawn" });
    expect(world.state.counts().waiters).toBe(1);
    worker.finish("job-1");
    expect(world.state.notices).toMatchObject([{ ending: { kind: "started" } }]);
  });
});
