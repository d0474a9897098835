import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import { aSecondLevel, claims, keyWrites, reads, writes } from "../../test/world.ts";

describe("a mark (SEMANTICS §4.5)", () => {
  test("that meets a run tells its session, and is delivered", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1", { key: "k" });

    expect(world.write(writes.mark(["job-1", "job-2"]))).toEqual({
      status: "marked",
      jobs: [
        { jobId: "job-1", outcome: "marked", running: true },
        { jobId: "job-2", outcome: "marked" },
      ],
    });
    expect(world.state.notices).toEqual([
      {
        kind: "runToStop",
        session: worker.session,
        partition: "acme",
        jobId: "job-1",
        token: 1,
        cause: "cancelled",
        by: "ann",
        reason: "wrong list",
      },
    ]);
    expect(world.read(reads.check("job-1"))).toMatchObject({ mark: { state: "delivered" } });
    expect(world.read(reads.check("job-2"))).toMatchObject({ mark: { state: "pending" } });
    expect(world.state.counts().runs).toBe(1);
  });

  test("that comes again tells again: a push may have been lost", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("job-1");
    world.write(writes.mark(["job-1"]));

    expect(world.write(writes.mark(["job-1"]))).toMatchObject({
      jobs: [{ outcome: "already_marked", running: true }],
    });
    expect(world.state.notices).toHaveLength(1);
  });

  test("that meets a waiting job takes it out of the line at once, with its queue key", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    world.write(claims.claim("q", "job-2"));
    one.start("job-1", { key: "k" });
    two.start("job-2", { key: "k", queueKey: "q" });
    two.start("job-3", { key: "k" });

    expect(world.write(writes.mark(["job-2"]))).toMatchObject({ jobs: [{ waiting: true }] });
    const { session } = two;
    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session, sequence: 1, ticket: 2, ending: { kind: "cancelled" } },
    ]);
    expect(world.state.counts()).toMatchObject({ waiters: 1, queueKeys: 0, cancelMarks: 1 });
    expect(world.read(reads.check("job-2"))).toMatchObject({ mark: { state: "delivered" } });
    expect(two.start("job-2", { key: "k" })).toEqual({ status: "cancelled" });
  });

  test("made by a claim that replaces and cancels meets the replaced job, whose key is the new owner's", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(claims.claim("q", "job-2"));
    worker.start("job-1", { key: "k" });
    worker.start("job-2", { key: "k", queueKey: "q" });
    world.write(claims.claim("q", "job-9", { onConflict: "replaceAndCancel" }));

    expect(world.state.notices).toMatchObject([{ ticket: 2, ending: { kind: "cancelled" } }]);
    expect(world.read(reads.list("queueKeys"))).toMatchObject({ items: [{ owner: "job-9" }] });
  });

  test("takes a job that waits to start out, whatever else the entry has done", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const worker = new Worker(world, 1);
    worker.start("job-0", { key: "k" });
    const jobs = Array.from({ length: 6 }, (_, at) => `job-${at + 1}`);
    for (const job of jobs) worker.start(job, { key: "k" });
    world.write(writes.mark(jobs));

    expect(world.state.notices.map((notice) => "ticket" in notice && notice.ticket)).toEqual([
      2, 3, 4, 5, 6, 7,
    ]);
    expect(world.state.counts().waiters).toBe(0);
  });

  test("takes so many other waits of its job out as an entry may; the grant finds the rest", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    for (const key of ["a", "b", "c"]) {
      one.start(`job-${key}`, { key });
      two.call(keyWrites.wait(key, "job-9"));
    }
    two.start("job-9", { key: "a" });
    world.write(writes.mark(["job-9"]));

    expect(world.state.notices.map((notice) => "ticket" in notice && notice.ticket)).toEqual([
      7, 2,
    ]);
    one.finish("job-b");
    expect(world.state.notices).toMatchObject([{ ticket: 4, ending: { kind: "cancelled" } }]);
  });
});
