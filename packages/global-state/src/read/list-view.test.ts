import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acme, aStartedPartition, encodeAll, reads, type World, writes } from "../../test/world.ts";
import type { ListRead, ListView } from "../index.ts";

interface Opened {
  readonly view: ListView;
  readonly next: string;
  /** What the first page showed. */
  readonly keys: readonly string[];
  readonly counted: { held: number; closed: number };
}

function listOf(limit: number, cursor?: string): ListRead {
  const read = reads.list("queueKeys", { limit, cursor });
  if (read.name !== "list") throw new Error("a list");
  return read;
}

function keysOf(items: readonly unknown[]): readonly string[] {
  return items.map((item) =>
    typeof item === "object" && item !== null && "key" in item ? String(item.key) : "",
  );
}

/** After a first page of so many. */
function opened(world: World, limit: number): Opened {
  const read = listOf(limit);
  const page = world.read(read);
  if (!("status" in page) || page.status !== "list") throw new Error("a list");
  const { next, items } = page;
  if (next === null) throw new Error("more than one page");
  const counted = { held: 0, closed: 0 };
  const owner = {
    held: (bytes: number) => {
      counted.held += bytes;
    },
    closed: () => {
      counted.closed += 1;
    },
  };
  return { view: world.state.openView(read, { next, owner }), next, keys: keysOf(items), counted };
}

/** The first page, and all others; `between` happens before each of these. */
function walked(
  { view, next, keys }: Opened,
  limit: number,
  between: (page: number) => void = () => undefined,
): readonly string[] {
  const all = [...keys];
  let cursor: string | null = next;
  for (let page = 1; cursor !== null; page++) {
    between(page);
    const shown = view.page({ limit, cursor });
    if (shown === undefined) throw new Error("kept");
    all.push(...keysOf(shown.items));
    cursor = shown.next;
  }
  return all;
}

function aWorldWithKeys(count: number): World {
  const world = aStartedPartition();
  world.checksInvariants = false;
  for (let at = 0; at < count; at++) world.write(writes.addQueued(`user/${at}`));
  return world;
}

function allKeys(world: World): readonly string[] {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = world.read(listOf(1_000, cursor));
    if (!("status" in page) || page.status !== "list") throw new Error("a list");
    keys.push(...keysOf(page.items));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return keys;
}

function removeAll(world: World, count: number): void {
  for (let at = 0; at < count; at++) world.write(writes.removeQueued(`user/${at}`));
}

