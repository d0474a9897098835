import { describe, expect, test } from "vitest";
import { aStartedPartition, member, reads, type World, writes } from "../test/world.ts";

function isMarked(world: World, job: string): boolean {
  const answer = world.read(reads.check(job));
  return "status" in answer && answer.status === "checked" && answer.mark !== null;
}

describe("log time (SEMANTICS §5)", () => {
  test("never goes back, whatever a later leader's entry says (I10)", () => {
    const world = aStartedPartition();
    world.write(writes.mark(["1"], 1_000));
    world.wait(600);
    world.tick();
    world.wait(-500);
    world.tick();
    expect(world.state.logTime).toBe(600);
    world.wait(899);
    world.tick();
    expect(world.read(reads.isCancelled("1"))).toEqual(member(true));
    world.wait(1);
    world.tick();

    expect(world.state.logTime).toBe(1_000);
    expect(world.read(reads.isCancelled("1"))).toEqual(member(false));
  });

  test("takes out so many per entry, earliest first; what is left is still in force", () => {
    const world = aStartedPartition({ dueMax: 2 });
    world.write(writes.mark(["late"], 3_000));
    world.write(writes.mark(["middle"], 2_000));
    world.write(writes.mark(["b", "a", "c"], 1_000));
    world.wait(10_000);

    const there = (): readonly string[] =>
      ["a", "b", "c", "middle", "late"].filter((job) => isMarked(world, job));
    world.tick();
    expect(there()).toEqual(["c", "middle", "late"]);
    expect(world.write(writes.consume("late"))).toEqual(member(true));
    expect(there()).toEqual([]);
  });

  test("an entry takes out at most a thousand", () => {
    const world = aStartedPartition();
    world.checksInvariants = false;
    const ids = Array.from({ length: 1_500 }, (_, at) => `job-${at}`);
    world.write(writes.mark(ids, 1_000));
    world.wait(1_000);

    const left = (): number => ids.filter((id) => isMarked(world, id)).length;
    world.tick();
    expect(left()).toBe(500);
    expect(world.state.nextDeadline()).toBe(1_000);
    world.tick();
    expect(left()).toBe(0);
    expect(world.state.nextDeadline()).toBeUndefined();
  });
});

test("entries are applied in order, each once, and terms never go back", () => {
  const world = aStartedPartition();
  world.term = 3;
  world.tick();
  const entry = { term: 3, logTime: world.state.logTime, wallMs: 0, submissions: [] };

  expect(() => world.state.apply({ ...entry, revision: world.state.revision })).toThrow("in order");
  world.term = 2;
  expect(() => world.tick()).toThrow("term never decreases");
});
