import { describe, expect, test } from "vitest";
import { aStartedPartition, changed, ok, reads, startWallMs, writes } from "../../test/world.ts";

describe("pausing queues", () => {
  test("answers whether it changed anything (V17)", () => {
    const world = aStartedPartition();
    const answers = [
      writes.pause("a"),
      writes.pause("a"),
      writes.resume("a"),
      writes.resume("a"),
    ].map((write) => world.write(write));

    expect(answers).toEqual([changed(true), changed(false), changed(true), changed(false)]);
  });

  test("by Roger's forms is `ok`, whatever there was; the set is in order (forms 10 to 12)", () => {
    const world = aStartedPartition();
    const answers = [
      writes.rogerResume("never"),
      writes.rogerPause("b"),
      writes.rogerPause("b"),
      writes.rogerPause("a"),
      writes.rogerPause("ä"),
      writes.rogerPause("B"),
    ].map((write) => world.write(write));

    expect(answers).toEqual([ok, ok, ok, ok, ok, ok]);
    expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["B", "a", "b", "ä"] });
    world.write(writes.rogerResume("b"));
    expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["B", "a", "ä"] });
  });

  test("keeps who did it first, and why", () => {
    const world = aStartedPartition();
    world.write(writes.pause("mail"));
    world.write(writes.rogerPause("mail"));

    expect(world.read(reads.list("pauses"))).toEqual({
      status: "list",
      items: [{ selector: "mail", by: "ann", reason: "provider down", since: startWallMs + 2 }],
      next: null,
    });
  });

  test("resuming all resumes none that was paused by name", () => {
    const world = aStartedPartition();
    world.write(writes.pause("*"));
    world.write(writes.pause("mail"));
    world.write(writes.resume("*"));

    expect(world.read(reads.paused)).toEqual({ status: "paused", queues: ["mail"] });
  });
});
