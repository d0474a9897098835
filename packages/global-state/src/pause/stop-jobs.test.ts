import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  claims,
  encodeAll,
  restored,
  smallLimits,
  type World,
  writes,
} from "../../test/world.ts";

const stop = { mode: "stop" } as const;

/** Tickets of waits that ended, and jobs that were told to stop. */
function told(world: World): readonly unknown[] {
  return world.state.notices.map((notice) => {
    if (notice.kind === "waitEnded") return `${notice.ticket} ${notice.ending.kind}`;
    return notice.kind === "runToStop" ? notice.jobId : notice.kind;
  });
}

describe("a pause that stops (SEMANTICS §4.6)", () => {
  test("takes the waiting jobs of its queue out of the line, and tells the runs", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    world.write(claims.claim("q", "job-3"));
    one.start("job-1", { key: "k" });
    one.start("job-2", { queue: "images" });
    two.start("job-3", { key: "k", queueKey: "q" });
    two.start("job-4", { key: "k", queue: "images" });
    world.write(writes.pause("mail", stop));

    expect(world.state.notices).toEqual([
      {
        kind: "waitEnded",
        session: two.session,
        sequence: 1,
        ticket: 3,
        ending: { kind: "paused" },
      },
      {
        kind: "runToStop",
        session: one.session,
        partition: "acme",
        jobId: "job-1",
        token: 1,
        cause: "paused",
        by: "ann",
        reason: "provider down",
      },
    ]);
    expect(world.state.counts()).toMatchObject({ runs: 2, waiters: 1, queueKeys: 1 });
    expect(world.state.nextDeadline()).toBeUndefined();
  });

  test("of all queues stops all", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });
    worker.start("job-2", { queue: "images", key: "k" });
    world.write(writes.pause("*", stop));

    expect(told(world)).toEqual(["2 paused", "job-1"]);
  });

  test("begins when one that drained stops; one that drains lets all go on", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });
    worker.start("job-2", { key: "k" });
    world.write(writes.pause("mail"));
    expect(told(world)).toEqual([]);
    world.write(writes.pause("mail", stop));
    expect(told(world)).toEqual(["2 paused", "job-1"]);
    world.write(writes.pause("mail", { until: 2_000_000_000_000, ...stop }));

    expect(told(world)).toEqual([]);
  });

  test("reaches in further entries what is too much for one, waits first, each once", () => {
    const world = aSecondLevel({ workMax: 3, dueMax: 3 });
    const worker = new Worker(world, 1);
    for (let at = 0; at < 4; at++) worker.start(`run-${at}`, { key: `k-${at}` });
    for (let at = 0; at < 4; at++) worker.start(`wait-${at}`, { key: `k-${at}` });
    world.write(writes.pause("mail", stop));
    const all = [...told(world)];
    for (let ticks = 0; world.state.nextDeadline() === 0; ticks++) {
      expect(ticks).toBeLessThan(10);
      world.state = restored(smallLimits({ workMax: 3, dueMax: 3 }), encodeAll(world.state).chunks);
      world.tick();
      expect(told(world).length).toBeLessThanOrEqual(3);
      all.push(...told(world));
    }

    expect(all).toEqual([
      ...["5 paused", "6 paused", "7 paused", "8 paused"],
      ...["run-0", "run-1", "run-2", "run-3"],
    ]);
    expect(world.state.nextDeadline()).toBeUndefined();
  });

  test("that is resumed tells nobody any more", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const worker = new Worker(world, 1);
    for (let at = 0; at < 4; at++) worker.start(`run-${at}`);
    world.write(writes.pause("mail", stop));
    world.write(writes.resume("mail"));

    expect(world.state.nextDeadline()).toBeUndefined();
  });

  test("tells also who starts while it goes on: no job in line starts unseen", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const worker = new Worker(world, 1);
    worker.start("run", { key: "k", queue: "images" });
    for (let at = 0; at < 4; at++) worker.start(`wait-${at}`, { key: "k" });
    world.write(writes.pause("mail", stop));
    const all = [...told(world)];
    worker.finish("run");
    all.push(...told(world));
    while (world.state.nextDeadline() === 0) {
      world.tick();
      all.push(...told(world));
    }

    expect(all).toContain("5 started");
    expect(all).toContain("wait-3");
  });
});