describe("a view of a list", () => {
  test("shows what was there, in the same order, though all of it goes meanwhile", () => {
    const world = aWorldWithKeys(500);
    const before = allKeys(world);

    const shown = walked(opened(world, 7), 7, (page) => {
      if (page === 3) removeAll(world, 500);
    });

    expect(shown).toEqual(before);
    expect(allKeys(world)).toEqual([]);
  });

  test("shows its state, whatever comes and goes and however buckets divide and join (property)", () => {
    const churn = fc.array(fc.array(fc.tuple(fc.boolean(), fc.nat(600)), { maxLength: 200 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(churn, fc.integer({ min: 1, max: 40 }), (rounds, limit) => {
        const world = aWorldWithKeys(150);
        const before = allKeys(world);
        const shown = walked(opened(world, limit), limit, (page) => {
          for (const [isAdd, which] of rounds[page % rounds.length] ?? []) {
            const name = which < 150 ? `user/${which}` : `other/${which}`;
            world.write(isAdd ? writes.addQueued(name) : writes.removeQueued(name));
          }
          if (page % 4 !== 0) return;
          for (let at = 0; at < 200; at++) {
            const name = `crowd/${at}`;
            world.write(page % 8 === 0 ? writes.addQueued(name) : writes.removeQueued(name));
          }
        });
        expect(shown).toEqual(before);
      }),
      { numRuns: 25 },
    );
  });

  test("a page may be asked for again, until a later one was", () => {
    const world = aWorldWithKeys(500);
    const { view, next } = opened(world, 50);
    const second = view.page({ limit: 50, cursor: next });
    removeAll(world, 500);

    expect(view.page({ limit: 50, cursor: next })).toEqual(second);
    expect(view.page({ limit: 50, cursor: second?.next ?? "" })?.items).toHaveLength(50);
    expect(view.page({ limit: 50, cursor: next })).toBeUndefined();
  });

  test("a place that no page led to is not in it", () => {
    const world = aWorldWithKeys(500);
    const { view } = opened(world, 50);

    expect(view.page({ limit: 50, cursor: "c1.ffffff00" })).toBeUndefined();
    expect(view.page({ limit: 50, cursor: "c1.00000000" })).toBeUndefined();
    expect(view.page({ limit: 50, cursor: "nowhere" })).toBeUndefined();
  });

  test("copies nothing while nothing changes, once what does, and lets go of what was passed", () => {
    const world = aWorldWithKeys(500);
    const first = opened(world, 50);
    expect(first.counted.held).toBe(0);

    removeAll(world, 500);
    const copied = first.counted.held;
    expect(copied).toBeGreaterThan(450 * 64);
    expect(first.view.heldBytes).toBe(copied);
    for (let at = 0; at < 1_500; at++) world.write(writes.addQueued(`user/${at}`));
    for (let at = 500; at < 1_500; at++) world.write(writes.removeQueued(`user/${at}`));
    expect(first.counted.held).toBe(copied);

    let page = first.view.page({ limit: 200, cursor: first.next });
    page = first.view.page({ limit: 200, cursor: page?.next ?? "" });
    expect(first.counted.held).toBeLessThan(copied * 0.7);
    expect(first.view.heldBytes).toBe(first.counted.held);

    removeAll(world, 500);
    expect(first.counted.held).toBeLessThan(copied * 0.7);
    first.view.close();
    expect(first.counted).toEqual({ held: 0, closed: 1 });
    expect(page?.items).toHaveLength(200);
  });

  test("closed, it shows nothing, copies nothing, and is closed once", () => {
    const world = aWorldWithKeys(500);
    const { view, next, counted } = opened(world, 50);
    view.close();
    view.close();
    removeAll(world, 500);

    expect(view.page({ limit: 50, cursor: next })).toBeUndefined();
    expect(counted).toEqual({ held: 0, closed: 1 });
  });

  test("closed by its owner in the middle of an entry, it leaves others and the state in peace", () => {
    const world = aWorldWithKeys(500);
    const before = allKeys(world);
    const other = opened(world, 50);
    const read = listOf(50);
    const { next } = other;
    const view: ListView = world.state.openView(read, {
      next,
      owner: { held: (bytes) => (bytes > 0 ? view.close() : undefined), closed: () => undefined },
    });
    const last = opened(world, 50);
    removeAll(world, 500);

    expect(view.page({ limit: 50, cursor: next })).toBeUndefined();
    expect(view.heldBytes).toBe(0);
    expect(walked(other, 50)).toEqual(before);
    expect(walked(last, 50)).toEqual(before);
    world.state.checkInvariants();
  });

  test("closed in the middle of an entry, by who owns another, it copies nothing more of it", () => {
    const world = aWorldWithKeys(500);
    const { next } = opened(world, 50);
    const later: Opened[] = [];
    const held = (bytes: number): void => {
      if (bytes > 0) for (const { view } of later) view.close();
    };
    world.state.openView(listOf(50), { next, owner: { held, closed: () => undefined } });
    later.push(opened(world, 50));
    removeAll(world, 500);

    expect(later.map(({ counted }) => counted)).toEqual([{ held: 0, closed: 1 }]);
  });

  test("is closed when the state is replaced: what it stands in is gone", () => {
    const world = aWorldWithKeys(500);
    const { view, next, counted } = opened(world, 50);
    const restoration = world.state.beginRestore();
    for (const chunk of encodeAll(world.state).chunks) restoration.add(chunk);
    expect(counted.closed).toBe(0);
    restoration.finish();

    expect(view.page({ limit: 50, cursor: next })).toBeUndefined();
    expect(counted.closed).toBe(1);
  });

  test("knows the pages of its own list", () => {
    const world = aWorldWithKeys(500);
    const { view } = opened(world, 50);

    expect(view.isOf(listOf(7, "c1.00000000"))).toBe(true);
    const page = { prefix: "", limit: 50, cursor: undefined };
    for (const read of [
      { name: "partition.list", args: page },
      { name: "list", partition: acme, args: { ...page, kind: "runs" } },
      { name: "list", partition: acme, args: { ...page, kind: "queueKeys", prefix: "u" } },
    ] satisfies ListRead[]) {
      expect(view.isOf(read)).toBe(false);
    }
  });

  test("and a snapshot of the same tables do not disturb each other", () => {
    const quiet = aWorldWithKeys(500);
    const world = aWorldWithKeys(500);
    const list = opened(world, 50);
    const epoch = world.state.beginEpoch();
    epoch?.encodeSlice(100);
    removeAll(world, 300);
    const before = allKeys(quiet);

    expect(walked(list, 50)).toEqual(before);
    while (epoch?.encodeSlice(100) === "more");
    expect(epoch?.root()).toBe(encodeAll(quiet.state).root);
    epoch?.close();
    removeAll(quiet, 300);
    expect(world.hash()).toBe(quiet.hash());
  });
});
