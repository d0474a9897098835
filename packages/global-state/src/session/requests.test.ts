import { describe, expect, test } from "vitest";
import {
  aStartedPartition,
  encodeAll,
  member,
  ok,
  reads,
  restored,
  smallLimits,
  writes,
} from "../../test/world.ts";
import type { Origin } from "../command.ts";

const request = (requestId: string): Origin => ({ kind: "request", requestId });
const longIds = (name: string): readonly string[] => [name.repeat(400)];
const minuteMs = 60_000;

describe("a request id, for those without a session (SEMANTICS §6)", () => {
  test("gets the identical answer again, and has no second effect", () => {
    const world = aStartedPartition();
    const first = world.outcome(writes.addExecuting("key"), request("r1"));
    world.write(writes.removeExecuted("key"));

    expect(world.outcome(writes.addExecuting("key"), request("r1"))).toEqual(first);
    expect(world.read(reads.isExecuting("key"))).toEqual(member(false));
  });

  test("is remembered for ten minutes of log time, and then is a new one", () => {
    const world = aStartedPartition();
    world.write(writes.addExecuting("key"), request("r1"));
    expect(world.state.nextDeadline()).toBe(10 * minuteMs);
    world.wait(10 * minuteMs - 1);
    expect(world.write(writes.addExecuting("key"), request("r1"))).toEqual(member(false));
    world.wait(1);

    expect(world.write(writes.addExecuting("key"), request("r1"))).toEqual(member(true));
  });

  test("is not executed when the table is full; nothing is forgotten early", () => {
    const world = aStartedPartition({ requestsMax: 2 });
    world.write(writes.addQueued("a"), request("r1"));
    world.write(writes.addQueued("b"), request("r2"));

    expect(world.write(writes.addQueued("c"), request("r3"))).toEqual({ code: "overloaded" });
    expect(world.read(reads.isQueued("c"))).toEqual(member(false));
    expect(world.write(writes.addQueued("a"), request("r1"))).toEqual(member(false));

    world.wait(10 * minuteMs);
    expect(world.write(writes.addQueued("c"), request("r3"))).toEqual(member(false));
  });

  test("is not executed when its answer might not fit into the bytes", () => {
    const world = aStartedPartition({ requestsBytesMax: 1_800 });

    expect(world.write(writes.mark(longIds("a")), request("r1"))).toMatchObject({
      status: "marked",
    });
    expect(world.write(writes.mark(longIds("b")), request("r2"))).toEqual({ code: "overloaded" });
    expect(world.read(reads.isCancelled(longIds("b")[0] ?? ""))).toEqual(member(false));
  });

  test("that names nothing is refused", () => {
    const world = aStartedPartition();
    for (const wrong of ["", "x".repeat(513), "a\nb"]) {
      expect(world.write(writes.addQueued("a"), request(wrong))).toMatchObject({
        code: "invalid_argument",
        path: "requestId",
      });
    }
    expect(world.read(reads.isQueued("a"))).toEqual(member(false));
  });

  test("is remembered by a restored state, until the same time", () => {
    const world = aStartedPartition();
    world.write(writes.removeQueued("a"), request("r1"));
    world.write(writes.addQueued("a"));
    world.state = restored(smallLimits({}), encodeAll(world.state).chunks);

    expect(world.write(writes.removeQueued("a"), request("r1"))).toEqual(ok);
    expect(world.read(reads.isQueued("a"))).toEqual(member(true));
    world.wait(10 * minuteMs);
    world.write(writes.removeQueued("a"), request("r1"));
    expect(world.read(reads.isQueued("a"))).toEqual(member(false));
  });
});
