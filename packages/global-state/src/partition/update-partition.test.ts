import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  acme,
  aSecondLevel,
  aStartedPartition,
  cancels,
  changed,
  claims,
  drop,
  encodeAll,
  keyWrites,
  member,
  raiseLevel,
  reads,
  restored,
  start,
  startWallMs,
  stop,
  update,
  World,
  writes,
} from "../../test/world.ts";
import type { Read } from "../command.ts";
import type { Result } from "../result.ts";

const partitions: Read = {
  name: "partition.list",
  args: { prefix: "", limit: 100, cursor: undefined },
};
const quota = (limit: string, current: number): unknown => {
  return { code: "quota_exceeded", limit, current };
};
const started: Result = { status: "started", token: expect.any(Number) };

describe("partition.update", () => {
  test("changes what it names and leaves the rest; null takes back; again is no change", () => {
    const world = aSecondLevel();

    const told = [
      update({ limits: { queueKeys: 5, runs: 2 } }),
      update({ limits: { queueKeys: 7 }, defaults: { markTtlMs: 60_000 } }),
      update({ limits: { queueKeys: 7, pauses: null } }),
      update({ limits: { runs: null } }),
    ].map((write) => world.write(write));

    expect(told).toEqual([changed(true), changed(true), changed(false), changed(true)]);
    expect(world.read(partitions)).toMatchObject({
      items: [{ partition: acme, limits: { queueKeys: 7 }, defaults: { markTtlMs: 60_000 } }],
    });
  });

  test("is told to whoever watches, as the list shows it; without settings nothing is shown", () => {
    const world = aSecondLevel();

    world.write(update({ limits: { runs: 2 } }));
    const set = world.state.events;
    world.write(update({ limits: { runs: null } }));

    const plain = { partition: "acme", started: true, since: startWallMs + 1 };
    expect(set).toMatchObject([
      { type: "partition.updated", item: { ...plain, limits: { runs: 2 } }, was: null },
    ]);
    expect(world.state.events?.map(({ item }) => item)).toEqual([plain]);
    expect(world.read(partitions)).toMatchObject({ items: [plain] });
  });

  test("is `not_started` where there is none, also one that is dropped; a stopped one can be updated", () => {
    const world = new World();
    world.write(raiseLevel);
    const refusal = { code: "not_started", partition: "acme" };

    expect(world.write(update({ limits: { runs: 1 } }))).toEqual(refusal);
    world.write(start);
    world.write(stop);
    expect(world.write(update({ limits: { runs: 1 } }))).toEqual(changed(true));
    world.write(drop);
    expect(world.write(update({ limits: { runs: 2 } }))).toEqual(refusal);
  });

  test("sets nothing above what the cluster allows, and then nothing at all", () => {
    const world = aSecondLevel({ runsMax: 10 });

    expect(world.write(update({ limits: { pauses: 1, runs: 11 } }))).toEqual({
      code: "invalid_argument",
      path: "args.limits.runs",
      reason: "must be at most 10",
    });
    for (const markTtlMs of [999, 86_400_001]) {
      expect(world.write(update({ defaults: { markTtlMs } }))).toMatchObject({
        code: "invalid_argument",
        path: "args.defaults.markTtlMs",
      });
    }
    expect(world.read(partitions)).toEqual({
      status: "list",
      items: [{ partition: "acme", started: true, since: startWallMs + 1 }],
      next: null,
    });
  });
});

