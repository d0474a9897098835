import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  encodeAll,
  keyWrites,
  reads,
  restored,
  rule,
  smallLimits,
  type World,
  writes,
} from "../../test/world.ts";

const started = (token: number): unknown => ({ status: "started", token });
const waiting = (ticket: number, position: number): unknown => ({
  status: "waiting",
  ticket,
  position,
});
const fenced = { kind: "runFenced", cause: "taken_over" };
const notRunning = { status: "not_running" };

function two(world: World, keyDelayMs?: number): readonly [Worker, Worker] {
  const opening = keyDelayMs === undefined ? {} : { keyDelayMs };
  return [new Worker(world, 1, opening), new Worker(world, 2)];
}

describe("a run that another session takes over (SEMANTICS §4.2)", () => {
  test("is fenced, and the same slot has a new token at once, before all who wait", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    one.start("job-2", { key: "k" });

    expect(other.start("job-1", { key: "k", takeover: true })).toEqual(started(2));
    expect(world.state.notices).toMatchObject([
      { ...fenced, session: one.session, jobId: "job-1", token: 1 },
    ]);
    expect(one.finish("job-1")).toEqual(notRunning);
    expect(other.finish("job-1")).toEqual({ status: "finished", cancel: "none" });
    expect(world.state.notices).toMatchObject([{ session: one.session, ticket: 2 }]);
  });

  test("has the slot after the delay of the old session, before all who wait, with its ticket", () => {
    const world = aSecondLevel();
    const [one, other] = two(world, 500);
    one.start("job-1", { key: "k" });
    other.start("job-2", { key: "k" });
    other.start("job-3", { key: "k" });

    expect(other.start("job-1", { key: "k", takeover: true })).toEqual(waiting(1, 1));
    expect(world.state.notices).toMatchObject([fenced]);
    expect(one.finish("job-1")).toEqual(notRunning);
    world.wait(499);
    world.tick();
    expect(world.state.notices).toEqual([]);
    world.wait(1);
    world.tick();
    expect(world.state.notices).toMatchObject([
      { session: other.session, sequence: 3, ticket: 1, ending: { kind: "started", token: 2 } },
    ]);
    other.finish("job-1");
    expect(world.state.notices).toMatchObject([{ ticket: 2 }]);
  });

  test("of which there are several, have their slots again in the order of their tickets", () => {
    const world = aSecondLevel();
    const [one, other] = two(world, 500);
    world.write(keyWrites.setRules([rule("k", 3)]));
    for (const job of ["job-1", "job-2", "job-3", "job-4"]) one.start(job, { key: "k" });
    for (const [job, place] of [
      ["job-2", 1],
      ["job-3", 2],
      ["job-1", 1],
    ] as const) {
      expect(other.start(job, { key: "k", takeover: true })).toMatchObject({ position: place });
    }
    world.state = restored(smallLimits({}), encodeAll(world.state).chunks);
    world.wait(500);
    world.tick();

    expect(world.state.notices).toMatchObject([{ ticket: 1 }, { ticket: 2 }, { ticket: 3 }]);
  });

  test("stays where it is, where the other does not want to wait for the delay", () => {
    const world = aSecondLevel();
    const [one, other] = two(world, 500);
    one.start("job-1", { key: "k" });

    const taking = { key: "k", onBusy: "reject", takeover: true } as const;
    expect(other.start("job-1", taking)).toMatchObject({ status: "busy", holders: 1 });
    expect(world.state.notices).toEqual([]);
    expect(one.finish("job-1")).toMatchObject({ status: "finished" });
  });

  test("stays where it is, where there is no room to wait for the delay", () => {
    const world = aSecondLevel({ waitersMax: 1 });
    const [one, other] = two(world, 500);
    one.start("job-1", { key: "k" });
    other.start("job-2", { key: "k" });

    expect(other.start("job-1", { key: "k", takeover: true })).toMatchObject({ limit: "waiters" });
    expect(one.finish("job-1")).toMatchObject({ status: "finished" });
  });

  test("frees its own key, where the other has another one, or none", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    other.start("job-2", { key: "k" });

    expect(other.start("job-1", { key: "new", takeover: true })).toEqual(started(3));
    expect(world.state.notices).toMatchObject([fenced, { ending: { kind: "started", token: 2 } }]);
    expect(one.start("job-1", { takeover: true })).toEqual(started(4));
    expect(world.state.notices).toMatchObject([{ ...fenced, session: other.session, token: 3 }]);
    expect(other.start("job-1", { takeover: true })).toEqual(started(5));
    expect(world.state.counts()).toMatchObject({ runs: 2, executionKeys: 1 });
  });

  test("stays where it is, where the other's key is busy and it does not wait", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    one.start("job-2", { key: "new" });

    const taking = { key: "new", onBusy: "reject", takeover: true } as const;
    expect(other.start("job-1", taking)).toMatchObject({ status: "busy" });
    expect(one.finish("job-1")).toMatchObject({ status: "finished" });
  });

  test("is not taken over from a paused queue, nor once it is cancelled", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1");
    world.write(writes.pause("mail"));

    expect(other.start("job-1", { takeover: true })).toMatchObject({ status: "paused" });
    world.write(writes.cancelJob("job-1"));
    expect(other.start("job-1", { takeover: true })).toEqual({ status: "cancelled" });
    expect(one.finish("job-1", "cancelled")).toMatchObject({ cancel: "acknowledged" });
  });

  test("is not started where there is nothing to take over than as usual", () => {
    const world = aSecondLevel();
    const [one] = two(world);

    expect(one.start("job-1", { key: "k", takeover: true })).toEqual(started(1));
  });
});

