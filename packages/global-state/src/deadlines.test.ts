import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Deadline, Deadlines } from "./deadlines.ts";
import { logTimeMs } from "./ids.ts";

function deadline(key: string, expiresAt: number): Deadline {
  const kind = key.length % 2 === 0 ? "even" : "odd";
  return { hash: 0, scope: key.length, key, kind, expiresAt: logTimeMs(expiresAt), place: -1 };
}

/** All of them in the order in which they are due. */
function drain(deadlines: Deadlines<Deadline>): readonly string[] {
  const keys: string[] = [];
  for (let row = deadlines.first(); row !== undefined; row = deadlines.first()) {
    keys.push(String(row.key));
    deadlines.remove(row);
  }
  return keys;
}

describe("deadlines", () => {
  test("the earliest is first; what is due at the same time is in order of kind and name", () => {
    const rows = [deadline("bb", 7), deadline("c", 7), deadline("aa", 7), deadline("d", 3)];

    for (const order of [rows, rows.toReversed()]) {
      const deadlines = new Deadlines<Deadline>();
      for (const row of order) deadlines.add(row);
      expect(drain(deadlines)).toEqual(["d", "aa", "bb", "c"]);
    }
  });

  test("any sequence of adding, moving and removing leaves what a sorted list would have", () => {
    const step = fc.record({
      act: fc.constantFrom("add", "move", "remove"),
      which: fc.nat(40),
      at: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const deadlines = new Deadlines<Deadline>();
        const model = new Map<number, Deadline>();
        for (const { act, which, at } of steps) {
          const row = model.get(which);
          if (row === undefined) {
            const added = deadline(`k${which}`, at);
            model.set(which, added);
            deadlines.add(added);
          } else if (act === "remove") {
            deadlines.remove(row);
            model.delete(which);
          } else {
            deadlines.move(row, logTimeMs(at));
          }
          deadlines.check();
        }
        const due = [...model.values()].map((row) => row.expiresAt).sort((a, b) => a - b);
        expect(deadlines.count).toBe(model.size);
        const drained = drain(deadlines);
        const times = drained.map((key) => model.get(Number(key.slice(1)))?.expiresAt);
        expect(times).toEqual(due);
      }),
    );
  });

  test("a row waits once, and only one that waits can be moved or removed", () => {
    const deadlines = new Deadlines<Deadline>();
    const row = deadline("a", 1);
    deadlines.add(row);

    expect(() => deadlines.add(row)).toThrow("one time only");
    expect(() => deadlines.remove(deadline("a", 1))).toThrow("was there");
  });
});
