// What is set for a partition comes along with a backup; what is dropped does not (SEMANTICS §3 last row, SEMANTICS §4.7).
import { describe, expect, test } from "vitest";
import {
  acme,
  aSecondLevel,
  changed,
  drop,
  encodeAll,
  member,
  other,
  raiseLevel,
  restored,
  smallLimits,
  start,
  stop,
  update,
  World,
  writes,
} from "../../test/world.ts";
import type { ImportPlan, PartitionWrite, Read, Write } from "../index.ts";
import type { Limits } from "../limits.ts";
import { newDropping } from "../partition/dropping.ts";
import { newPartition, partitionSpec } from "../partition/partition.ts";
import { partitionLimitNames } from "../partition/partition-settings.ts";
import { Writer } from "../snapshot/writer.ts";

const imported = { status: "imported" };
const unreadable = { status: "not_imported", reason: "unreadable" };
const fullOfQueueKeys = { code: "quota_exceeded", limit: "queueKeys" };
const partitions: Read = {
  name: "partition.list",
  args: { prefix: "", limit: 100, cursor: undefined },
};
const elsewhere = (write: PartitionWrite): PartitionWrite => ({ ...write, partition: other });

function planOf(old: World): ImportPlan {
  return old.state.importPlan(encodeAll(old.state).root);
}

function aFreshOne(limits: Partial<Limits> = {}): World {
  const fresh = new World(smallLimits(limits));
  fresh.write(raiseLevel);
  return fresh;
}

function broughtFrom(old: World): World {
  const fresh = aFreshOne();
  const { begin, steps, end } = planOf(old);
  const told = [begin, ...steps, end].map((write) => fresh.write(write));
  expect(told.at(-1)).toEqual(imported);
  fresh.state.checkInvariants();
  return fresh;
}

/** The first step is the one of partitions. */
function partitionsStep({ steps }: ImportPlan): Write {
  const [step] = steps;
  if (step?.args.table !== "partitions") throw new Error("partitions come first");
  return step;
}

/** What a cluster with these limits answers to the first step of a backup of this world. */
function toldOfPartitions(old: World, limits?: Partial<Limits>): unknown {
  const fresh = aFreshOne(limits);
  const plan = planOf(old);
  fresh.write(plan.begin);
  return fresh.write(partitionsStep(plan));
}

describe("what is set for a partition", () => {
  test("comes along with a backup, all of it, of each partition its own", () => {
    const old = aSecondLevel();
    const limits = Object.fromEntries(partitionLimitNames.map((name, at) => [name, at]));
    old.write(update({ limits, defaults: { markTtlMs: 5_000 } }));
    old.write(elsewhere(start));
    old.write(elsewhere(update({ limits: { runs: 3 } })));
    old.write(elsewhere(stop));

    const fresh = broughtFrom(old);

    expect(fresh.read(partitions)).toEqual(old.read(partitions));
    expect(fresh.read(partitions)).toMatchObject({
      items: [
        { partition: acme, started: true, limits, defaults: { markTtlMs: 5_000 } },
        { partition: other, started: false, limits: { runs: 3 } },
      ],
    });
  });

  test("holds there as it did: no more is taken, and marks last as long", () => {
    const old = aSecondLevel();
    old.write(update({ limits: { queueKeys: 1 }, defaults: { markTtlMs: 5_000 } }));
    old.write(writes.addQueued("q/1"));

    const fresh = broughtFrom(old);

    expect(fresh.write(writes.addQueued("q/2"))).toMatchObject(fullOfQueueKeys);
    fresh.write(writes.cancelJob("job-1"));
    expect(fresh.state.nextDeadline()).toBe(5_000);
    fresh.write(update({ limits: { queueKeys: null } }));
    expect(fresh.write(writes.addQueued("q/2"))).toEqual(member(false));
  });

  test("leaves out nothing that is above it: a limit that was lowered evicts nothing here either", () => {
    const old = aSecondLevel();
    for (const name of ["q/1", "q/2", "q/3"]) old.write(writes.addQueued(name));
    old.write(writes.mark(["job-1", "job-2"]));
    old.write(writes.pause("mail"));
    old.write(update({ limits: { queueKeys: 1, cancelMarks: 0, pauses: 0 } }));

    const fresh = broughtFrom(old);

    expect(fresh.state.counts()).toMatchObject({ queueKeys: 3, cancelMarks: 2, pauses: 1 });
    expect(fresh.write(writes.addQueued("q/1"))).toEqual(member(true));
    expect(fresh.write(writes.addQueued("q/4"))).toMatchObject(fullOfQueueKeys);
  });

  test("is taken in once, also by who restores a snapshot in the middle", () => {
    const old = aSecondLevel();
    old.write(update({ limits: { queueKeys: 1 } }));
    old.write(writes.addQueued("q/1"));
    const plan = planOf(old);
    const fresh = aFreshOne();
    fresh.write(plan.begin);
    fresh.write(partitionsStep(plan));

    fresh.state = restored(smallLimits({}), encodeAll(fresh.state).chunks);
    for (const write of [plan.begin, ...plan.steps, plan.end]) fresh.write(write);

    expect(fresh.read(partitions)).toEqual(old.read(partitions));
    expect(fresh.write(writes.addQueued("q/2"))).toMatchObject(fullOfQueueKeys);
  });

  test("is refused with its whole step where the cluster allows less", () => {
    const old = aSecondLevel();
    old.write(update({ limits: { runs: 5 }, defaults: { markTtlMs: 5_000 } }));

    expect(toldOfPartitions(old, { runsMax: 5 })).toEqual({ status: "importing", next: 1 });
    expect(toldOfPartitions(old, { runsMax: 4 })).toEqual(unreadable);
    const markTtlMs = { min: 5_001, default: 6_000, max: 7_000 };
    expect(toldOfPartitions(old, { markTtlMs })).toEqual(unreadable);
  });
});

