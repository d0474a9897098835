// What a start does with each kind of folder: one row for each.
import { describe, expect, test } from "vitest";
import {
  append,
  command,
  cut,
  directory,
  identity,
  inTerm,
  mark,
  members,
  openOn,
  other,
  self,
} from "../../../test/storage/situations.ts";
import { incarnation, logIndex } from "../../core/ids.ts";
import { MemoryDisk } from "../memory-disk.ts";
import { type LogEvent, LogReader } from "./log-reader.ts";
import type { LogStorageParts } from "./open-log-storage.ts";

interface Layout {
  readonly disk: MemoryDisk;
  /** Paths of the segments that hold something. */
  readonly segments: readonly string[];
  /** Of each batch: its segment and where it begins. */
  readonly batches: readonly {
    readonly path: string;
    readonly at: number;
    readonly sectors: number;
  }[];
}

const limits = { segmentBytes: 4096, reserveBytes: 0 };

/** Ten batches of one entry in several segments; the last one has three sectors. */
async function aLog(): Promise<Layout> {
  const disk = new MemoryDisk();
  const log = await openOn(disk, { limits, incarnation: incarnation(5) });
  await append(log, [inTerm(1), members(1, [self, other])]);
  for (let index = 2; index < 10; index += 1) {
    await append(log, [command(index, { term: 1, bytes: 300 })], index - 1);
  }
  await append(log, [command(10, { term: 1, bytes: 1100 })], 9);
  await log.close();
  return layoutOf(disk);
}

async function layoutOf(disk: MemoryDisk): Promise<Layout> {
  const events: LogEvent[] = [];
  const reader = new LogReader({ disk, directory, owner: undefined });
  for await (const event of reader.events()) events.push(event);
  const batches = events.flatMap((event) =>
    event.kind === "batch"
      ? [{ path: event.file.path, at: event.offset, sectors: event.head.sectors }]
      : [],
  );
  const segments = events.flatMap((event) => (event.kind === "segment" ? [event.file.path] : []));
  return { disk, segments, batches };
}

function zeroed(layout: Layout, path: string | undefined, at: number, sectors = 1): void {
  layout.disk.damage({ path: path ?? "", at, bytes: new Uint8Array(512 * sectors) });
}

function at<Item>(items: readonly Item[], number: number): Item {
  const item = items.at(number);
  if (item === undefined) throw new Error(`there is no item ${number}`);
  return item;
}

type Change = (layout: Layout) => void | Promise<void>;

const starts: readonly (readonly [string, number, Change])[] = [
  ["a log that was closed in order", 10, () => undefined],
  ["an empty segment made ahead is gone", 10, (l) => l.disk.remove(`${directory}/0000000004.wal`)],
  ["a segment half made ahead", 10, (l) => made(l, "0000000006.wal.tmp", Uint8Array.of(1))],
  [
    "the copy of an earlier torn write",
    10,
    (l) => made(l, "0000000001.wal.512.1.broken", Uint8Array.of(1)),
  ],
  ["a file of somebody else", 10, (l) => made(l, "notes.txt", Uint8Array.of(1))],
  [
    "the last batch with its first sector still empty",
    9,
    (l) => zeroed(l, at(l.batches, -1).path, at(l.batches, -1).at),
  ],
  [
    "the last batch with its last sector still empty",
    9,
    (l) => zeroed(l, at(l.batches, -1).path, at(l.batches, -1).at + 1024),
  ],
  [
    "the last batch with only its last sector written",
    9,
    (l) => zeroed(l, at(l.batches, -1).path, at(l.batches, -1).at, 2),
  ],
  [
    "the last batch not written at all",
    9,
    (l) => zeroed(l, at(l.batches, -1).path, at(l.batches, -1).at, 3),
  ],
];