describe("a wait that another session takes over", () => {
  test("moves with its ticket and place, and its session is told", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    one.start("job-2", { key: "k" });
    one.start("job-3", { key: "k" });

    expect(other.start("job-2", { key: "k", takeover: true })).toEqual(waiting(2, 1));
    expect(world.state.notices).toEqual([
      {
        kind: "waitEnded",
        session: one.session,
        sequence: 2,
        ticket: 2,
        ending: { kind: "taken_over" },
      },
    ]);
    world.write(writes.expire(one.session, 1));
    expect(world.state.notices).toMatchObject([
      { session: other.session, sequence: 1, ticket: 2, ending: { kind: "started" } },
    ]);
  });

  test("has what the new start says: its queue, its tags, its time", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    one.start("job-2", { key: "k", waitTimeoutMs: 50 });
    other.start("job-2", { key: "k", queue: "images", takeover: true, waitTimeoutMs: 90 });

    expect(world.state.nextDeadline()).toBe(90);
    world.write(writes.pause("mail", { mode: "stop" }));
    expect(world.state.notices).toMatchObject([{ kind: "runToStop", jobId: "job-1" }]);
    world.write(writes.pause("images", { mode: "stop" }));
    expect(world.state.notices).toMatchObject([{ ticket: 2, ending: { kind: "paused" } }]);
  });

  test("is no wait of somebody who does not want to wait", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    one.start("job-2", { key: "k" });

    const taking = { key: "k", onBusy: "reject", takeover: true } as const;
    expect(other.start("job-2", taking)).toMatchObject({ status: "busy", waiters: 1 });
    expect(world.state.notices).toEqual([]);
  });

  test("ends where the other has another key, or none: that starts, or waits anew", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    one.start("job-1", { key: "k" });
    one.start("job-2", { key: "k" });

    expect(other.start("job-2", { takeover: true })).toEqual(started(2));
    expect(world.state.notices).toMatchObject([{ ending: { kind: "taken_over" } }]);
    expect(world.state.counts()).toMatchObject({ runs: 2, waiters: 0 });
  });

  test("stands in the order of the sessions it came to, whatever is restored", () => {
    const world = aSecondLevel();
    const [one, other] = two(world);
    for (const key of ["a", "b"]) {
      one.start(`job-${key}`, { key });
      one.start(`wait-${key}`, { key });
    }
    other.start("own", { key: "b" });
    other.start("wait-a", { key: "a", takeover: true });
    const root = world.hash();
    world.state = restored(smallLimits({}), encodeAll(world.state).chunks);

    world.state.checkInvariants();
    expect(world.hash()).toBe(root);
    expect(world.read(reads.list("runs"))).toMatchObject({ items: [{}, {}] });
  });
});
