import * as fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualWorld } from "../test/virtual-world.ts";
import { Deadlines } from "./deadlines.ts";
import type { Timer } from "./platform.ts";

test("whoever was not removed is told: never early, late by at most one bucket of 10 ms", async () => {
  const item = fc.record({
    addedAt: fc.nat({ max: 200 }),
    waits: fc.nat({ max: 300 }),
    isRemoved: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 20 }), async (items) => {
      const world = new VirtualWorld();
      const told = new Map<number, number>();
      const deadlines = new Deadlines<number>(world, (name) =>
        told.set(name, world.monotonicNow()),
      );
      for (const [name, { addedAt, waits, isRemoved }] of items.entries()) {
        world.setTimer(addedAt, () => deadlines.add(name, addedAt + waits));
        if (isRemoved) world.setTimer(addedAt, () => deadlines.remove(name, addedAt + waits));
      }
      await world.run(600);

      for (const [name, { addedAt, waits, isRemoved }] of items.entries()) {
        const late = (told.get(name) ?? Number.NaN) - (addedAt + waits);
        if (isRemoved) expect(told.has(name)).toBe(false);
        else expect(late >= 0 && late <= 10).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test("after stop nobody is told and nothing runs", async () => {
  const world = new VirtualWorld();
  const deadlines = new Deadlines<string>(world, () => {
    throw new Error("told");
  });
  deadlines.add("a", 50);

  deadlines.stop();
  await world.run(100);

  expect(world.timersRunning).toBe(0);
});

test("who may wait longer than a timer can is not told early, nor by a timer that fires at once", async () => {
  const delays: number[] = [];
  class NotingWorld extends VirtualWorld {
    override setTimer(delayMs: number, callback: () => void): Timer {
      delays.push(delayMs);
      return super.setTimer(delayMs, callback);
    }
  }
  const world = new NotingWorld();
  const told: string[] = [];
  const deadlines = new Deadlines<string>(world, (name) => told.push(name));

  deadlines.add("a", world.monotonicNow() + 2 ** 31 + 5);
  await world.run(1_000);

  expect([told, delays]).toEqual([[], [2 ** 31 - 1]]);
});
