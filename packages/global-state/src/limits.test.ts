import { describe, expect, test } from "vitest";
import {
  acme,
  aPartitionOfLevelTwo,
  aStartedPartition,
  cancels,
  changed,
  claims,
  member,
  ok,
  reads,
  smallLimits,
  start,
  stop,
  World,
  writes,
} from "../test/world.ts";
import { partitionId } from "./ids.ts";
import { checkLimits, defaultLimits } from "./limits.ts";

const refusal = (limit: string, current: number): unknown => ({
  code: "quota_exceeded",
  limit,
  current,
});

describe("a full table is a refusal, never an eviction (SEMANTICS §2)", () => {
  test("cancel marks", () => {
    const world = aStartedPartition({ cancelMarksMax: 2 });
    world.write(writes.cancelJob("1"));
    world.write(writes.cancelJob("2"));

    expect(world.write(writes.cancelJob("3"))).toEqual(refusal("cancelMarks", 2));

    expect(world.write(writes.cancelJob("1"))).toEqual(ok);
    expect(world.write(writes.mark(["2", "1"]))).toMatchObject({ status: "marked" });
    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
    expect(world.read(reads.isCancelled("3"))).toEqual(member(false));
  });

  test("a call that would mark too many marks none; ids that are marked or repeated count once", () => {
    const world = aStartedPartition({ cancelMarksMax: 3 });
    world.write(writes.cancelJob("1"));

    expect(world.write(writes.mark(["2", "3", "4"]))).toEqual(refusal("cancelMarks", 1));
    expect(world.read(reads.isCancelled("2"))).toEqual(member(false));

    expect(world.write(writes.mark(["1", "2", "2", "3"]))).toEqual({
      status: "marked",
      jobs: [
        { jobId: "1", outcome: "already_marked" },
        { jobId: "2", outcome: "marked" },
        { jobId: "2", outcome: "already_marked" },
        { jobId: "3", outcome: "marked" },
      ],
    });
  });

  test("cancel rules", () => {
    const world = aPartitionOfLevelTwo({ cancelRulesMax: 1 });
    const added = world.write(cancels.addRule({ queue: "mail" }));

    expect(world.write(cancels.addRule({ tag: "t" }))).toEqual(refusal("cancelRules", 1));

    if (!("status" in added) || added.status !== "rule_added") throw new Error("added");
    expect(world.write(cancels.removeRule(added.rule))).toEqual(changed(true));
    expect(world.write(cancels.addRule({ tag: "t" }))).toHaveProperty("status", "rule_added");
  });

  test("queue keys, owned ones too", () => {
    const owned = aPartitionOfLevelTwo({ queueKeysMax: 1 });
    owned.write(claims.claim("a", "job-1"));

    expect(owned.write(claims.claim("b", "job-1"))).toEqual(refusal("queueKeys", 1));
    expect(owned.write(writes.addQueued("b"))).toEqual(refusal("queueKeys", 1));
  });

  test("queue keys", () => {
    const world = aStartedPartition({ queueKeysMax: 1 });
    world.write(writes.addQueued("a"));

    expect(world.write(writes.addQueued("b"))).toEqual(refusal("queueKeys", 1));
    expect(world.write(writes.addQueued("a"))).toEqual(member(true));
  });

  test("execution keys", () => {
    const world = aStartedPartition({ executionKeysMax: 1 });
    world.write(writes.addExecuting("a"));

    expect(world.write(writes.addExecuting("b"))).toEqual(refusal("executionKeys", 1));
    expect(world.write(writes.addExecuting("a"))).toEqual(member(true));
  });

  test("pauses", () => {
    const world = aStartedPartition({ pausesMax: 1 });
    world.write(writes.pause("a"));

    expect(world.write(writes.pause("b"))).toEqual(refusal("pauses", 1));
    expect(world.write(writes.rogerPause("b"))).toEqual(refusal("pauses", 1));
    expect(world.write(writes.pause("a"))).toEqual(changed(false));
  });

  test("pauses, by the bytes of their names: all of them are one answer", () => {
    const world = aStartedPartition({ pausesBytesMax: 9 });
    world.write(writes.pause("abcd"));
    world.write(writes.rogerPause("ä1"));

    expect(world.write(writes.pause("efg"))).toEqual(refusal("pausesBytes", 7));
    expect(world.write(writes.rogerPause("efg"))).toEqual(refusal("pausesBytes", 7));
    expect(world.write(writes.pause("ef"))).toEqual(changed(true));
    world.write(writes.resume("abcd"));
    expect(world.write(writes.pause("efgh"))).toEqual(changed(true));
    world.state.checkInvariants();
  });

  test("partitions and sessions", () => {
    const world = new World(smallLimits({ partitionsMax: 1, sessionsMax: 1 }));
    world.write(start);
    world.open(1);

    const another = partitionId("another");
    expect(world.write({ name: "partition.start", partition: another, args: {} })).toEqual(
      refusal("partitions", 1),
    );
    expect(() => world.open(2)).toThrow("opened");
    expect(world.open(1)).toBe(1);
    expect(world.write(stop)).toEqual(changed(true));
    expect(world.write(start)).toEqual(changed(true));
  });

  test("what frees is never refused, and makes room again", () => {
    const world = aStartedPartition({
      cancelMarksMax: 1,
      queueKeysMax: 1,
      executionKeysMax: 1,
      pausesMax: 1,
    });
    const fill = [
      writes.cancelJob("1"),
      writes.addQueued("a"),
      writes.addExecuting("a"),
      writes.rogerPause("a"),
    ];
    for (const write of fill) world.write(write);

    expect(world.write(writes.consume("1"))).toEqual(member(true));
    expect(world.write(writes.removeQueued("a"))).toEqual(ok);
    expect(world.write(writes.removeExecuted("a"))).toEqual(ok);
    expect(world.write(writes.rogerResume("a"))).toEqual(ok);

    for (const write of fill) expect(world.write(write)).toHaveProperty("status");
  });

  test("each partition has its own room", () => {
    const world = aStartedPartition({ queueKeysMax: 1 });
    const second = partitionId("second");
    world.write(writes.addQueued("a"));
    world.write({ name: "partition.start", partition: second, args: {} });

    const write = { ...writes.addQueued("a"), partition: second };

    expect(acme).not.toBe(second);
    expect(world.write(write)).toEqual(member(false));
  });
});

test("limits that contradict each other are refused", () => {
  expect(() => checkLimits(defaultLimits)).not.toThrow();
  const ttl = { min: 10, default: 5, max: 20 };
  expect(() => checkLimits({ ...defaultLimits, sessionTtlMs: ttl })).toThrow("below its range");
  expect(() => checkLimits({ ...defaultLimits, dueMax: 0 })).toThrow("what is due");
});
