import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../core/assert.ts";
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { logIndex, nodeId, term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { SnapshotName } from "../storage/persister.ts";
import { Compaction, type Pinned } from "./compaction.ts";
import type { SnapshotContent } from "./state-machine.ts";

const trailingAfter = logIndex(0);
const nothingPinned: Pinned = { snapshotsInUse: [], pinnedAfter: undefined, trailingAfter };

const meta = (index: number): SnapshotMeta => ({
  index: logIndex(index),
  term: term(1),
  configuration: EMPTY_CONFIGURATION,
  hash: "aa",
});

async function* noContent(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
}

const noBug: InvariantViolation | undefined = undefined as InvariantViolation | undefined;

function aCompaction(shape: { durable?: boolean; draw?: number; listed?: readonly number[] } = {}) {
  const listed: SnapshotName[] = (shape.listed ?? []).map((index) => ({
    term: 1,
    index,
    hash: "aa",
  }));
  const happened: string[] = [];
  const notes: string[] = [];
  const world = {
    now: 0,
    failures: 0,
    refusals: 0,
    hasContent: true,
    hash: "aa",
    arriving: -1,
    released: 0,
    bug: noBug,
  };
  const content = (): SnapshotContent => ({
    hash: world.hash,
    chunks: noContent(),
    release: () => {
      world.released += 1;
    },
  });
  const compaction = new Compaction({
    persister: {
      durable: shape.durable ?? true,
      init: () => Promise.resolve(),
      list: () => Promise.resolve([...listed]),
      load: noContent,
      store: async (name, chunks) => {
        if (world.refusals > 0) {
          world.refusals -= 1;
          throw new Error("the file can't be made");
        }
        for await (const chunk of chunks) void chunk;
        if (world.bug !== undefined) throw world.bug;
        if (world.failures > 0) {
          world.failures -= 1;
          throw new Error("no space left");
        }
        listed.push(name);
        happened.push(`store ${name.index}`);
      },
      remove: ({ index }) => {
        listed.splice(
          listed.findIndex((name) => name.index === index),
          1,
        );
        happened.push(`remove ${index}`);
        return Promise.resolve();
      },
    },
    storage: {
      dropPrefix: ({ through }) => {
        happened.push(`drop ${through}`);
        return Promise.resolve();
      },
    },
    stateMachine: {
      takeSnapshot: () => Promise.resolve(world.hasContent ? content() : undefined),
    },
    identity: { clusterId: "c".repeat(32), nodeId: nodeId("1".repeat(32)), group: 0 },
    limits: {
      snapshotEveryBytes: 1_000,
      snapshotEveryEntries: 100,
      trailingEntries: 10,
      retryMinMs: 1_000,
      retryMaxMs: 4_000,
    },
    isArriving: ({ index }) => index === world.arriving,
    monotonicNow: () => world.now,
    draw: () => shape.draw ?? 0.5,
    stored: ({ index }) => happened.push(`stored ${index}`),
    failed: (cause) => happened.push(`failed ${String(cause)}`),
    note: ({ message }) => notes.push(message),
  });
  const isDue = (): boolean => compaction.isDue({ now: world.now, isWanted: false });
  const takeAt = async (index: number): Promise<void> => {
    compaction.take({ index: logIndex(index), term: term(1), configuration: EMPTY_CONFIGURATION });
    await settle();
  };
  const markAt = async (index: number, pinned = nothingPinned): Promise<number> => {
    const through = compaction.marked(meta(index), pinned);
    await settle();
    return through;
  };
  return { compaction, happened, notes, world, isDue, takeAt, markAt };
}

async function settle(): Promise<void> {
  for (let n = 0; n < 100; n += 1) await Promise.resolve();
}

/** After how many entries a snapshot is due on a node that drew this. */
function dueAfter(draw: number): number {
  const { compaction, isDue } = aCompaction({ draw });
  let entries = 0;
  for (; !isDue(); entries += 1) compaction.applied({ entries: 1, bytes: 0 });
  return entries;
}

describe("compaction", () => {
  test.each([
    { what: "few entries and bytes", entries: 99, bytes: 999, due: false },
    { what: "enough entries", entries: 100, bytes: 0, due: true },
    { what: "enough bytes", entries: 1, bytes: 1_000, due: true },
  ])("with $what since the last one a snapshot is due: $due", ({ entries, bytes, due }) => {
    const { compaction, isDue } = aCompaction();

    compaction.applied({ entries, bytes });

    expect(isDue()).toBe(due);
  });

  test("nodes that drew differently take theirs at different times", () => {
    expect([dueAfter(0), dueAfter(0.999)]).toEqual([75, 125]);
  });

  test("stored, marked, log dropped, older removed, in this order; two stay and the log between", async () => {
    const { happened, takeAt, markAt } = aCompaction({ listed: [] });

    for (const index of [100, 200, 300]) {
      await takeAt(index);
      await markAt(index);
    }

    expect(happened).toEqual([
      "store 100",
      "stored 100",
      "store 200",
      "stored 200",
      "drop 100",
      "store 300",
      "stored 300",
      "drop 200",
      "remove 100",
    ]);
  });

  test("nothing is dropped before the mark is on disk", async () => {
    const { happened, takeAt } = aCompaction({ listed: [100] });

    await takeAt(200);

    expect(happened).toEqual(["store 200", "stored 200"]);
  });

  test("trailing entries stay in memory, and what a transfer needs", async () => {
    const { takeAt, markAt } = aCompaction();
    await takeAt(100);
    expect(await markAt(100)).toBe(90);
    await takeAt(200);

    const pinned = { ...nothingPinned, snapshotsInUse: [meta(100)], pinnedAfter: logIndex(100) };

    expect(await markAt(200, pinned)).toBe(100);
  });

  test("no more trails than may by its bytes, unless a transfer needs it", async () => {
    const { compaction, happened, markAt } = aCompaction({ listed: [98, 100] });
    const large = { ...nothingPinned, trailingAfter: logIndex(99) };

    const through = await markAt(100, large);
    const pinned = await markAt(100, { ...large, pinnedAfter: logIndex(50) });

    expect([through, pinned]).toEqual([99, 50]);
    expect(happened).toEqual(["drop 98", "drop 50"]);
    expect(compaction.logThrough({ trailingAfter: logIndex(99) })).toBe(99);
    expect(compaction.logThrough({ trailingAfter: logIndex(0) })).toBe(90);
  });

  test("one that is newer than the mark may be about to get its own, and stays", async () => {
    const { happened, markAt } = aCompaction({ listed: [100, 200, 300, 400] });

    await markAt(300);

    expect(happened).toEqual(["drop 200", "remove 100"]);
  });

  test("a snapshot that is being sent is not removed, nor one that arrives", async () => {
    const { compaction, happened, world, markAt } = aCompaction({
      listed: [100, 150, 200, 300],
    });
    world.arriving = 150;
    expect(compaction.isDue({ now: 0, isWanted: true })).toBe(true);

    await markAt(300, { ...nothingPinned, snapshotsInUse: [meta(100)] });

    expect(happened).toEqual(["drop 200"]);
  });

  test("a failed store is told and tried again, each time after a longer wait", async () => {
    const { compaction, happened, notes, world, isDue, takeAt } = aCompaction();
    world.failures = 4;
    compaction.applied({ entries: 100, bytes: 0 });
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await takeAt(100);
      expect(isDue()).toBe(false);
      const retryAt = compaction.retryAt(world.now);
      waits.push(retryAt - world.now);
      world.now = retryAt;
      expect(isDue()).toBe(true);
    }

    await takeAt(100);

    expect(waits).toEqual([1_000, 2_000, 4_000, 4_000]);
    expect(notes).toHaveLength(4);
    expect(happened).toEqual(["store 100", "stored 100"]);
    expect(isDue()).toBe(false);
  });

  test("a bug in storing is no reason to try again: the node ends", async () => {
    const { happened, notes, world, takeAt } = aCompaction();
    world.bug = new InvariantViolation("not true: a test has no bugs");

    await takeAt(100);

    expect([happened, notes]).toEqual([[`failed ${String(world.bug)}`], []]);
  });

  test("where the marked snapshot is gone, the node ends and drops nothing", async () => {
    const { happened, markAt } = aCompaction({ listed: [100] });

    await markAt(200);

    expect(happened).toEqual([expect.stringMatching(/^failed .*that snapshot is not there/)]);
  });

  test("a retry whose time has come wakes nobody again, though nothing is due any more", async () => {
    const { compaction, world, isDue, takeAt } = aCompaction();
    world.failures = 1;
    compaction.applied({ entries: 100, bytes: 0 });
    await takeAt(100);
    const retryAt = compaction.retryAt(world.now);

    compaction.installed();
    world.now = retryAt;

    expect(retryAt).toBe(1_000);
    expect([isDue(), compaction.retryAt(world.now)]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  test("the state machine is told when a snapshot is over, also if no chunk of it was read", async () => {
    const { takeAt, world } = aCompaction();
    world.refusals = 1;

    await takeAt(10);
    const afterFailure = world.released;
    await takeAt(10);

    expect([afterFailure, world.released]).toEqual([1, 2]);
  });

  test("a state machine that gives none is asked again later", async () => {
    const { compaction, world, isDue, takeAt } = aCompaction();
    world.hasContent = false;
    compaction.applied({ entries: 100, bytes: 0 });

    await takeAt(100);

    expect(isDue()).toBe(false);
    world.now = compaction.retryAt(world.now);
    expect(isDue()).toBe(true);
  });

  test("the newest is stored once more where it does not read: told, and needs no other mark", async () => {
    const { compaction, happened, notes, takeAt, markAt } = aCompaction();
    await takeAt(100);
    await markAt(100);

    await takeAt(100);

    expect(happened).toEqual(["store 100", "stored 100", "store 100", "stored 100"]);
    expect(notes).toEqual(["newest snapshot stored anew"]);
    expect(compaction.isDue({ now: 0, isWanted: true })).toBe(true);
  });

  test("one of the same entry with another hash takes the place of none, and is tried later", async () => {
    const { compaction, happened, notes, world, takeAt, markAt } = aCompaction();
    await takeAt(100);
    await markAt(100);
    world.hash = "bb";

    await takeAt(100);

    expect(happened).toEqual(["store 100", "stored 100", "store 100"]);
    expect(notes).toEqual(["snapshot not stored, the log stays"]);
    expect(compaction.isDue({ now: 0, isWanted: true })).toBe(false);
  });

  test("behind a persister that is not durable no snapshot is ever due", () => {
    const { compaction, isDue } = aCompaction({ durable: false });

    compaction.applied({ entries: 1_000_000, bytes: 1e9 });

    expect(isDue()).toBe(false);
    expect(compaction.isDue({ now: 0, isWanted: true })).toBe(false);
  });

  test("at a start what no mark names is removed, and two stay", async () => {
    const { compaction, happened } = aCompaction({ listed: [50, 100, 200, 250] });

    await compaction.begin(meta(200));

    expect(happened).toEqual(["remove 50", "remove 250"]);
  });

  test("a snapshot of a state that is about to be replaced is given up", async () => {
    const { compaction, happened, notes } = aCompaction();
    compaction.take({ index: logIndex(9), term: term(1), configuration: EMPTY_CONFIGURATION });

    await compaction.interrupt();

    expect(happened).toEqual([]);
    expect(notes).toEqual(["snapshot not stored, the log stays"]);
  });
});
