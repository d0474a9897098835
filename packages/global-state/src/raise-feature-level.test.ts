import { expect, test } from "vitest";
import {
  aStartedPartition,
  claims,
  encodeAll,
  keyWrites,
  openWrite,
  restored,
  writes,
} from "../test/world.ts";
import { featureLevelOf } from "./feature-level.ts";

const raise = { name: "admin.raiseFeatureLevel", args: { level: 2 } } as const;

test("a cluster begins at the first level; an entry raises it, and nothing lowers it (RAFT E8)", () => {
  const world = aStartedPartition();
  expect(world.state.featureLevel).toBe(1);

  expect(world.write(raise)).toEqual({ status: "changed", changed: true });
  expect(world.write(raise)).toEqual({ status: "changed", changed: false });
  expect(world.write({ ...raise, args: { level: 1 } })).toEqual({
    status: "changed",
    changed: false,
  });

  expect(world.state.featureLevel).toBe(2);
});

test("the level is part of a snapshot and of the state hash", () => {
  const world = aStartedPartition();
  world.write(writes.addQueued("k"));
  const before = encodeAll(world.state);
  world.write(raise);
  const after = encodeAll(world.state);

  expect(restored(undefined, before.chunks).featureLevel).toBe(1);
  expect(restored(undefined, after.chunks).featureLevel).toBe(2);
  expect(after.root).not.toBe(before.root);
});

test("what the first rogerd knew is of the first level, everything else of a later one", () => {
  const pause = writes.pause("mail");
  const delayed = openWrite(1, { keyDelayMs: 5 });
  const until = { ...pause, args: { ...pause.args, until: 1 } };
  const stop = { ...pause, args: { ...pause.args, mode: "stop" } } as const;

  for (const write of [writes.addQueued("k"), raise, pause, openWrite(1)])
    expect(featureLevelOf(write)).toBe(1);
  for (const write of [
    claims.claim("k", "job-1"),
    keyWrites.withdraw("k", "job-1"),
    delayed,
    until,
    stop,
  ]) {
    expect(featureLevelOf(write)).toBe(2);
  }
});
