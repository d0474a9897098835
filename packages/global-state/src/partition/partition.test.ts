import { describe, expect, test } from "vitest";
import {
  acme,
  aStartedPartition,
  changed,
  member,
  ok,
  other,
  reads,
  start,
  startWallMs,
  stop,
  World,
  writes,
} from "../../test/world.ts";
import type { Read, Write } from "../command.ts";
import { partitionId } from "../ids.ts";

const notStarted = { code: "not_started", partition: "acme" };

const partitions: Read = {
  name: "partition.list",
  args: { prefix: "", limit: 100, cursor: undefined },
};

const allWrites: readonly Write[] = [
  writes.cancelJob("1"),
  writes.consume("1"),
  writes.addQueued("k"),
  writes.removeQueued("k"),
  writes.addExecuting("k"),
  writes.removeExecuted("k"),
  writes.rogerPause("q"),
  writes.rogerResume("q"),
  writes.mark(["1"]),
  writes.pause("q"),
  writes.resume("q"),
];

const allReads: readonly Read[] = [
  reads.isCancelled("1"),
  reads.isQueued("k"),
  reads.isExecuting("k"),
  reads.paused,
  reads.check("1"),
  reads.list("pauses"),
];

describe("a partition that is not started answers `not_started` (SEMANTICS §1, row 13)", () => {
  test.each(allWrites)("to the write $name, and changes nothing", (write) => {
    const world = new World();
    const before = world.write(write);
    world.write(start);

    expect(before).toEqual(notStarted);
    for (const read of [reads.list("cancelMarks"), reads.list("queueKeys"), reads.list("pauses")]) {
      expect(world.read(read)).toMatchObject({ items: [] });
    }
  });

  test.each(allReads)("to the read $name", (read) => {
    expect(new World().read(read)).toEqual(notStarted);
  });

  test("also after it was stopped; it keeps its state", () => {
    const world = aStartedPartition();
    for (const write of allWrites) world.write(write);
    world.write(writes.addQueued("k"));

    expect(world.write(stop)).toEqual(changed(true));
    for (const write of allWrites) expect(world.write(write)).toEqual(notStarted);
    for (const read of allReads) expect(world.read(read)).toEqual(notStarted);

    expect(world.write(start)).toEqual(changed(true));
    expect(world.read(reads.isQueued("k"))).toEqual(member(true));
    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
  });
});

describe("starting and stopping", () => {
  test("again is no change", () => {
    const world = new World();

    expect([start, start, stop, stop].map((write) => world.write(write))).toEqual([
      changed(true),
      changed(false),
      changed(true),
      changed(false),
    ]);
  });

  test("is listed, with the time of the last change", () => {
    const world = aStartedPartition();
    world.write({ ...start, partition: other });
    world.write(start);
    world.write(stop);

    const listed = world.read(partitions);
    if (!("status" in listed) || listed.status !== "list") throw new Error("a list");
    expect(listed.items.toSorted(byText)).toEqual([
      { partition: "acme", started: false, since: startWallMs + 4 },
      { partition: "other", started: true, since: startWallMs + 2 },
    ]);
  });
});

describe("a start if absent", () => {
  const startIfAbsent: Write = {
    name: "partition.start",
    partition: acme,
    args: { ifAbsent: true },
  };

  test("starts one that never was, and changes nothing in one that is started", () => {
    const world = new World();

    expect([world.write(startIfAbsent), world.write(startIfAbsent)]).toEqual([
      changed(true),
      changed(false),
    ]);
    expect(world.write(writes.addQueued("k"))).toEqual(member(false));
  });

  test("leaves a stopped one stopped; a plain start does not", () => {
    const world = aStartedPartition();
    world.write(stop);

    expect(world.write(startIfAbsent)).toEqual(changed(false));
    expect(world.write(writes.addQueued("k"))).toEqual(notStarted);
    expect(world.write(start)).toEqual(changed(true));
  });
});

test("partitions hear nothing of each other (V19)", () => {
  const world = aStartedPartition();
  world.write({ ...start, partition: other });
  for (const write of allWrites) world.write(write);
  world.write(writes.addExecuting("k"));

  expect(world.read({ ...reads.isExecuting("k"), partition: other })).toEqual(member(false));
  expect(world.write({ ...writes.removeExecuted("k"), partition: other })).toEqual(ok);
  expect(world.read(reads.isExecuting("k"))).toEqual(member(true));
});

test("names that other languages reserve are names like any", () => {
  const world = new World();
  for (const name of ["__proto__", "constructor", "toString"]) {
    const partition = partitionId(name);
    expect(world.write({ name: "partition.start", partition, args: {} })).toEqual(changed(true));
    const queued = { ...writes.addQueued("__proto__"), partition };
    expect(world.write(queued)).toEqual(member(false));
    expect(world.write(queued)).toEqual(member(true));
  }
  expect(acme).toBe("acme");
});

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
