import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  acme,
  aSecondLevel,
  cancels,
  changed,
  claims,
  drop,
  encodeAll,
  inSession,
  keyWrites,
  member,
  other,
  reads,
  restored,
  rule,
  smallLimits,
  start,
  stop,
  update,
  World,
  writes,
} from "../../test/world.ts";
import type { PartitionWrite, Read } from "../command.ts";
import { partitionId, sessionId } from "../ids.ts";
import type { Synced } from "../result.ts";

const notStarted = { code: "not_started", partition: "acme" };
const overloaded = { code: "overloaded" };
const partitions: Read = {
  name: "partition.list",
  args: { prefix: "", limit: 100, cursor: undefined },
};
const elsewhere = (write: PartitionWrite): PartitionWrite => ({ ...write, partition: other });

/** Something of each kind, in `acme` and, less of it, in `other`. */
function fill(world: World): { readonly one: Worker; readonly two: Worker } {
  const [one, two] = [new Worker(world, 1, { keyDelayMs: 5_000 }), new Worker(world, 2)];
  world.write(elsewhere(start));
  two.call(elsewhere(keyWrites.hold("k", "job-other")));
  two.call(elsewhere(writes.addQueued("k")));
  world.write(keyWrites.setRules([rule("wide", 2)]));
  one.start("job-1", { key: "k", queueKey: "q" });
  one.start("job-2");
  two.start("job-3", { key: "k" });
  two.call(keyWrites.wait("k", "job-4"));
  one.call(keyWrites.hold("wide", "job-5"));
  two.call(keyWrites.hold("wide", "job-6"));
  world.write(writes.addExecuting("roger"));
  world.write(claims.claim("c", "job-1", { ttlMs: 60_000 }));
  world.write(writes.addQueued("roger"));
  world.write(writes.mark(["job-9"]));
  world.write(cancels.addRule({ tag: "t" }));
  world.write(writes.pause("images", { mode: "stop", until: 1_900_000_000_000 }));
  one.start("job-7");
  one.finish("job-7", "dead", { rememberMs: 60_000 });
  return { one, two };
}

function ofAcme(world: World): Record<string, number> {
  const {
    sessions: _s,
    answerPages: _a,
    requests: _r,
    waitEndings: _w,
    ...rows
  } = world.state.counts();
  return rows;
}

const othersAlone = {
  ...{ partitions: 1, cancelMarks: 0, queueKeys: 1, executionKeys: 1, pauses: 0, cancelRules: 0 },
  ...{ limitRules: 0, waiters: 0, runs: 0, finishedJobs: 0 },
};