describe("a limit below what is there evicts nothing and refuses what is new", () => {
  test("cancel marks", () => {
    const world = aSecondLevel();
    world.write(writes.mark(["1", "2"]));
    world.write(update({ limits: { cancelMarks: 1 } }));

    expect(world.write(writes.mark(["3"]))).toEqual(quota("cancelMarks", 2));
    expect(world.write(writes.cancelJob("2"))).toEqual({ status: "ok" });
    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
    world.write(cancels.clear(["1", "2"]));
    expect(world.write(writes.mark(["3"]))).toMatchObject({ status: "marked" });
  });

  test("cancel rules", () => {
    const world = aSecondLevel();
    world.write(cancels.addRule({ queue: "mail" }));
    world.write(update({ limits: { cancelRules: 0 } }));

    expect(world.write(cancels.addRule({ queue: "mail" }))).toEqual(quota("cancelRules", 1));
  });

  test("queue keys, of Roger's forms and of owners", () => {
    const world = aSecondLevel();
    world.write(writes.addQueued("a"));
    world.write(claims.claim("b", "job-1"));
    world.write(update({ limits: { queueKeys: 1 } }));

    expect(world.write(writes.addQueued("c"))).toEqual(quota("queueKeys", 2));
    expect(world.write(claims.claim("c", "job-1"))).toEqual(quota("queueKeys", 2));
    expect(world.write(writes.addQueued("a"))).toEqual(member(true));
    world.write(writes.removeQueued("a"));
    world.write(claims.release("b", "job-1"));
    expect(world.write(writes.addQueued("c"))).toEqual(member(false));
  });

  test("execution keys, of Roger's forms and of owners", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.call(keyWrites.hold("a", "job-1"));
    world.write(writes.addExecuting("b"));
    world.write(update({ limits: { executionKeys: 1 } }));

    expect(worker.call(keyWrites.hold("c", "job-1"))).toEqual(quota("executionKeys", 2));
    expect(world.write(writes.addExecuting("c"))).toEqual(quota("executionKeys", 2));
    expect(worker.call(keyWrites.hold("a", "job-1"))).toMatchObject({ status: "held", token: 1 });
  });

  test("waiters of the partition, and of a key: there a full line is busy", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.call(keyWrites.hold("k", "job-1"));
    worker.call(keyWrites.wait("k", "job-2"));
    world.write(update({ limits: { waiters: 0 } }));
    expect(worker.call(keyWrites.wait("k", "job-3"))).toEqual(quota("waiters", 1));

    world.write(update({ limits: { waiters: null, waitersPerKey: 1 } }));
    expect(worker.call(keyWrites.wait("k", "job-3"))).toMatchObject({ status: "busy", waiters: 1 });
    expect(worker.call(keyWrites.wait("k", "job-2"))).toMatchObject({ status: "waiting" });
  });

  test("runs; what runs finishes", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1");
    worker.start("job-2");
    world.write(update({ limits: { runs: 1 } }));

    expect(worker.start("job-3")).toEqual(quota("runs", 2));
    worker.finish("job-1");
    expect(worker.start("job-3")).toEqual(quota("runs", 1));
    worker.finish("job-2");
    expect(worker.start("job-3")).toEqual(started);
  });

  test("finished jobs: the finish stands and says that it is not remembered", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(update({ limits: { finishedJobs: 0 } }));
    worker.start("job-1");

    expect(worker.finish("job-1", "completed", { rememberMs: 1_000 })).toMatchObject({
      status: "finished",
      remembered: false,
    });
  });

  test("pauses; one that is there is made stronger all the same", () => {
    const world = aSecondLevel();
    world.write(writes.pause("mail"));
    world.write(update({ limits: { pauses: 1 } }));

    expect(world.write(writes.pause("images"))).toEqual(quota("pauses", 1));
    expect(world.write(writes.pause("mail", { mode: "stop" }))).toEqual(changed(true));
    world.write(writes.resume("mail"));
    expect(world.write(writes.pause("images"))).toEqual(changed(true));
  });
});

test("marks and rules that say no time have the partition's default", () => {
  const world = aSecondLevel();
  world.write(update({ defaults: { markTtlMs: 5_000 } }));
  world.write(writes.mark(["1"]));
  world.write(writes.cancelJob("2"));
  world.write(writes.mark(["3"], 6_000));
  world.write(cancels.addRule({ queue: "mail" }));

  world.wait(4_999);
  world.tick();
  expect(world.state.counts()).toMatchObject({ cancelMarks: 3, cancelRules: 1 });
  world.wait(1);
  world.tick();

  expect(world.state.counts()).toMatchObject({ cancelMarks: 1, cancelRules: 0 });
});

test("settings are part of a snapshot; a partition without any is written as it always was", () => {
  const world = aSecondLevel();
  const plain = world.hash();
  world.write(update({ limits: { runs: 0, cancelMarks: 3 }, defaults: { markTtlMs: 1_000 } }));

  const again = restored(undefined, encodeAll(world.state).chunks);

  again.checkInvariants();
  expect(encodeAll(again).root).toBe(world.hash());
  expect(again.read(partitions)).toMatchObject({
    result: {
      items: [{ limits: { cancelMarks: 3, runs: 0 }, defaults: { markTtlMs: 1_000 } }],
    },
  });
  expect(plain).not.toBe(world.hash());
  expect(aStartedPartition().state.featureLevel).toBe(1);
});
