import type { StateEvent } from "@rogerd/global-state";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EventPlace, EventRing, isAfter } from "./event-ring.ts";

function anEvent(revision: number, n: number): StateEvent {
  return {
    revision,
    n,
    type: "queueKey.taken",
    partition: "acme",
    name: `${revision}.${n}`,
    item: null,
    was: null,
    cause: "roger.isQueued",
    by: null,
    at: 0,
    logTimeMs: 0,
  };
}

function namesFrom(ring: EventRing, number: number | undefined): readonly string[] | undefined {
  if (number === undefined) return undefined;
  const names: string[] = [];
  for (let at = number; at < ring.end; at += 1) names.push(ring.at(at)?.name ?? "missing");
  return names;
}

/** More than there is here. */
const bytesMax = 1024 * 1024;

describe("the ring of events", () => {
  test("knows what came after a place, within a revision too", () => {
    const ring = new EventRing({ eventsMax: 10, bytesMax, completeAfter: 4 });
    ring.add([anEvent(5, 0), anEvent(5, 1)]);
    ring.add([anEvent(9, 0)]);
    const after = (place: EventPlace) => namesFrom(ring, ring.numberAfter(place));

    expect(after({ revision: 4, n: Number.MAX_SAFE_INTEGER })).toEqual(["5.0", "5.1", "9.0"]);
    expect(after({ revision: 5, n: 0 })).toEqual(["5.1", "9.0"]);
    expect(after({ revision: 7, n: 0 })).toEqual(["9.0"]);
    expect(after({ revision: 20, n: 0 })).toEqual([]);
    expect(after({ revision: 3, n: Number.MAX_SAFE_INTEGER })).toBeUndefined();
  });

  test("after a snapshot nothing before it is known, and numbers go on", () => {
    const ring = new EventRing({ eventsMax: 10, bytesMax, completeAfter: 0 });
    ring.add([anEvent(1, 0), anEvent(2, 0)]);
    ring.restart(30);
    ring.add([anEvent(31, 0)]);

    expect([ring.first, ring.end, ring.completeAfter]).toEqual([2, 3, 30]);
    expect(ring.numberAfter({ revision: 29, n: 0 })).toBeUndefined();
    expect(namesFrom(ring, ring.numberAfter({ revision: 30, n: 1e9 }))).toEqual(undefined);
    expect(namesFrom(ring, ring.numberAfter({ revision: 30, n: Number.MAX_SAFE_INTEGER }))).toEqual(
      ["31.0"],
    );
  });

  test("keeps as many bytes as it may, however few events that are", () => {
    const ring = new EventRing({ eventsMax: 100, bytesMax: 4_000, completeAfter: 0 });
    for (let revision = 1; revision <= 6; revision += 1) {
      ring.add([{ ...anEvent(revision, 0), name: "k".repeat(1_500) }]);
    }
    const before = [ring.first, ring.end];
    ring.add([7, 8, 9, 10].map((revision) => anEvent(revision, 0)));
    ring.keep({ eventsMax: 100, bytesMax: 300 });

    expect([before, [ring.first, ring.end]]).toEqual([
      [4, 6],
      [9, 10],
    ]);
    expect([ring.bytesAt(8), ring.bytesAt(9) > 0]).toEqual([0, true]);
    expect(namesFrom(ring, ring.numberAfter({ revision: 9, n: 0 }))).toEqual(["10.0"]);
    expect(ring.numberAfter({ revision: 8, n: 0 })).toBeUndefined();
  });

  test("whatever it is given, it tells all that came after a place, or that it can't (property)", () => {
    const entries = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 });
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 20 }), (sizes, eventsMax) => {
        const ring = new EventRing({ eventsMax, bytesMax, completeAfter: 0 });
        const all: StateEvent[] = [];
        for (const [at, size] of sizes.entries()) {
          const events = Array.from({ length: size }, (_, n) => anEvent(at + 1, n));
          all.push(...events);
          ring.add(events);
        }
        expect(ring.end - ring.first).toBe(Math.min(eventsMax, all.length));
        for (const place of [{ revision: 0, n: Number.MAX_SAFE_INTEGER }, ...all]) {
          const expected = all.filter((event) => isAfter(event, place)).map(({ name }) => name);
          const told = namesFrom(ring, ring.numberAfter(place));
          expect(told).toEqual(expected.length <= eventsMax ? expected : undefined);
        }
      }),
      { numRuns: 100 },
    );
  });
});
