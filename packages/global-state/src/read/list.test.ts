import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  aStartedPartition,
  other,
  reads,
  start,
  type World,
  writes,
} from "../../test/world.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { pageBytesMax, type PageResult } from "./list.ts";

interface PageSeen {
  readonly keys: readonly string[];
  readonly next: string | null;
}

function page(world: World, asked: { prefix?: string; limit?: number; cursor?: string }): PageSeen {
  const { prefix = "", limit = 100, cursor } = asked;
  const answer = world.read(reads.list("queueKeys", { prefix, limit, cursor }));
  if (!("status" in answer) || answer.status !== "list") throw new Error("a list");
  const keys = answer.items.map((item) => ("key" in item ? item.key : ""));
  return { keys, next: answer.next };
}

/** All pages; `between` happens after each. */
function walk(
  world: World,
  asked: { prefix?: string; limit?: number },
  between: (page: number) => void = () => undefined,
): { keys: readonly string[]; pages: number } {
  const keys: string[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages++) {
    const seen = page(world, { ...asked, ...(cursor !== undefined && { cursor }) });
    keys.push(...seen.keys);
    if (seen.next === null) return { keys, pages };
    cursor = seen.next;
    between(pages);
  }
}

function runsFrom(world: World, cursor: string | undefined): PageResult {
  const answer = world.read(reads.list("runs", { limit: 1_000, cursor }));
  if ("status" in answer && answer.status === "list") return answer;
  throw new Error("a list");
}

function aWorldWithKeys(count: number): World {
  const world = aStartedPartition();
  world.checksInvariants = false;
  for (let at = 0; at < count; at++) world.write(writes.addQueued(`user/${at}`));
  return world;
}

const sorted = (keys: Iterable<string>): readonly string[] => [...keys].toSorted();
const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `user/${at}`);

describe("a list", () => {
  test("returns everything once, page by page", () => {
    const world = aWorldWithKeys(500);

    for (const limit of [1, 7, 100, 499, 500, 1000]) {
      const { keys, pages } = walk(world, { limit });
      expect(sorted(keys)).toEqual(sorted(names(500)));
      expect(pages).toBeGreaterThanOrEqual(Math.ceil(500 / limit));
    }
  });

  test("of an empty table is one empty page", () => {
    expect(page(aStartedPartition(), {})).toEqual({ keys: [], next: null });
  });

  test("returns what starts with the prefix, and nothing of other partitions", () => {
    const world = aWorldWithKeys(50);
    world.write({ ...start, partition: other });
    for (let at = 0; at < 50; at++) {
      world.write({ ...writes.addQueued(`user/${at}`), partition: other });
    }

    expect(sorted(walk(world, { prefix: "user/1" }).keys)).toEqual(
      sorted(names(50).filter((name) => name.startsWith("user/1"))),
    );
    expect(walk(world, { prefix: "nobody" }).keys).toEqual([]);
  });

  test("has the same order whatever the order in which things came", () => {
    const forwards = aWorldWithKeys(100);
    const backwards = aStartedPartition();
    for (const name of names(100).toReversed()) backwards.write(writes.addQueued(name));

    expect(walk(backwards, { limit: 9 }).keys).toEqual(walk(forwards, { limit: 9 }).keys);
  });

  test("looks at a bounded number of rows for a page, though it finds none", () => {
    const world = aStartedPartition({ rowsVisitedMax: 100 });
    world.checksInvariants = false;
    for (const name of names(1_000)) world.write(writes.addQueued(name));

    const first = page(world, { prefix: "nobody" });
    expect(first.keys).toEqual([]);
    expect(first.next).not.toBeNull();

    const { keys, pages } = walk(world, { prefix: "nobody" });
    expect(keys).toEqual([]);
    expect(pages).toBeGreaterThan(5);
    expect(sorted(walk(world, { limit: 1_000 }).keys)).toEqual(sorted(names(1_000)));
  });

  test("has pages that fit a frame, however long its items are", () => {
    const world = aSecondLevel();
    world.checksInvariants = false;
    const worker = new Worker(world, 1);
    const tags = Array.from({ length: 16 }, (_, at) => `${at}`.padEnd(300, "x"));
    for (const name of names(500)) worker.start(name, { tags });
    const seen: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined; pages === 0 || cursor !== undefined; pages++) {
      const page = runsFrom(world, cursor);
      expect(JSON.stringify(page.items).length).toBeLessThanOrEqual(pageBytesMax);
      seen.push(...page.items.map((item) => ("jobId" in item ? item.jobId : "")));
      cursor = page.next ?? undefined;
    }

    expect(pages).toBeGreaterThan(2);
    expect(sorted(seen)).toEqual(sorted(names(500)));
  });

  test("with a cursor that is none is refused", () => {
    const world = aWorldWithKeys(1);

    expect(world.read(reads.list("queueKeys", { cursor: "page 2" }))).toEqual({
      code: "invalid_argument",
      path: "args.cursor",
      reason: "not a cursor of a list",
    });
  });

  test("returns what stays during the walk exactly once, whatever comes and goes (property)", () => {
    const churn = fc.array(fc.array(fc.tuple(fc.boolean(), fc.nat(600)), { maxLength: 200 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(churn, fc.integer({ min: 1, max: 40 }), (rounds, limit) => {
        const world = aWorldWithKeys(150);
        const { keys } = walk(world, { limit }, (pages) => {
          for (const [isAdd, which] of rounds[pages % rounds.length] ?? []) {
            const name = `coming and going/${which}`;
            world.write(isAdd ? writes.addQueued(name) : writes.removeQueued(name));
          }
          if (pages % 4 === 0) growAndShrink(world, pages);
        });
        const stayed = keys.filter((key) => key.startsWith("user/"));
        expect(sorted(stayed)).toEqual(sorted(names(150)));
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 25 },
    );
  });
});

/** Enough to divide buckets, and then to join them. */
function growAndShrink(world: World, round: number): void {
  for (let at = 0; at < 200; at++) {
    const isGrowing = round % 8 === 0;
    const name = `crowd/${at}`;
    world.write(isGrowing ? writes.addQueued(name) : writes.removeQueued(name));
  }
}

test("sessions are listed by what their clients call themselves, with what they have", () => {
  const world = aStartedPartition();
  for (let at = 1; at <= 300; at++) world.open(at);
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const args = { prefix: "client-1", limit: 7, cursor };
    const answer = world.read({ name: "session.list", args });
    if (!("status" in answer) || answer.status !== "list") throw new Error("a list");
    seen.push(...answer.items.map((item) => ("session" in item ? item.session : 0)));
    cursor = answer.next ?? undefined;
  } while (cursor !== undefined);

  const expected = Array.from({ length: 300 }, (_, at) => at + 1).filter((id) =>
    `client-${id}`.startsWith("client-1"),
  );
  expect(seen.toSorted((one, other) => one - other)).toEqual(expected);
});

test("a cursor comes back as it was, and what is no cursor is none", () => {
  for (const place of [
    { reversed: 0, after: undefined },
    { reversed: 0xffff_ffff, after: "a.b c1.😀" },
  ]) {
    expect(readCursor(writeCursor(place))).toEqual(place);
  }
  for (const wrong of ["", "c1", "c1.123", "c2.00000000", "c1.0000000g", "c1.00000000.", "x"]) {
    expect(readCursor(wrong)).toBeUndefined();
  }
});
