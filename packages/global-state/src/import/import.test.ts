import { describe, expect, test } from "vitest";
import {
  acme,
  aPartitionOfLevelTwo,
  aStartedPartition,
  cancels,
  claims,
  encodeAll,
  inSession,
  other,
  raiseLevel,
  reads,
  restored,
  start,
  startWallMs,
  World,
  writes,
} from "../../test/world.ts";
import { featureLevelOf } from "../feature-level.ts";
import { logTimeMs, partitionId } from "../ids.ts";
import type { GlobalState, ImportPlan, Read, Result, Write } from "../index.ts";
import { tokenLeap } from "./import.ts";

/** A cluster that was used in all ways: what is to come along, and what is not. */
function aUsedWorld(): World {
  const world = new World();
  world.wait(50_000);
  world.write(start);
  world.write({ ...start, partition: other });
  world.open(1);
  world.write(writes.addQueued("q/1"), inSession(1, 0));
  for (const name of ["e/1", "e/2", "schlüssel/😀"]) world.write(writes.addExecuting(name));
  world.write(writes.removeExecuted("e/2"), { kind: "request", requestId: "curl/1" });
  world.write(writes.mark(["job-1"], 60_000), inSession(1, 1));
  world.write(writes.cancelJob("job-2"));
  world.write(writes.pause("mail"));
  world.write({ ...writes.addQueued("q/2"), partition: other });
  world.write({ name: "partition.stop", partition: other, args: {} });
  world.wait(20_000);
  world.tick();
  return world;
}

function planOf(state: GlobalState): ImportPlan {
  return state.importPlan(encodeAll(state).root);
}

function playAll(world: World, plan: ImportPlan): readonly Result[] {
  return [plan.begin, ...plan.steps, plan.end].map((write) => resultOf(world, write));
}

function resultOf(world: World, write: Write): Result {
  const result = world.write(write);
  if ("code" in result) throw new Error(`refused: ${result.code}`);
  return result;
}

test.each<{
  readonly says: string;
  readonly write: Write;
  readonly kind: "pauses" | "cancelRules";
}>([
  {
    says: "a pause that ends by itself keeps what was left of its time",
    write: writes.pause("mail", { until: startWallMs + 3 + 30_000, mode: "stop" }),
    kind: "pauses",
  },
  {
    says: "a rule keeps what was left of its time, and its hits",
    write: cancels.addRule({ queue: "mail", ttlMs: 30_000 }),
    kind: "cancelRules",
  },
])("$says", ({ kind, write }) => {
  const old = aPartitionOfLevelTwo();
  old.wait(50_000);
  old.write(write);
  old.wait(20_000);
  old.tick();
  const fresh = new World();
  fresh.write(raiseLevel);
  fresh.wait(500_000);

  playAll(fresh, planOf(old.state));

  expect(fresh.read(reads.list(kind))).toEqual(old.read(reads.list(kind)));
  expect(fresh.state.nextDeadline()).toBe(510_000);
});

test("a backup of the second level waits for a cluster of the second level", () => {
  const plan = planOf(aPartitionOfLevelTwo().state);

  expect(plan.steps.map(featureLevelOf)).toEqual([2]);
  expect(planOf(aStartedPartition().state).steps.map(featureLevelOf)).toEqual([1]);
});

test("a claim keeps what was left of its time, as a mark does", () => {
  const old = aPartitionOfLevelTwo();
  old.wait(50_000);
  old.write(claims.claim("k", "job-1", { ttlMs: 30_000 }));
  old.wait(20_000);
  old.tick();
  const fresh = new World();
  fresh.write(raiseLevel);
  fresh.wait(500_000);

  playAll(fresh, planOf(old.state));

  expect(fresh.read(reads.list("queueKeys"))).toEqual(old.read(reads.list("queueKeys")));
  expect(fresh.state.nextDeadline()).toBe(510_000);
});

const timeZero = logTimeMs(0);
const partitionList: Read = {
  name: "partition.list",
  args: { prefix: "", limit: 100, cursor: undefined },
};

function tokenOf(world: World, name: string): number {
  const list = world.read(reads.list("executionKeys", { prefix: name }));
  const [item] = "items" in list ? list.items : [];
  if (item === undefined || !("holders" in item)) throw new Error("the key is held");
  return item.holders[0]?.token ?? 0;
}

const allReads = [
  reads.list("cancelMarks"),
  reads.list("queueKeys"),
  reads.list("executionKeys"),
  reads.list("pauses"),
];