describe("partition.drop", () => {
  test("takes all that is in it along, in one entry, and nothing of others", () => {
    const world = aSecondLevel();
    fill(world);

    expect(world.write(drop)).toEqual(changed(true));

    expect(ofAcme(world)).toEqual(othersAlone);
    expect(world.state.nextDeadline()).toBeUndefined();
    expect(world.read({ ...reads.isQueued("k"), partition: other })).toEqual(member(true));
  });

  test("tells everybody who waited, held or ran there, once, by sessions; nobody is granted anything", () => {
    const world = aSecondLevel();
    const { one, two } = fill(world);

    world.write(drop);

    const of = { partition: "acme", cause: "dropped" };
    const ending = { kind: "dropped" };
    expect(world.state.notices).toEqual([
      { kind: "holdEnded", session: one.session, ...of, key: "wide", token: 4 },
      { kind: "runFenced", session: one.session, ...of, jobId: "job-1", token: 2 },
      { kind: "runFenced", session: one.session, ...of, jobId: "job-2", token: 3 },
      { kind: "waitEnded", session: two.session, sequence: 3, ticket: 3, ending },
      { kind: "waitEnded", session: two.session, sequence: 4, ticket: 4, ending },
      { kind: "holdEnded", session: two.session, ...of, key: "wide", token: 5 },
    ]);
  });

  test("is told to whoever watches: the partition first, then what was in it, under its name", () => {
    const world = aSecondLevel();
    fill(world);

    world.write(drop);

    const events = world.state.events ?? [];
    expect(events[0]).toMatchObject({
      type: "partition.dropped",
      partition: null,
      name: "acme",
      item: null,
      was: { partition: "acme", started: true },
      cause: "partition.drop",
    });
    expect(new Set(events.slice(1).map(({ partition }) => partition))).toEqual(new Set(["acme"]));
    const counts: Record<string, number> = {};
    for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual({
      ...{ "partition.dropped": 1, "executionKey.waitEnded": 2, "job.fenced": 2 },
      ...{ "executionKey.freed": 3, "queueKey.freed": 2, "cancel.cleared": 1 },
      ...{ "cancel.ruleRemoved": 1, "queue.resumed": 1, "job.forgotten": 1 },
      "executionKey.rulesChanged": 1,
    });
  });

  test("of what is not there, or was dropped before, is no change", () => {
    const world = aSecondLevel();

    const told = [drop, drop, elsewhere(drop)].map((write) => world.write(write));

    expect(told).toEqual([changed(true), changed(false), changed(false)]);
    expect(world.read(partitions)).toEqual({ status: "list", items: [], next: null });
  });

  test("takes one that is stopped, too", () => {
    const world = aSecondLevel();
    world.write(writes.addQueued("k"));
    world.write(stop);

    expect(world.write(drop)).toEqual(changed(true));
    expect(world.state.counts()).toMatchObject({ partitions: 0, queueKeys: 0 });
  });

  test("tokens go on where they were; a new one of the name begins with nothing (I3)", () => {
    const world = aSecondLevel();
    const { one } = fill(world);
    world.write(update({ limits: { runs: 50 } }));

    world.write(drop);
    expect(world.write(start)).toEqual(changed(true));

    expect(world.read(partitions)).toMatchObject({ items: [{ started: true }, {}] });
    expect(one.start("job-1", { key: "k" })).toEqual({ status: "started", token: 8 });
    expect(world.read(reads.isQueued("roger"))).toEqual(member(false));
    expect(one.finish("job-2")).toEqual({ status: "not_running" });
  });

  test("a key that was delayed for its last holder is free in the new one", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1, { keyDelayMs: 60_000 }), new Worker(world, 2)];
    one.call(keyWrites.hold("k", "job-1"));
    world.write(writes.expire(one.session, 1));

    world.write(drop);
    world.write(start);

    expect(two.call(keyWrites.hold("k", "job-2"))).toMatchObject({ status: "held" });
  });
});

/** So little work in an entry that emptying takes many. */
const little = { workMax: 3, dueMax: 3 };

function dropSlowly(): { world: World; one: Worker; two: Worker } {
  const world = aSecondLevel(little);
  const workers = fill(world);
  world.write(drop);
  return { world, ...workers };
}

function synced(world: World, session: number): Synced {
  const answer = world.read({
    name: "session.sync",
    args: { session: sessionId(session), from: undefined },
  });
  if (!("status" in answer) || answer.status !== "synced") throw new Error("synced");
  return answer;
}

