import { describe, expect, test } from "vitest";
import {
  aStartedPartition,
  encodeAll,
  inSession,
  openWrite,
  reads,
  restored,
  smallLimits,
  type World,
  writes,
} from "../../test/world.ts";
import type { Epoch } from "../global-state.ts";

/** Rows in every table, in several buckets, some of them to be changed soon. */
function aBusyWorld(): World {
  const world = aStartedPartition();
  world.checksInvariants = false;
  const session = world.open(1);
  for (let at = 0; at < 300; at++) {
    world.write(writes.addExecuting(`key-${at}`), inSession(session, at, Math.max(0, at - 100)));
    world.write(writes.addQueued(`key-${at}`), { kind: "request", requestId: `request-${at}` });
    world.write(writes.cancelJob(`job-${at}`));
    world.write(writes.pause(`queue-${at}`));
  }
  return world;
}

/** Changes, removes and adds in every table; splits and joins buckets. */
function disturb(world: World, round: number): void {
  for (let at = round * 20; at < round * 20 + 20; at++) {
    world.write(writes.removeExecuted(`key-${at}`), inSession(1, 300 + at, 250 + at));
    world.write(writes.removeQueued(`key-${at}`));
    world.write(writes.consume(`job-${at}`));
    world.write(writes.resume(`queue-${at}`));
    world.write(openWrite(100 + at));
    for (let more = 0; more < 5; more++) world.write(writes.addQueued(`more-${at}-${more}`));
  }
}

function opened(epoch: Epoch | undefined): Epoch {
  if (epoch === undefined) throw new Error("no other epoch is open");
  return epoch;
}

describe("an epoch", () => {
  test.each([1, 10, 100, 10_000])(
    "is the state at its begin, to the byte, whatever is applied between slices of %i rows",
    (budget) => {
      const quiet = encodeAll(aBusyWorld().state);
      const world = aBusyWorld();

      const epoch = opened(world.state.beginEpoch());
      let round = 0;
      while (epoch.encodeSlice(budget) === "more") disturb(world, round++ % 15);
      for (; round < 5; round++) disturb(world, round);

      expect(epoch.root()).toBe(quiet.root);
      expect([...epoch.chunks()]).toEqual(quiet.chunks);
    },
  );

  test("does not change what is applied meanwhile, nor the next hash", () => {
    const quiet = aBusyWorld();
    const observed = aBusyWorld();
    const epoch = opened(observed.state.beginEpoch());
    epoch.encodeSlice(50);
    disturb(quiet, 1);
    disturb(observed, 1);
    while (epoch.encodeSlice(50) === "more");
    epoch.close();
    disturb(quiet, 2);
    disturb(observed, 2);

    expect(observed.hash()).toBe(quiet.hash());
    observed.state.checkInvariants();
  });

  test("a hash alone has the root of the snapshot", () => {
    const world = aBusyWorld();
    const { root } = encodeAll(world.state);

    const epoch = opened(world.state.beginEpoch("hash"));
    let round = 0;
    while (epoch.encodeSlice(20) === "more") disturb(world, round++ % 15);

    expect(epoch.root()).toBe(root);
    expect(() => epoch.chunks()).toThrow("keeps no chunks");
  });

  test("each slice does a bounded amount of work", () => {
    const world = aBusyWorld();
    const epoch = opened(world.state.beginEpoch());
    let slices = 1;
    while (epoch.encodeSlice(64) === "more") slices += 1;

    // 300 executing, queued, marks, pauses and requests: 1 500 rows at 64 and a bucket at most.
    expect(slices).toBeGreaterThan(1_500 / (64 + 64));
  });

  test("there is one at a time; once it is closed the next may begin", () => {
    const world = aStartedPartition();
    const epoch = opened(world.state.beginEpoch());

    expect(world.state.beginEpoch()).toBeUndefined();
    while (epoch.encodeSlice(100) === "more");
    expect(world.state.beginEpoch()).toBeUndefined();

    epoch.close();
    expect(world.state.beginEpoch()).toBeDefined();
  });

  test("closed before it is done, it holds up nobody", () => {
    const world = aBusyWorld();
    const epoch = opened(world.state.beginEpoch());
    epoch.encodeSlice(10);
    epoch.close();
    disturb(world, 1);

    expect(world.hash()).toBe(restoredHash(world));
    expect(() => epoch.root()).toThrow("once all is encoded");
  });

  test("is given up when what it must hold passes the bound, and the next may begin", () => {
    const world = aStartedPartition({ epochBytesMax: 1_000 });
    world.checksInvariants = false;
    for (let at = 0; at < 500; at++) world.write(writes.addQueued(`key-${at}`));
    const epoch = opened(world.state.beginEpoch());
    epoch.encodeSlice(1);

    for (let at = 0; at < 500; at++) world.write(writes.removeQueued(`key-${at}`));

    expect(epoch.encodeSlice(1)).toBe("given-up");
    expect(world.read(reads.isQueued("key-7"))).toEqual({ status: "member", before: false });
    epoch.close();
    expect(encodeAll(world.state).root).toMatch(/^[0-9a-f]{64}$/);
  });

  test("is given up when the state is replaced under it", () => {
    const world = aBusyWorld();
    const { chunks } = encodeAll(world.state);
    const epoch = opened(world.state.beginEpoch());
    epoch.encodeSlice(10);

    const restoration = world.state.beginRestore();
    for (const chunk of chunks) restoration.add(chunk);
    restoration.finish();

    expect(epoch.encodeSlice(10)).toBe("given-up");
    expect(world.state.beginEpoch()).toBeDefined();
  });

  test("encodes only the buckets that have changed since the last one", () => {
    const world = aBusyWorld();
    const slicesOf = (): number => {
      const epoch = opened(world.state.beginEpoch());
      let slices = 1;
      while (epoch.encodeSlice(16) === "more") slices += 1;
      epoch.close();
      return slices;
    };
    const first = slicesOf();
    world.write(writes.addQueued("one more"));

    expect(slicesOf()).toBeLessThan(first / 5);
  });
});

function restoredHash(world: World): string {
  const { chunks } = encodeAll(world.state);
  return encodeAll(restored(smallLimits({}), chunks)).root;
}