describe("a partition that was dropped", () => {
  const little = { workMax: 12, dueMax: 12 };

  /** `acme` has limits and many keys; with little work in an entry it is emptied bit by bit. */
  function dropped(limits?: Partial<Limits>): World {
    const old = aSecondLevel(limits);
    old.write(elsewhere(start));
    old.write(elsewhere(update({ limits: { runs: 3 } })));
    old.write(update({ limits: { queueKeys: 50, pauses: 0 }, defaults: { markTtlMs: 5_000 } }));
    for (let at = 0; at < 40; at++) old.write(writes.addQueued(`q/${at}`));
    old.write(elsewhere(writes.addQueued("q/0")));
    old.write(drop);
    return old;
  }

  test.each([
    ["is gone", dropped()],
    ["is being emptied", dropped(little)],
  ])("and %s does not come back: neither it, nor what was in it, nor what was set", (_, old) => {
    const fresh = broughtFrom(old);

    expect(fresh.read(partitions)).toEqual(old.read(partitions));
    expect(fresh.state.counts()).toMatchObject({ partitions: 1, queueKeys: 1 });
    expect(fresh.write(writes.addQueued("q/1"))).toMatchObject({ code: "not_started" });
    expect(fresh.write(start)).toEqual(changed(true));
    expect(fresh.write(writes.addQueued("q/1"))).toEqual(member(false));
    const plain = { partition: acme, started: true, since: expect.any(Number) };
    expect(fresh.read(partitions)).toEqual({
      status: "list",
      items: [plain, { ...plain, partition: other, limits: { runs: 3 } }],
      next: null,
    });
  });

  test("does not come back with a snapshot in which it is being emptied, nor what was set", () => {
    const old = dropped(little);
    expect(old.state.nextDeadline()).toBe(0);

    old.state = restored(smallLimits(little), encodeAll(old.state).chunks);
    expect(old.read(partitions)).toMatchObject({ items: [{ partition: other }] });
    while (old.state.nextDeadline() === 0) old.tick();
    old.write(start);

    expect(old.state.counts()).toMatchObject({ partitions: 2, queueKeys: 1 });
    expect(old.read(partitions)).toMatchObject({ items: [{ partition: acme }, {}] });
    expect(JSON.stringify(old.read(partitions))).not.toContain("queueKeys");
  });

  test("is refused in bytes that claim to be a backup", () => {
    const old = aSecondLevel();
    const plan = planOf(old);
    const [step] = plan.steps;
    if (step === undefined) throw new Error("partitions come first");
    const row = newPartition({ id: acme, number: 1, isStarted: false, sinceWallMs: 7 });
    const tellOf = (): unknown => {
      const writer = new Writer();
      writer.reset(0);
      partitionSpec.codec.write(row, writer);
      const fresh = aFreshOne();
      fresh.write(plan.begin);
      return fresh.write({ ...step, args: { ...step.args, bytes: writer.take() } });
    };

    expect(tellOf()).toEqual({ status: "importing", next: 1 });
    row.dropping = newDropping(row, { section: 0, from: 0 });
    expect(tellOf()).toEqual(unreadable);
  });

  test("and was in a backup before is there again, with what was set: it is the state of then", () => {
    const old = aSecondLevel();
    old.write(update({ limits: { queueKeys: 1 } }));
    old.write(writes.addQueued("q/1"));
    const before = old.read(partitions);
    const plan = planOf(old);
    old.write(drop);

    const fresh = aFreshOne();
    for (const write of [plan.begin, ...plan.steps, plan.end]) fresh.write(write);

    expect(fresh.read(partitions)).toEqual(before);
    expect(fresh.state.counts()).toMatchObject({ partitions: 1, queueKeys: 1 });
  });
});
