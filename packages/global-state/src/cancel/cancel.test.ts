import { describe, expect, test } from "vitest";
import {
  acme,
  aStartedPartition,
  changed,
  member,
  ok,
  reads,
  start,
  startWallMs,
  stop,
  writes,
} from "../../test/world.ts";
import { jobId, logTimeMs } from "../ids.ts";
import { newPartition } from "../partition/partition.ts";
import { moveMark, newMark } from "./cancel-mark.ts";

const hourMs = 3_600_000;

describe("a cancel mark", () => {
  test("is there for jobs that nobody has seen, and marking again says so", () => {
    const world = aStartedPartition();

    expect(world.write(writes.mark(["1", "2"]))).toEqual({
      status: "marked",
      jobs: [
        { jobId: "1", outcome: "marked" },
        { jobId: "2", outcome: "marked" },
      ],
    });
    expect(world.write(writes.mark(["2"]))).toEqual({
      status: "marked",
      jobs: [{ jobId: "2", outcome: "already_marked" }],
    });
    expect(world.write(writes.cancelJob("2"))).toEqual(ok);
    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
    expect(world.read(reads.isCancelled("3"))).toEqual(member(false));
  });

  test("says who marked it first, when and why", () => {
    const world = aStartedPartition();
    world.write(writes.mark(["1"]));
    world.write(writes.cancelJob("1"));
    world.write(writes.cancelJob("2"));

    expect(world.read(reads.check("1"))).toEqual({
      status: "checked",
      mark: {
        jobId: "1",
        by: "ann",
        reason: "wrong list",
        at: startWallMs + 2,
        state: "pending",
      },
    });
    expect(world.read(reads.check("2"))).toMatchObject({ mark: { by: "", reason: "" } });
    expect(world.read(reads.check("3"))).toEqual({ status: "checked", mark: null });
  });

  test("is consumed once by Roger's :remove (SEMANTICS §1, form 3)", () => {
    const world = aStartedPartition();
    world.write(writes.cancelJob("1"));

    expect(world.write(writes.consume("1"))).toEqual(member(true));
    expect(world.write(writes.consume("1"))).toEqual(member(false));
    expect(world.read(reads.isCancelled("1"))).toEqual(member(false));
  });

  test("ends 24 hours after it was made, by Roger's form too", () => {
    const world = aStartedPartition();
    world.write(writes.cancelJob("1"));
    expect(world.state.nextDeadline()).toBe(24 * hourMs);
    world.wait(24 * hourMs - 1);
    world.tick();
    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
    world.wait(1);
    world.tick();

    expect(world.read(reads.isCancelled("1"))).toEqual(member(false));
    expect(world.state.nextDeadline()).toBeUndefined();
  });

  test("ends after its own ttl; a later cancel of the same job makes it last for its time (I6)", () => {
    const world = aStartedPartition();
    world.write(writes.mark(["1"], 10_000));
    world.wait(5_000);
    world.write(writes.mark(["1"], 1_000));
    expect(world.state.nextDeadline()).toBe(10_000);
    world.write(writes.mark(["1"], 10_000));
    expect(world.state.nextDeadline()).toBe(15_000);
    world.wait(9_999);
    world.tick();

    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
    world.wait(1);
    world.tick();
    expect(world.read(reads.isCancelled("1"))).toEqual(member(false));
  });

  test("ends on time in a stopped partition, too, which keeps all else", () => {
    const world = aStartedPartition();
    world.write(writes.mark(["1"], 1_000));
    world.write(writes.mark(["2"], 5_000));
    world.write(stop);
    world.wait(1_000);
    world.tick();

    expect(world.write(start)).toEqual(changed(true));
    expect(world.read(reads.isCancelled("1"))).toEqual(member(false));
    expect(world.read(reads.isCancelled("2"))).toEqual(member(true));
  });

  test("is taken out before the calls of the entry in which it is due", () => {
    const world = aStartedPartition();
    world.write(writes.mark(["1"], 1_000));
    world.wait(1_000);

    expect(world.write(writes.consume("1"))).toEqual(member(false));
  });

  test("goes through one door, which knows the legal moves", () => {
    const partition = newPartition({ id: acme, number: 1, isStarted: true, sinceWallMs: 0 });
    const mark = newMark({
      partition,
      jobId: jobId("1"),
      by: "",
      reason: "",
      atWallMs: 0,
      expiresAt: logTimeMs(1),
    });

    moveMark(mark, "delivered");
    moveMark(mark, "acknowledged");
    expect(() => moveMark(mark, "pending")).toThrow("a mark goes from acknowledged to pending");
    moveMark(mark, "consumed");
    expect(() => moveMark(mark, "delivered")).toThrow("from consumed");
  });
});
