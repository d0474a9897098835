import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aPartitionOfLevelTwo,
  changed,
  encodeAll,
  ok,
  reads,
  restored,
  startWallMs,
  type World,
  writes,
} from "../../test/world.ts";
import { logTimeMs, partitionId, selector } from "../ids.ts";
import { newPartition } from "../partition/partition.ts";
import { newPause } from "./pause.ts";
import { pauseInForce } from "./pauses.ts";

function listed(world: World): unknown {
  const answer = world.read(reads.list("pauses"));
  return "items" in answer ? answer.items : answer;
}

/** Two entries have gone before; each entry is a millisecond later on the wall. */
const firstWallMs = startWallMs + 3;
const plain = { selector: "mail", by: "ann", reason: "provider down", since: firstWallMs };

describe("a pause until a time", () => {
  test("ends then by itself, by log time, and shows until when", () => {
    const world = aPartitionOfLevelTwo();
    world.wait(7_000);

    expect(world.write(writes.pause("mail", { until: firstWallMs + 5_000 }))).toEqual(
      changed(true),
    );

    expect(listed(world)).toEqual([{ ...plain, until: firstWallMs + 5_000 }]);
    expect(world.state.nextDeadline()).toBe(12_000);
    world.wait(4_999);
    world.tick();
    expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["mail"] });
    world.wait(1);
    world.tick();
    expect(world.read(reads.paused)).toEqual({ status: "paused", queues: [] });
  });

  test("that is over already is refused, and pauses nothing", () => {
    const world = aPartitionOfLevelTwo();

    expect(world.write(writes.pause("mail", { until: firstWallMs }))).toMatchObject({
      code: "invalid_argument",
      path: "args.until",
    });

    expect(listed(world)).toEqual([]);
  });

  test("that is resumed before its end ends for good", () => {
    const world = aPartitionOfLevelTwo();
    world.write(writes.pause("mail", { until: firstWallMs + 5_000 }));

    expect(world.write(writes.resume("mail"))).toEqual(changed(true));

    expect(world.state.nextDeadline()).toBe(undefined);
  });

  test("that ended makes room for another", () => {
    const world = aPartitionOfLevelTwo({ pausesMax: 1 });
    world.write(writes.pause("mail", { until: firstWallMs + 5_000 }));
    expect(world.write(writes.pause("images"))).toMatchObject({ code: "quota_exceeded" });
    world.wait(5_000);

    expect(world.write(writes.pause("images"))).toEqual(changed(true));
  });
});

describe("pausing again", () => {
  test("makes a pause longer, never shorter; who did it first stays on record", () => {
    const world = aPartitionOfLevelTwo();
    const until = firstWallMs + 5_000;
    const answers = [
      writes.pause("mail", { until }),
      writes.pause("mail", { until: until - 1_000 }),
      writes.pause("mail", { until: until + 1_000 }),
    ].map((write) => world.write(write));

    expect(answers).toEqual([changed(true), changed(false), changed(true)]);
    expect(listed(world)).toEqual([{ ...plain, until: until + 1_000 }]);
    expect(world.write(writes.pause("mail"))).toEqual(changed(true));
    expect(world.write(writes.pause("mail", { until }))).toEqual(changed(false));
    expect(listed(world)).toEqual([plain]);
    expect(world.state.nextDeadline()).toBe(undefined);
  });

  test("by Roger's form, which knows no end, leaves it without one", () => {
    const world = aPartitionOfLevelTwo();
    world.write(writes.pause("mail", { until: firstWallMs + 5_000 }));

    expect(world.write(writes.rogerPause("mail"))).toEqual(ok);

    world.wait(5_000);
    world.tick();
    expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["mail"] });
  });

  test("stops what drained; what stops does not drain again", () => {
    const world = aPartitionOfLevelTwo();
    const answers = [
      writes.pause("mail"),
      writes.pause("mail", { mode: "stop" }),
      writes.pause("mail"),
    ].map((write) => world.write(write));

    expect(answers).toEqual([changed(true), changed(true), changed(false)]);
    expect(listed(world)).toEqual([{ ...plain, mode: "stop" }]);
  });
});

test("the end of `*` ends none that was paused by name, and the other way round", () => {
  const world = aPartitionOfLevelTwo();
  world.write(writes.pause("*", { until: firstWallMs + 1_000 }));
  world.write(writes.pause("mail", { until: firstWallMs + 9_000 }));
  world.wait(2_000);
  world.tick();

  expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["mail"] });
  world.write(writes.pause("*"));
  world.wait(8_000);
  world.tick();
  expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["*"] });
});

test("which pause holds a queue: its own or that of all, and of two the one that stops", () => {
  const id = partitionId("acme");
  const partition = newPartition({ id, number: 1, isStarted: true, sinceWallMs: 0 });
  const pause = (name: string, mode: "drain" | "stop") => {
    const parts = { partition, by: "", reason: "", sinceWallMs: 0, end: undefined };
    const made = newPause({ ...parts, selector: selector(name), mode });
    partition.pauses.set(name, made);
    return made;
  };
  const mail = selector("mail");

  expect(pauseInForce(partition, mail)).toBe(undefined);
  const ofAll = pause("*", "drain");
  expect(pauseInForce(partition, mail)).toBe(ofAll);
  const byName = pause("mail", "drain");
  expect(pauseInForce(partition, mail)).toBe(byName);
  expect(pauseInForce(partition, selector("images"))).toBe(ofAll);
  const stopsAll = pause("*", "stop");
  expect(pauseInForce(partition, mail)).toBe(stopsAll);
});

test("a queue is paused exactly while a pause that was asked for it lasts (property)", () => {
  const ends = fc.array(fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(ends, fc.array(fc.nat(20), { maxLength: 10 }), (durations, waits) => {
      const world = aPartitionOfLevelTwo();
      let endsAt = 0;
      for (const [at, seconds] of durations.entries()) {
        const nowMs = startWallMs + 3 + at;
        const how = seconds === undefined ? {} : { until: nowMs + seconds * 1_000 };
        world.write(writes.pause("mail", how));
        endsAt = Math.max(endsAt, seconds === undefined ? Number.POSITIVE_INFINITY : seconds);
      }
      let now = 0;
      for (const seconds of waits) {
        world.wait(seconds * 1_000);
        now += seconds;
        world.tick();
        const queues = now < endsAt ? ["mail"] : [];
        expect(world.read(reads.paused)).toEqual({ status: "paused", queues });
        world.state = restored(undefined, encodeAll(world.state).chunks);
      }
      expect(world.state.logTime).toBe(logTimeMs(now * 1_000));
    }),
    { numRuns: 100 },
  );
});