describe("a partition that is too large for one entry", () => {
  test("answers `not_started` from the first on, is listed no more, and is emptied bit by bit", () => {
    const { world, two } = dropSlowly();

    expect(world.write(writes.addQueued("k"))).toEqual(notStarted);
    expect(two.start("job-8")).toEqual(notStarted);
    expect(world.read(reads.list("runs"))).toEqual(notStarted);
    expect(world.read(partitions)).toMatchObject({ items: [{ partition: "other" }] });
    expect(world.write(drop)).toEqual(changed(false));
    expect(world.write(stop)).toEqual(changed(false));

    let rows = 99;
    for (let ticks = 0; world.state.nextDeadline() === 0; ticks++) {
      const left = Object.values(ofAcme(world)).reduce((sum, count) => sum + count, 0);
      expect(left).toBeLessThanOrEqual(rows);
      expect(rows - left).toBeLessThanOrEqual(rows === 99 ? 99 : 6);
      expect(ticks).toBeLessThan(50);
      rows = left;
      world.tick();
      expect(world.state.notices).toEqual([]);
    }
    expect(ofAcme(world)).toEqual(othersAlone);
  });

  test("tells all of them in the first entry", () => {
    const { world } = dropSlowly();

    expect(world.state.notices).toHaveLength(6);
  });

  test("a sync shows nothing of it, but how its waits ended, before and after they are gone", () => {
    const { world, one, two } = dropSlowly();

    const ending = { kind: "dropped" };
    const endings = [
      { seq: 3, ticket: 3, ending },
      { seq: 4, ticket: 4, ending },
    ];
    const shown = { endings, waits: [], holds: [{ partition: "other", key: "k" }], runs: [] };
    while (world.state.nextDeadline() === 0) {
      expect(synced(world, one.session)).toMatchObject({ holds: [], runs: [] });
      expect(synced(world, two.session)).toMatchObject(shown);
      world.tick();
    }
    expect(synced(world, two.session)).toMatchObject(shown);
  });

  test("a wait whose number the floor has passed is told by no sync", () => {
    const world = aSecondLevel(little);
    const { two } = fill(world);
    world.write(elsewhere(writes.addQueued("x")), inSession(two.session, 9, 4));
    world.write(drop);

    expect(synced(world, two.session).endings).toMatchObject([{ seq: 4 }]);
    while (world.state.nextDeadline() === 0) world.tick();
    expect(synced(world, two.session).endings).toMatchObject([{ seq: 4 }]);
  });

  test("its name can't be started yet; the same call again starts it once it is empty", () => {
    const { world, two } = dropSlowly();
    two.sequence += 1;
    const again = inSession(two.session, two.sequence);
    const request = { kind: "request", requestId: "r-1" } as const;

    expect(world.write(start, again)).toEqual(overloaded);
    expect(world.write(start, request)).toEqual(overloaded);
    expect(world.write({ ...start, args: { ifAbsent: true } } as PartitionWrite)).toEqual(
      overloaded,
    );
    while (world.state.nextDeadline() === 0) world.tick();

    expect(world.write(start, again)).toEqual(changed(true));
    expect(world.write(start, again)).toEqual(changed(true));
    expect(world.write(start, request)).toEqual(changed(false));
    expect(world.state.counts()).toMatchObject({ partitions: 2, queueKeys: 1 });
  });

  test("a start that was answered before the drop is answered the same, also meanwhile (I7)", () => {
    const world = aSecondLevel(little);
    const { two } = fill(world);
    const answered = two.call(start);

    world.write(drop);

    expect(world.write(start, inSession(two.session, two.sequence))).toEqual(answered);
  });

  test("nothing of it is granted, nor falls due, whoever ends meanwhile", () => {
    const { world, one, two } = dropSlowly();
    world.wait(7_200_000);

    world.write(writes.expire(one.session, 1));
    expect(world.state.notices).toEqual([]);
    world.write(writes.close, inSession(two.session, 50));
    while (world.state.nextDeadline() === 0) {
      world.tick();
      expect(world.state.notices).toEqual([]);
    }

    expect(ofAcme(world)).toEqual({ ...othersAlone, executionKeys: 0 });
    expect(world.state.counts().sessions).toBe(0);
  });

  test("a key that its holder's session frees meanwhile goes to nobody, though many wait for it", () => {
    const world = aSecondLevel(little);
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.call(keyWrites.hold("k", "job-1"));
    for (let at = 0; at < 12; at++) two.start(`job-${at + 2}`, { key: "k" });
    world.write(drop);

    world.write(writes.close, inSession(one.session, 50));

    expect(world.state.notices).toEqual([]);
    expect(world.state.counts()).toMatchObject({ runs: 0, executionKeys: 1 });
    while (world.state.nextDeadline() === 0) {
      world.tick();
      expect(world.state.notices).toEqual([]);
    }
    expect(synced(world, two.session)).toMatchObject({ waits: [], holds: [], runs: [] });
    expect(synced(world, two.session).endings).toHaveLength(12);
  });

  test("what others call in the entries that empty it is done in them", () => {
    const world = aSecondLevel({ workMax: 20, dueMax: 20 });
    const { two } = fill(world);
    for (let at = 0; at < 60; at++) world.write(writes.addQueued(`many-${at}`));
    const third = new Worker(world, 3);
    third.call(elsewhere(keyWrites.wait("k", "job-third")));
    world.write(drop);
    expect(world.state.nextDeadline()).toBe(0);

    world.write(writes.expire(two.session, 1));

    expect(world.state.nextDeadline()).toBe(0);
    expect(world.state.notices).toMatchObject([
      { session: third.session, ending: { kind: "granted" } },
    ]);
  });

  test("goes on at the same place after a restore, wherever that is (I8, I12)", () => {
    const { world } = dropSlowly();
    const { world: restarted } = dropSlowly();

    while (world.state.nextDeadline() === 0) {
      restarted.state = restored(smallLimits(little), encodeAll(restarted.state).chunks);
      restarted.state.checkInvariants();
      expect(restarted.hash()).toBe(world.hash());
      expect(restarted.state.nextDeadline()).toBe(0);
      world.tick();
      restarted.tick();
    }
    expect(restarted.hash()).toBe(world.hash());
  });

  test("goes on in the middle of a table after a restore, at the same cost (I8, I12)", () => {
    const limits = { workMax: 12, dueMax: 12 };
    const [world, restarted] = [aSecondLevel(limits), aSecondLevel(limits)];
    for (const each of [world, restarted]) {
      for (let at = 0; at < 150; at++) each.write(writes.addQueued(`key-${at}`));
      each.write(elsewhere(start));
      for (let at = 0; at < 150; at++) each.write(elsewhere(writes.addQueued(`key-${at}`)));
      each.write(drop);
    }

    while (world.state.nextDeadline() === 0) {
      restarted.state = restored(smallLimits(limits), encodeAll(restarted.state).chunks);
      world.tick();
      restarted.tick();
      expect(restarted.hash()).toBe(world.hash());
    }
    expect(world.state.counts().queueKeys).toBe(150);
  });

  test("is not brought along by a backup, nor anything in it", () => {
    const { world } = dropSlowly();
    const plan = world.state.importPlan(encodeAll(world.state).root);
    const fresh = aFreshOne();

    const told = [plan.begin, ...plan.steps, plan.end].map((write) => fresh.write(write));

    expect(told.at(-1)).toEqual({ status: "imported" });
    expect(fresh.state.counts()).toMatchObject({ partitions: 1, queueKeys: 1, cancelMarks: 0 });
    expect(fresh.write({ ...start, partition: acme })).toEqual(changed(true));
  });

  test("two of them are emptied one after the other", () => {
    const { world } = dropSlowly();
    world.write(elsewhere(drop));

    for (let ticks = 0; world.state.nextDeadline() === 0; ticks++) {
      expect(ticks).toBeLessThan(60);
      world.tick();
    }

    expect(world.state.counts()).toMatchObject({ partitions: 0, queueKeys: 0, executionKeys: 0 });
  });
});