const refusals: readonly (readonly [string, RegExp, Change])[] = [
  ["a bit of a header", /the header is damaged/, (l) => flip(l, at(l.segments, 0), 40)],
  ["the magic of a header", /the header is damaged/, (l) => flip(l, at(l.segments, 0), 0)],
  ["the first header all zeros", /the header is gone/, (l) => zeroed(l, at(l.segments, 0), 0)],
  ["a later header all zeros", /the header is gone/, (l) => zeroed(l, at(l.segments, 1), 0)],
  [
    "a later format",
    /has format 2, and this rogerd reads formats up to 1.*Nothing is lost/,
    (l) => byte(l, at(l.segments, 0), 8, 2),
  ],
  [
    "a bit of the first batch",
    /log index 1\) the first sector of a batch is neither old nor new/,
    (l) => flip(l, at(l.batches, 0).path, at(l.batches, 0).at + 100),
  ],
  [
    "a bit of the last batch's first sector",
    /log index 10\) the first sector of a batch is neither/,
    (l) => flip(l, at(l.batches, -1).path, at(l.batches, -1).at + 100),
  ],
  [
    "a bit of the last batch's last sector",
    /log index 10\) a sector of a batch is neither/,
    (l) => flip(l, at(l.batches, -1).path, at(l.batches, -1).at + 1100),
  ],
  [
    "one empty and one rotten sector in the last batch",
    /a sector of a batch is neither/,
    (l) => {
      zeroed(l, at(l.batches, -1).path, at(l.batches, -1).at + 512);
      flip(l, at(l.batches, -1).path, at(l.batches, -1).at + 1100);
    },
  ],
  [
    "a batch in the middle all zeros",
    /the head of a batch is gone, and batch \d+ follows/,
    (l) => zeroed(l, at(l.batches, 1).path, at(l.batches, 1).at),
  ],
  [
    "a sealing batch all zeros",
    /the one before it has lost its end/,
    (l) => {
      const sealAt = l.batches.findIndex(
        (batch, number) => l.batches[number + 1]?.path !== batch.path,
      );
      zeroed(l, at(l.batches, sealAt).path, at(l.batches, sealAt).at);
    },
  ],
  [
    "something in the segment made ahead",
    /the one before it has lost its end/,
    (l) => byte(l, `${directory}/0000000004.wal`, 700, 1),
  ],
  [
    "something right after the last batch",
    /neither old nor new/,
    (l) => byte(l, at(l.batches, -1).path, at(l.batches, -1).at + 3 * 512, 1),
  ],
  [
    "the first segment gone",
    /the log begins after entry \d+, but the newest snapshot mark covers only 0/,
    (l) => l.disk.remove(at(l.segments, 0)),
  ],
  [
    "a segment in the middle gone",
    /segment 2 is missing between 1 and 3/,
    (l) => l.disk.remove(at(l.segments, 1)),
  ],
  [
    "the last segment gone",
    /segment 3 is missing between 2 and 4/,
    (l) => l.disk.remove(at(l.segments, -1)),
  ],
  [
    "the last segment and the one made ahead gone",
    /segment 3 is missing: the one before it says that the log goes on/,
    async (l) => {
      await l.disk.remove(at(l.segments, -1));
      await l.disk.remove(`${directory}/0000000004.wal`);
    },
  ],
  [
    "a segment in another's place",
    /the header is damaged/,
    async (l) => {
      await l.disk.remove(at(l.segments, 1));
      await made(l, "0000000002.wal", l.disk.peek(at(l.segments, 2)));
    },
  ],
  [
    "a batch in another's place",
    /neither old nor new|is gone|belongs/,
    (l) => {
      const [from, to] = [at(l.batches, 0), at(l.batches, 1)];
      const bytes = l.disk.peek(from.path).slice(from.at, from.at + 512 * from.sectors);
      l.disk.damage({ path: to.path, at: to.at, bytes });
    },
  ],
  [
    "a segment cut short",
    /the segment has 2048 bytes, but was made with 4096/,
    async (l) => {
      const bytes = l.disk.peek(at(l.segments, 1)).slice(0, 2048);
      await l.disk.remove(at(l.segments, 1));
      await made(l, "0000000002.wal", bytes);
    },
  ],
];

async function made(layout: Layout, name: string, bytes: Uint8Array): Promise<void> {
  const file = await layout.disk.create(`${directory}/${name}`);
  await file.write({ at: 0, buffers: [bytes] });
}

function flip(layout: Layout, path: string, place: number): void {
  layout.disk.flipBit({ path, at: place, bit: 3 });
}

function byte(layout: Layout, path: string, place: number, value: number): void {
  layout.disk.damage({ path, at: place, bytes: Uint8Array.of(value) });
}

function start(
  disk: MemoryDisk,
  changed: Partial<LogStorageParts> = {},
): ReturnType<typeof openOn> {
  return openOn(disk, { limits, incarnation: incarnation(6), ...changed });
}

