import { afterEach, describe, expect, test, vi } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  changed,
  drop,
  keyWrites,
  other,
  start,
  type World,
  writes,
} from "../../test/world.ts";
import { Table } from "../table/table.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** How many rows were looked through since, of all tables. */
function countRows(): () => number {
  let seen = 0;
  const walk = "rows" as const;
  const rows = Table.prototype[walk];
  vi.spyOn(Table.prototype, "rows").mockImplementation(function* (this: Table<never>) {
    for (const row of Reflect.apply(rows, this, [])) {
      seen += 1;
      yield row;
    }
  });
  return () => seen;
}

/** To whom, what, and of which call or token. */
function gist(world: World): readonly unknown[] {
  return world.state.notices.map((notice) => {
    const { kind, session } = notice;
    return [session, kind, "sequence" in notice ? notice.sequence : notice.token];
  });
}

describe("who is told that a partition is dropped", () => {
  test("each session its waits, its keys and its runs, in the order in which they came to it; none that has ended", () => {
    const world = aSecondLevel({ workMax: 2, dueMax: 2 });
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    const ended = new Worker(world, 3);
    two.call(keyWrites.hold("k", "job-1"));
    one.start("job-2");
    two.start("job-3", { key: "of-run" });
    one.call(keyWrites.wait("k", "job-4"));
    one.call(keyWrites.hold("l", "job-5"));
    two.start("job-6", { key: "l" });
    one.call(keyWrites.wait("k", "job-7"));
    two.call(keyWrites.hold("m", "job-8"));
    for (const name of ["a", "b", "c", "d", "e", "f"]) ended.call(keyWrites.hold(name, "job-9"));
    ended.call(writes.close);

    world.write(drop);

    expect(world.state.counts().sessions).toBe(3);
    expect(gist(world)).toEqual([
      [one.session, "waitEnded", 2],
      [one.session, "waitEnded", 4],
      [one.session, "holdEnded", 4],
      [one.session, "runFenced", 2],
      [two.session, "waitEnded", 3],
      [two.session, "holdEnded", 1],
      [two.session, "holdEnded", 5],
      [two.session, "runFenced", 3],
    ]);
  });

  test("is found in the partition alone: no session that has nothing there is looked at", () => {
    const world = aSecondLevel();
    world.checksInvariants = false;
    const one = new Worker(world, 1);
    one.call(keyWrites.hold("k", "job-1"));
    for (let id = 2; id <= 100; id += 1) {
      const idle = new Worker(world, id);
      idle.call({ ...start, partition: other });
      idle.call({ ...keyWrites.hold(`k-${id}`, "job-2"), partition: other });
    }
    const rows = countRows();

    expect(world.write(drop)).toEqual(changed(true));

    expect([rows(), gist(world)]).toEqual([0, [[one.session, "holdEnded", 1]]]);
  });
});
