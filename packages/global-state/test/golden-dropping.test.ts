// The bytes of a state in which a dropped partition is being emptied, at each place where that may be.
import { expect, test } from "vitest";
import { fixture, hexOf } from "./golden.ts";
import { Worker } from "./jobs.ts";
import {
  aSecondLevel,
  claims,
  drop,
  encodeAll,
  keyWrites,
  restored,
  rule,
  smallLimits,
  writes,
} from "./world.ts";

const little = { workMax: 4, dueMax: 4 };

function snapshots(): readonly string[] {
  const world = aSecondLevel(little);
  const worker = new Worker(world, 1);
  world.write(keyWrites.setRules([rule("k", 2)]));
  for (const job of ["job-1", "job-2", "job-3", "job-4"]) worker.start(job, { key: "k" });
  worker.call(keyWrites.hold("l", "job-5"));
  for (const key of ["a", "b", "c"]) world.write(claims.claim(key, "job-1"));
  world.write(writes.mark(["job-8", "job-9"]));
  world.write(writes.pause("images"));
  world.write(drop);
  const taken: string[] = [];
  while (world.state.nextDeadline() === 0) {
    taken.push(hexOf(encodeAll(world.state).chunks));
    world.tick();
  }
  return taken;
}

test("a state that is emptied is written to the same bytes, and read from them", () => {
  const taken = snapshots();

  const stored = fixture("snapshots-dropping.hex", () => taken.join("\n")).split("\n\n");

  expect(taken.map((hex) => hex.trimEnd())).toEqual(stored.map((hex) => hex.trimEnd()));
  for (const hex of stored) {
    const bytes = Uint8Array.from(Buffer.from(hex.replaceAll("\n", ""), "hex"));
    restored(smallLimits(little), [bytes]).checkInvariants();
  }
});