describe("an import", () => {
  test("brings partitions, marks, keys and pauses into an empty cluster, and no sessions", () => {
    const old = aUsedWorld();
    const fresh = new World();

    const results = playAll(fresh, planOf(old.state));

    expect(results.at(-1)).toEqual({ status: "imported" });
    for (const read of allReads) expect(fresh.read(read)).toEqual(old.read(read));
    expect(fresh.read(partitionList)).toEqual(old.read(partitionList));
    const { answerPages, requests, sessions, ...brought } = fresh.state.counts();
    expect({ answerPages, requests, sessions }).toEqual({
      answerPages: 0,
      requests: 0,
      sessions: 0,
    });
    expect(old.state.counts()).toMatchObject({ ...brought, sessions: 1, requests: 1 });
  });

  test("gives later grants tokens past all that the old cluster can have given (I3)", () => {
    const old = aUsedWorld();
    const fresh = new World();
    playAll(fresh, planOf(old.state));

    fresh.write(writes.addExecuting("later"));

    expect(tokenOf(fresh, "later")).toBe(3 + tokenLeap + 1);
    expect(tokenOf(fresh, "e/1")).toBe(tokenOf(old, "e/1"));
  });

  test("issues session ids that the old cluster never issued before the backup", () => {
    const fresh = new World();
    playAll(fresh, planOf(aUsedWorld().state));

    expect(fresh.open(2)).toBe(2);
  });

  test("keeps of each deadline what was left when the backup was made", () => {
    const old = aUsedWorld();
    const fresh = new World();
    fresh.wait(1_000);
    playAll(fresh, planOf(old.state));

    // Of its 60 s, 20 s had passed.
    fresh.wait(39_999);
    fresh.tick();
    const before = fresh.read(reads.isCancelled("job-1"));
    fresh.wait(1);
    fresh.tick();

    expect(before).toEqual({ status: "member", before: true });
    expect(fresh.read(reads.isCancelled("job-1"))).toEqual({ status: "member", before: false });
    expect(fresh.read(reads.isCancelled("job-2"))).toEqual({ status: "member", before: true });
  });

  test("is seen by nobody before its end, and by everybody after it", () => {
    const plan = planOf(aUsedWorld().state);
    const fresh = new World();
    for (const write of [plan.begin, ...plan.steps]) resultOf(fresh, write);

    const during = [
      fresh.read(partitionList),
      fresh.read(reads.isQueued("q/1")),
      fresh.write(writes.addQueued("q/1")),
      fresh.write(start, { kind: "request", requestId: "early" }),
    ];
    resultOf(fresh, plan.end);

    expect(during).toEqual([
      { status: "list", items: [], next: null },
      { code: "not_started", partition: acme },
      { code: "not_started", partition: acme },
      { code: "overloaded" },
    ]);
    expect(fresh.read(reads.isQueued("q/1"))).toEqual({ status: "member", before: true });
    expect(fresh.write(start, { kind: "request", requestId: "early" })).toEqual({
      status: "changed",
      changed: false,
    });
  });

  test("goes on after an interruption, in a snapshot too; what was taken is not taken twice", () => {
    const plan = planOf(aUsedWorld().state);
    const fresh = new World();
    const [first, second] = plan.steps;
    if (first === undefined || second === undefined) throw new Error("there are two steps");
    resultOf(fresh, plan.begin);
    resultOf(fresh, first);
    fresh.state = restored(undefined, encodeAll(fresh.state).chunks);
    fresh.state.checkInvariants();

    expect(resultOf(fresh, plan.begin)).toEqual({ status: "importing", next: 1 });
    expect(resultOf(fresh, first)).toEqual({ status: "importing", next: 1 });
    expect(resultOf(fresh, second)).toEqual({ status: "importing", next: 2 });
    for (const step of plan.steps) resultOf(fresh, step);
    expect(resultOf(fresh, plan.end)).toEqual({ status: "imported" });
    const twice = [plan.begin, first, plan.end].map((write) => resultOf(fresh, write));
    expect(twice).toEqual(Array.from({ length: 3 }, () => ({ status: "imported" })));
    expect(fresh.state.counts()).toMatchObject({ partitions: 2, queueKeys: 2, executionKeys: 2 });
    expect(restored(undefined, encodeAll(fresh.state).chunks).revision).toBe(fresh.state.revision);
  });
});

