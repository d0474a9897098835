import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  claims,
  drop,
  encodeAll,
  keyWrites,
  other,
  restored,
  rule,
  smallLimits,
  start,
  type World,
  writes,
} from "../../test/world.ts";
import type { PartitionWrite } from "../command.ts";

const limits = { workMax: 20, dueMax: 20 };
const elsewhere = (write: PartitionWrite): PartitionWrite => ({ ...write, partition: other });

/** `acme` is large, and something of each kind in it falls due when a second has passed. */
function aLargePartition(): { readonly world: World; readonly one: Worker; readonly two: Worker } {
  const world = aSecondLevel(limits);
  world.checksInvariants = false;
  const [one, two] = [new Worker(world, 1, { keyDelayMs: 500 }), new Worker(world, 2)];
  world.write(keyWrites.setRules([rule("timed", 30, { maxHoldMs: 1_000 })]));
  for (let at = 0; at < 30; at++) {
    one.call(keyWrites.hold("timed", `job-${at}`));
  }
  for (let at = 0; at < 60; at++) {
    two.call(keyWrites.wait("timed", `job-${100 + at}`, 500));
    world.write(claims.claim(`claim-${at}`, "job", { ttlMs: 1_500 }));
    world.write(writes.mark([`marked-${at}`], 1_500));
  }
  for (let at = 0; at < 30; at++) one.start(`job-${200 + at}`);
  world.write(writes.pause("mail", { mode: "stop" }));
  for (let at = 0; at < 300; at++) world.write(writes.addQueued(`many-${at}`));
  while (world.state.nextDeadline() === 0) world.tick();
  world.write(elsewhere(start));
  one.call(elsewhere(keyWrites.hold("k", "job-1")));
  return { world, one, two };
}

/** What else was told than the drop itself. */
function told(world: World): readonly unknown[] {
  return world.state.notices.map((notice) =>
    "ending" in notice ? notice.ending.kind : notice.kind,
  );
}

const timedOut = (world: World): boolean => told(world).includes("timed_out");

function entriesUntil(world: World, isSo: () => boolean): number {
  let entries = 0;
  for (; !isSo(); entries++) {
    expect(entries).toBeLessThan(500);
    world.tick();
    world.state.checkInvariants();
  }
  return entries;
}

describe("while a large partition is emptied", () => {
  test("what is due elsewhere is taken out in the same entries", () => {
    const { world, two } = aLargePartition();
    two.call(elsewhere(keyWrites.wait("k", "job-2", 1)));
    world.write(drop);
    world.wait(1);

    const entries = entriesUntil(world, () => timedOut(world));

    expect(entries).toBe(1);
    expect(told(world)).toEqual(["timed_out"]);
    expect(world.state.nextDeadline()).toBe(0);
  });

  test("what is due in it keeps nobody from his turn for long, and nobody is told a second end", () => {
    const { world, two } = aLargePartition();
    two.call(elsewhere(keyWrites.wait("k", "job-2", 2_000)));
    world.write(drop);
    const dropped = world.state.revision;
    world.wait(2_000);

    const ends: unknown[] = [];
    const entries = entriesUntil(world, () => {
      if (world.state.revision > dropped) ends.push(...told(world));
      return ends.length > 0;
    });
    entriesUntil(world, () => {
      world.tick();
      ends.push(...told(world));
      return world.state.nextDeadline() !== 0;
    });

    // Some hundred things of it are due before, and a few of them go in each entry.
    expect(entries).toBeLessThan(60);
    expect(ends).toEqual(["timed_out"]);
    expect(world.state.counts()).toMatchObject({ partitions: 1, executionKeys: 1, runs: 0 });
  });

  test("the calls of its entries are left some of the work, however much is due", () => {
    const { world } = aLargePartition();
    const [third, fourth] = [new Worker(world, 3), new Worker(world, 4)];
    for (const name of ["x", "y"]) {
      third.call(elsewhere(keyWrites.hold(name, "job-3")));
      fourth.call(elsewhere(keyWrites.wait(name, "job-4")));
    }
    world.write(drop);
    world.wait(2_000);

    third.call(writes.close);

    expect(told(world)).toEqual(["granted", "granted"]);
    expect(world.state.nextDeadline()).toBe(0);
  });

  test("a node that restores at any of its entries goes on as the others do (I8, I12)", () => {
    const [{ world }, { world: restarted }] = [aLargePartition(), aLargePartition()];
    for (const each of [world, restarted]) {
      each.write(drop);
      each.wait(1_000);
    }

    for (let entry = 0; world.state.nextDeadline() !== undefined; entry++) {
      restarted.state = restored(smallLimits(limits), encodeAll(restarted.state).chunks);
      for (const each of [world, restarted]) {
        if (entry % 5 === 4) each.wait(300);
        each.tick();
      }
      expect(restarted.hash()).toBe(world.hash());
      expect(restarted.state.nextDeadline()).toBe(world.state.nextDeadline());
      expect(entry).toBeLessThan(500);
    }
    expect(world.state.counts()).toMatchObject({ partitions: 1 });
  });
});
