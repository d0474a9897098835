// schedule.test.ts — the same seed gives the same turns; who may strike does so at least once where there is time; there are
// gaps; and who may not strike together never does.
import { expect, test } from "vitest";
import { Dice } from "../../simulation/dice.ts";
import { type CatalogueEntry, catalogue } from "./catalogue.ts";
import { cutsOfRing } from "./partition-ring.ts";
import { canBeTogether, drawSchedule, lengthOf, type Schedule } from "./schedule.ts";

const tenMinutes = 600_000;
const seeds = Array.from({ length: 50 }, (_, at) => 0x51ed + 977 * at);

function scheduleOf(
  seed: number,
  { allowed = catalogue, forMs = tenMinutes }: Partial<Parameters<typeof drawSchedule>[1]> = {},
): Schedule {
  return drawSchedule(new Dice(seed), { forMs, allowed });
}

function namesIn({ turns }: Schedule): readonly string[] {
  return turns.flatMap(({ strikes }) => strikes.map(({ nemesis }) => nemesis.name));
}

function entryOf(name: string): CatalogueEntry {
  const entry = catalogue.find(({ nemesis }) => nemesis.name === name);
  if (entry === undefined) throw new Error(`${name} is not in the catalogue`);
  return entry;
}

test("the same seed gives the same schedule, down to what a strike draws; another seed another", () => {
  const told = (schedule: Schedule): unknown => ({
    quietMs: schedule.quietMs,
    turns: schedule.turns.map(({ healedMs, strikes }) => ({
      healedMs,
      strikes: strikes.map(({ afterMs, dice, forMs, nemesis }) => [
        ...[nemesis.name, afterMs, forMs],
        dice.draw(),
      ]),
    })),
  });
  for (const seed of seeds) {
    expect(told(scheduleOf(seed))).toEqual(told(scheduleOf(seed)));
    expect(told(scheduleOf(seed))).not.toEqual(told(scheduleOf(seed + 1)));
  }
});

test("what is allowed comes at least once in ten minutes, and nothing else", () => {
  const links = catalogue.filter(({ at }) => at === "links");
  const small = catalogue.filter((_, at) => at % 2 === 0);
  for (const seed of seeds) {
    for (const allowed of [catalogue, small, links, catalogue.slice(0, 1)]) {
      const expected = new Set(allowed.map(({ nemesis }) => nemesis.name));
      expect(new Set(namesIn(scheduleOf(seed, { allowed })))).toEqual(expected);
    }
  }
  expect(scheduleOf(1, { allowed: [] }).turns).toEqual([]);
});

test("nobody comes twice before everybody came once", () => {
  for (const seed of seeds) {
    const first = namesIn(scheduleOf(seed)).slice(0, catalogue.length);
    expect(new Set(first).size).toBe(first.length);
  }
});

test("in an hour it is about as often as its weight says", () => {
  const counts = new Map<string, number>();
  for (const seed of seeds) {
    for (const name of namesIn(scheduleOf(seed, { forMs: 6 * tenMinutes }))) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const average = (weight: number): number => {
    const names = catalogue.filter((entry) => entry.weight === weight);
    const sum = names.reduce((all, { nemesis }) => all + (counts.get(nemesis.name) ?? 0), 0);
    return sum / names.length;
  };
  expect(average(2)).toBeGreaterThan(1.3 * average(1));
  expect(average(3)).toBeGreaterThan(1.2 * average(2));
});

test("it is quiet first, and all is well for a while after each turn", () => {
  for (const seed of seeds) {
    const { quietMs, turns } = scheduleOf(seed);
    expect(quietMs).toBeGreaterThanOrEqual(4_000);
    for (const turn of turns) {
      expect(turn.healedMs).toBeGreaterThanOrEqual(3_000);
      const [one, ...others] = turn.strikes;
      expect(one?.afterMs).toBe(0);
      for (const { forMs, nemesis } of turn.strikes) {
        expect(forMs).toBeGreaterThanOrEqual(nemesis.lastsMs.from);
        expect(forMs).toBeLessThanOrEqual(nemesis.lastsMs.to);
      }
      expect(others.length).toBeLessThanOrEqual(1);
    }
    const lengths = turns.map(lengthOf);
    const last = lengths.pop() ?? 0;
    const drawnMs = lengths.reduce((sum, each) => sum + each, quietMs);
    expect(drawnMs).toBeLessThan(tenMinutes);
    expect(last).toBeGreaterThan(0);
  }
});

test("two strike at once now and then, and only where they can be", () => {
  const pairs = seeds.flatMap((seed) =>
    scheduleOf(seed)
      .turns.map(({ strikes }) => strikes.map(({ nemesis }) => entryOf(nemesis.name)))
      .filter(({ length }) => length === 2),
  );
  expect(pairs.length).toBeGreaterThan(seeds.length);
  for (const [one, other] of pairs) {
    if (one === undefined || other === undefined) throw new Error("two are two");
    expect(canBeTogether(one, other)).toBe(true);
    expect(one.at).not.toBe(other.at);
    if (one.at === "members" || other.at === "members") {
      expect([one.at, other.at]).toContain("workers");
    }
  }
});

test("in a ring everybody hears a majority, and no two the same one", () => {
  for (const size of [4, 5, 6, 7]) {
    const ring = Array.from({ length: size }, (_, at) => `n${at}`);
    const cuts = cutsOfRing(ring);
    const heard = ring.map((to) =>
      ring.filter((from) => !cuts.some((way) => way.from === from && way.to === to)).join(),
    );
    for (const each of heard) {
      expect(each.split(",").length).toBeGreaterThan(size / 2);
      expect(each.split(",").length).toBeLessThan(size);
    }
    expect(new Set(heard).size).toBe(size);
  }
  expect(cutsOfRing(["a", "b", "c"])).toEqual([
    { from: "c", to: "a" },
    { from: "a", to: "b" },
    { from: "b", to: "c" },
  ]);
});

test("names are unique, as they are what a run is told", () => {
  const names = catalogue.map(({ nemesis }) => nemesis.name);
  expect(new Set(names).size).toBe(names.length);
});