describe("a start", () => {
  test.each(starts)("finds in %s the entries up to %i", async (_what, last, change) => {
    const layout = await aLog();
    await change(layout);

    const log = await start(layout.disk);

    expect(log.recovered.entries.map((entry) => entry.index)).toEqual(
      Array.from({ length: last }, (_, index) => index + 1),
    );
  });

  test.each(refusals)("refuses %s", async (_what, message, change) => {
    const layout = await aLog();
    await change(layout);

    await expect(start(layout.disk)).rejects.toThrow(message);
    await expect(start(layout.disk)).rejects.toMatchObject({ name: "DamagedDataError" });
  });

  const foreign: readonly (readonly [string, RegExp, Partial<LogStorageParts>])[] = [
    [
      "another cluster's",
      /belongs to cluster c+, node.json to cluster d+/,
      { identity: { ...identity, clusterId: "d".repeat(32) } },
    ],
    [
      "another node's",
      /belongs to node a+, node.json to node b+/,
      { identity: { ...identity, nodeId: other } },
    ],
    [
      "another group's",
      /belongs to group 0, not to group 1/,
      { identity: { ...identity, group: 1 } },
    ],
    [
      "a node.json older than the log's",
      /written by start 5 .* knows only 4/,
      { incarnation: incarnation(4) },
    ],
  ];
  test.each(foreign)("refuses %s log", async (_whose, message, changed) => {
    const { disk } = await aLog();

    await expect(start(disk, changed)).rejects.toThrow(message);
  });

  test("refuses an empty folder where node.json says that there was a log", async () => {
    await expect(start(new MemoryDisk(), { expect: "existing" })).rejects.toThrow(
      /there is no log, but node.json says that there was one.*rogerd recover \/data --rejoin/,
    );
  });

  test("refuses a log of zeros where node.json says that it held something: the disk lied", async () => {
    const { disk } = await aLog();
    for (const name of await disk.list(directory)) {
      const path = `${directory}/${name}`;
      disk.damage({ path, at: 0, bytes: new Uint8Array(disk.peek(path).byteLength) });
    }

    await expect(start(disk, { expect: "existing" })).rejects.toThrow(
      /the log holds nothing, but node.json says that it did.*rogerd recover \/data --rejoin/,
    );
  });

  test("names the command for a group of one, and the other one for more", async () => {
    const alone = new MemoryDisk();
    const log = await start(alone);
    await append(log, [inTerm(1), members(1, [self])]);
    await append(log, [command(2, { term: 1 })]);
    await log.close();
    const { batches } = await layoutOf(alone);
    alone.flipBit({ path: at(batches, -1).path, at: at(batches, -1).at + 200, bit: 1 });
    const together = await aLog();
    flip(together, at(together.batches, -1).path, at(together.batches, -1).at + 100);

    await expect(start(alone)).rejects.toThrow(
      `The data of this node can't be used: in ${directory}/0000000001.wal at byte ${at(batches, -1).at} (log index 2) the first sector of a batch is neither old nor new. What stood there may have been acknowledged, so the node does not start without it. No other node has it; to go on without it, run: rogerd recover /data --accept-tail-loss`,
    );
    await expect(start(together.disk)).rejects.toThrow(
      /The other nodes have it; run: rogerd recover \/data --rejoin$/,
    );
  });

  test("keeps a copy of a torn write, a few of them at most, and zeroes its place", async () => {
    const layout = await aLog();
    const last = at(layout.batches, -1);
    zeroed(layout, last.path, last.at + 1024);
    const torn = layout.disk.peek(last.path).slice(last.at, last.at + 1536);

    for (let times = 0; times < 12; times += 1) {
      layout.disk.damage({ path: last.path, at: last.at, bytes: torn });
      await (await start(layout.disk)).close();
    }

    const names = await layout.disk.list(directory);
    const broken = names.filter((name) => name.endsWith(".broken"));
    expect(broken).toHaveLength(8);
    expect(layout.disk.peek(`${directory}/${broken.at(-1)}`)).toEqual(torn);
    expect(layout.disk.peek(last.path).slice(last.at)).toEqual(new Uint8Array(4096 - last.at));
  });

  test("has zeroed the place of a torn first write durably before anything rests on it", async () => {
    const disk = new MemoryDisk();
    const log = await start(disk);
    await append(log, [inTerm(1), members(1, [self])]);
    for (let index = 2; (await layoutOf(disk)).segments.length < 2; index += 1) {
      await append(log, [command(index, { term: 1, bytes: 700 })]);
    }
    await log.close();
    const layout = await layoutOf(disk);
    zeroed(layout, at(layout.segments, 1), 0);

    await start(disk);
    disk.crash({ keep: "nothing" });

    expect(disk.peek(at(layout.segments, 1))).toEqual(new Uint8Array(4096));
  });

  test("drops a torn write on a full disk too", async () => {
    const layout = await aLog();
    const last = at(layout.batches, -1);
    zeroed(layout, last.path, last.at + 1024);
    layout.disk.limit({ capacityBytes: 0 });

    const log = await start(layout.disk);

    expect(log.recovered.entries.at(-1)?.index).toBe(9);
    expect(log.isNearlyFull()).toBe(true);
  });

  test("finds a log that was truncated below a dropped segment", async () => {
    const disk = new MemoryDisk();
    const log = await start(disk);
    await append(log, [inTerm(1), members(1, [self])]);
    for (let index = 2; index < 12; index += 1) {
      await append(log, [command(index, { term: 1, bytes: 700 })]);
    }
    const rewritten = Array.from({ length: 10 }, (_, at) => command(at + 4, { term: 2 }));
    await append(log, [inTerm(2), cut(4), ...rewritten]);
    await append(log, [mark(13, { term: 2 })], 13);
    await log.dropPrefix({ through: logIndex(11) });
    expect((await layoutOf(disk)).segments.length).toBeLessThan(3);

    const again = await start(disk);

    expect(again.recovered.base).toEqual({ index: 3, term: 1 });
    expect(again.recovered.entries.map((entry) => entry.index)).toEqual(
      Array.from({ length: 10 }, (_, index) => index + 4),
    );
  });
});