describe("an import is refused, and changes nothing,", () => {
  const plan = planOf(aUsedWorld().state);
  const strange = `${"0".repeat(64)}-1`;

  function expectNo(world: World, write: Write, reason: string): void {
    const before = world.state.counts();
    expect(resultOf(world, write)).toEqual({ status: "not_imported", reason });
    expect(world.state.counts()).toEqual(before);
  }

  test("where a partition was ever started", () => {
    expectNo(aStartedPartition(), plan.begin, "not_empty");
    expectNo(aUsedWorld(), plan.begin, "not_empty");
  });

  test("where another one has begun, or is done", () => {
    const world = new World();
    resultOf(world, plan.begin);
    const another: Write = { ...plan.begin, args: { ...plan.begin.args, id: strange } };

    expectNo(world, another, "another_import");
    for (const write of [...plan.steps, plan.end]) resultOf(world, write);
    expectNo(world, another, "another_import");
  });

  test("where it has not begun", () => {
    for (const write of [...plan.steps, plan.end]) expectNo(new World(), write, "not_begun");
  });

  test("where a step or a row is missing", () => {
    const world = new World();
    resultOf(world, plan.begin);
    const [, second] = plan.steps;
    if (second === undefined) throw new Error("there are two steps");

    expectNo(world, second, "out_of_turn");
    expectNo(world, plan.end, "incomplete");
    for (const step of plan.steps) resultOf(world, step);
    const { args } = plan.end;
    expectNo(world, { ...plan.end, args: { ...args, rows: args.rows + 1 } }, "incomplete");
  });

  test("where the token counter could not grow any more", () => {
    const counters = { session: 0, partition: 0, token: Number.MAX_SAFE_INTEGER };
    const args = { ...plan.begin.args, counters };

    expectNo(new World(), { ...plan.begin, args }, "unreadable");
  });

  test("where bytes are no rows, whichever byte is wrong: whole or not at all", () => {
    for (const [at, step] of plan.steps.entries()) {
      for (let byte = 0; byte < step.args.bytes.length; byte++) {
        const world = new World();
        resultOf(world, plan.begin);
        for (const earlier of plan.steps.slice(0, at)) resultOf(world, earlier);
        const bytes = step.args.bytes.slice();
        bytes[byte] = (bytes[byte] ?? 0) ^ 0xff;
        const before = world.state.counts();

        const result = resultOf(world, { ...step, args: { ...step.args, bytes } });

        // Some texts and numbers are as good as others; nothing comes in by half.
        if (result.status === "importing") continue;
        expect(result).toEqual({ status: "not_imported", reason: "unreadable" });
        expect(world.state.counts()).toEqual(before);
      }
    }
  });

  test("where a row lies: about its partition, its token, its time, its name, or the form", () => {
    const world = new World();
    resultOf(world, plan.begin);
    const [partitions, ...others] = plan.steps;
    if (partitions === undefined) throw new Error("there is a first step");
    const doubled = Uint8Array.of(...partitions.args.bytes, ...partitions.args.bytes);

    expectNo(world, { ...partitions, args: { ...partitions.args, bytes: doubled } }, "unreadable");
    expectNo(world, { ...partitions, args: { ...partitions.args, version: 9 } }, "unreadable");
    for (const step of others) {
      expectNo(world, { ...step, args: { ...step.args, step: 0 } }, "unreadable");
    }
  });

  test("where a row's number was never drawn by the old cluster, or a mark would stay for ever", () => {
    const low = { ...plan.begin.args, counters: { session: 1, partition: 1, token: 0 } };
    const [partitions] = plan.steps;
    if (partitions === undefined) throw new Error("there is a first step");
    const world = new World();
    resultOf(world, { ...plan.begin, args: low });
    expectNo(world, partitions, "unreadable");

    const late = new World();
    resultOf(late, { ...plan.begin, args: { ...plan.begin.args, logTime: timeZero } });
    resultOf(late, partitions);
    const marks = plan.steps.find((step) => step.args.table === "cancelMarks");
    if (marks === undefined) throw new Error("there are marks");
    // job-2's mark has 24 h from 50 s on: from 0 on it would be more than any mark may have.
    expectNo(late, marks, "unreadable");
  });
});

describe("a plan", () => {
  test("of many rows is cut into steps that fit an entry, and brings all of them", () => {
    const old = aStartedPartition();
    old.checksInvariants = false;
    for (let batch = 0; batch < 40; batch++) {
      const names = Array.from({ length: 250 }, (_, at) => `key-${batch}-${at}-${"x".repeat(20)}`);
      old.apply(names.map((name) => ({ origin: { kind: "none" }, write: writes.addQueued(name) })));
    }
    const plan = planOf(old.state);
    const fresh = new World();
    fresh.checksInvariants = false;

    playAll(fresh, plan);

    fresh.state.checkInvariants();
    expect(plan.steps.length).toBeGreaterThan(5);
    expect(Math.max(...plan.steps.map((step) => step.args.bytes.length))).toBeLessThan(65 * 1024);
    expect(fresh.state.counts().queueKeys).toBe(10_000);
  });

  test("is the same for the same state, so that an import can go on with another copy", () => {
    const { state } = aUsedWorld();
    const copy = restored(undefined, encodeAll(state).chunks);

    expect(planOf(copy)).toEqual(planOf(state));
  });

  test("of an empty cluster is an import, too", () => {
    const fresh = new World();

    expect(playAll(fresh, planOf(new World().state)).at(-1)).toEqual({ status: "imported" });
    expect(fresh.write({ ...start, partition: partitionId("first") })).toMatchObject({
      changed: true,
    });
  });
});