function aFreshOne(): World {
  const world = new World();
  world.write({ name: "admin.raiseFeatureLevel", args: { level: 2 } });
  return world;
}

test("a large one is emptied whole, though its table loses bucket after bucket meanwhile", () => {
  const world = aSecondLevel();
  world.checksInvariants = false;
  for (let at = 0; at < 3_000; at++) {
    world.write(writes.addQueued(`key-${at}`));
    if (at % 50 === 0) world.write({ ...start, partition: partitionId(`other-${at}`) });
    if (at % 50 === 0) {
      world.write({ ...writes.addQueued("k"), partition: partitionId(`other-${at}`) });
    }
  }

  world.write(drop);
  let ticks = 0;
  for (; world.state.nextDeadline() === 0; ticks++) {
    world.state.checkInvariants();
    world.tick();
  }

  expect(ticks).toBe(4);
  world.state.checkInvariants();
  expect(world.state.counts()).toMatchObject({ partitions: 60, queueKeys: 60 });
});

test("a small one among many others takes some entries, and looks at a part of the table in each", () => {
  const world = aSecondLevel({ workMax: 10, dueMax: 10 });
  world.checksInvariants = false;
  world.write({ ...start, partition: partitionId("full") });
  for (let at = 0; at < 2_000; at++) {
    world.write({ ...writes.addQueued(`key-${at}`), partition: partitionId("full") });
  }
  world.write(writes.addQueued("one"));

  world.write(drop);
  let ticks = 0;
  for (; world.state.nextDeadline() === 0; ticks++) {
    world.tick();
    expect(ticks).toBeLessThan(40);
  }

  world.state.checkInvariants();
  expect(world.state.counts()).toMatchObject({ partitions: 1, queueKeys: 2_000 });
});
