import { describe, expect, test } from "vitest";
import { finishOf, jobWrites, startOf, Worker } from "../../test/jobs.ts";
import {
  acme,
  aPartitionOfLevelTwo,
  claims,
  inSession,
  keyWrites,
  raiseLevel,
  rule,
  start,
  startWallMs,
  stop,
  World,
  writes,
} from "../../test/world.ts";
import type { StateEvent } from "./event.ts";

/** Types and names, in order. */
function told({ state }: World): readonly string[] {
  return (state.events ?? []).map(({ type, name }) => `${type} ${name}`);
}

describe("what an entry changes is told", () => {
  test("with what it is now, who did it by which command, and when", () => {
    const world = aPartitionOfLevelTwo();
    const session = world.open(1);
    world.wait(7);

    world.write(claims.claim("order/1", "job-1", { ttlMs: 60_000 }), inSession(session, 1));

    const event: StateEvent = {
      revision: 4,
      n: 0,
      type: "queueKey.taken",
      partition: acme,
      name: "order/1",
      item: {
        key: "order/1",
        owner: "job-1",
        since: startWallMs + 4,
        expiresAt: startWallMs + 4 + 60_000,
        provisional: false,
      },
      was: null,
      cause: "queueKey.claim",
      by: { session },
      at: startWallMs + 4,
      logTimeMs: 7,
    };
    expect(world.state.events).toEqual([event]);
  });

  test("once for each call, numbered through the entry", () => {
    const world = new World();
    const origin = { kind: "request", requestId: "r-1" } as const;

    world.apply([
      { origin: { kind: "none" }, write: start },
      { origin, write: writes.addQueued("a") },
      { origin: { kind: "none" }, write: writes.removeQueued("a") },
    ]);

    expect(world.state.events).toMatchObject([
      { n: 0, type: "partition.started", partition: null, name: acme, by: null },
      { n: 1, type: "queueKey.taken", by: { requestId: "r-1" }, was: null },
      { n: 2, type: "queueKey.freed", item: null, was: { key: "a" } },
    ]);
  });

  test("what is due was done by time", () => {
    const world = aPartitionOfLevelTwo();
    world.write(writes.mark(["job-1"], 1_000));
    world.wait(2_000);

    world.tick();

    expect(world.state.events).toMatchObject([
      { type: "cancel.cleared", name: "job-1", cause: "time", by: null, was: { jobId: "job-1" } },
    ]);
  });

  test("a call that changes nothing, is refused or is repeated tells nothing", () => {
    const world = aPartitionOfLevelTwo();
    const session = world.open(1);
    world.write(writes.addQueued("a"), inSession(session, 1));

    for (const write of [writes.addQueued("a"), start, raiseLevel, writes.removeQueued("b")]) {
      world.write(write);
      expect(told(world)).toEqual([]);
    }
    world.write(writes.addQueued("a"), inSession(session, 1));
    expect(told(world)).toEqual([]);
  });

  test("a partition that stops and starts, a queue that is paused longer and resumed", () => {
    const world = aPartitionOfLevelTwo();
    const seen: string[] = [];
    const calls = [stop, start, writes.pause("mail"), writes.pause("mail", { mode: "stop" })];
    for (const write of [...calls, writes.resume("mail")]) {
      world.write(write);
      seen.push(...told(world));
    }

    expect(seen).toEqual([
      "partition.stopped acme",
      "partition.started acme",
      "queue.paused mail",
      "queue.changed mail",
      "queue.resumed mail",
    ]);
  });

  test("a key that goes from one holder to the next, and the wait that ends by it", () => {
    const world = aPartitionOfLevelTwo();
    const session = world.open(1);
    world.write(keyWrites.setRules([rule("user/", 1)]));
    const seen = [...told(world)];
    world.write(keyWrites.hold("user/1", "job-1"), inSession(session, 1));
    world.write(keyWrites.wait("user/1", "job-2"), inSession(session, 2));
    seen.push(...told(world));

    world.write(keyWrites.release("user/1", "job-1", 1), inSession(session, 3));

    expect(seen).toEqual(["executionKey.rulesChanged *", "executionKey.waiting user/1"]);
    expect(world.state.events).toMatchObject([
      {
        type: "executionKey.changed",
        name: "user/1",
        item: { holders: [{ owner: "job-2", token: 2 }] },
      },
      { type: "executionKey.waitEnded", name: "user/1", item: null, was: { owner: "job-2" } },
    ]);
  });

  test("a run that is taken over is fenced before the other starts; one that is withdrawn is finished", () => {
    const world = aPartitionOfLevelTwo();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });

    two.start("job-1", { key: "k", takeover: true });
    expect(told(world)).toEqual([
      "executionKey.changed k",
      "job.fenced job-1",
      "job.started job-1",
    ]);
    two.call(keyWrites.withdraw("k", "job-1"));
    expect(told(world)).toEqual(["executionKey.freed k", "job.finished job-1"]);
  });

  test("a run that is finished, and one that another session takes over with what it starts", () => {
    const world = aPartitionOfLevelTwo();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1");
    two.start("job-2");
    two.finish("job-2", "completed");
    const finished = told(world);
    two.start("job-2");

    const next = startOf("job-1", { takeover: true });
    two.call(jobWrites.finishAndStart(finishOf("job-2"), next));

    expect(finished).toEqual(["job.finished job-2"]);
    expect(told(world)).toEqual(["job.finished job-2", "job.fenced job-1", "job.started job-1"]);
  });

  test("a session that ends, with all that it held", () => {
    const world = aPartitionOfLevelTwo();
    const session = world.open(1);
    world.write(keyWrites.hold("user/1", "job-1"), inSession(session, 1));

    world.write(writes.expire(session, world.term));

    expect(told(world)).toEqual([`session.ended ${session}`, "executionKey.freed user/1"]);
  });
});

test("an event of a key that many hold names the first of them, and says how many they are", () => {
  const world = aPartitionOfLevelTwo();
  const worker = new Worker(world, 1);
  world.write(keyWrites.setRules([rule("k", 40)]));
  for (let at = 1; at <= 20; at++) worker.call(keyWrites.hold("k", `job-${at}`));

  const item = world.state.events?.[0]?.item;

  expect(item).toMatchObject({ held: 20, came: [{ owner: "job-20", token: 20 }], went: [] });
  const shown = item !== null && item !== undefined && "holders" in item ? item.holders : [];
  expect(shown.map(({ token }) => token)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
});
