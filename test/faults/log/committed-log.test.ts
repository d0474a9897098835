import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  EMPTY_CONFIGURATION,
  type Entry,
  groupFolders,
  incarnation,
  type LogStorage,
  logIndex,
  NodeDisk,
  nodeId,
  openLogStorage,
  term,
  type WalRecord,
  writeIdentity,
} from "@rogerd/raft";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LogLine } from "../history/history-line.ts";
import { committedLog } from "./committed-log.ts";
import { KeptLogs } from "./kept-logs.ts";

const clusterId = "c".repeat(32);
const disk = new NodeDisk();
let folder = "";
let kept: KeptLogs;

const cluster = {
  names: ["n1", "n2", "n3"],
  diskOf: (node: string) => join(folder, node),
  dataDirectory: (node: string) => join(folder, node, "data"),
};

const walOf = (node: string): string =>
  groupFolders({ directory: cluster.dataDirectory(node), group: 0 }).wal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rogerd-kept-"));
  kept = new KeptLogs({ cluster, power: undefined });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The node of this digit, in its place, with a log that it appends to. */
async function starts(node: string, digit: string): Promise<LogStorage> {
  const identity = { clusterId, nodeId: nodeId(digit.repeat(32)), group: 0 };
  const record = { ...identity, incarnation: incarnation(1), hasLog: true };
  await writeIdentity({ disk, directory: cluster.dataDirectory(node), record });
  return openLogStorage({
    ...{ disk, directory: walOf(node), identity, incarnation: incarnation(1) },
    limits: { segmentBytes: 8_192, reserveBytes: 0 },
  });
}

const noop = (index: number, of: number): WalRecord => {
  const entry: Entry = { index: logIndex(index), term: term(of), kind: "noop" };
  return { kind: "entry", entry };
};
const inTerm = (of: number): WalRecord => ({
  kind: "hard-state",
  hardState: { term: term(of), votedFor: undefined },
});
const mark = (index: number, of: number, log: "keep" | "discard"): WalRecord => {
  const snapshot = { index: logIndex(index), term: term(of), hash: "5a".repeat(32) };
  const configuration = EMPTY_CONFIGURATION;
  return { kind: "snapshot-mark", mark: { snapshot: { ...snapshot, configuration }, log } };
};

/** A batch each; all before the last one is known as committed. */
async function appends(log: LogStorage, ...records: readonly WalRecord[]): Promise<void> {
  for (const record of records) await log.append({ records: [record], commitIndex: logIndex(0) });
}

async function knowsCommitted(log: LogStorage, through: number, of: number): Promise<void> {
  await log.append({ records: [inTerm(of)], commitIndex: logIndex(through) });
}

async function read(states: Readonly<Record<string, number>>): Promise<LogLine> {
  await kept.end();
  const said = Object.entries(states).map(([node, index]) => [node, { index, hash: "" }] as const);
  const lines = await committedLog({ kept, states: new Map(said), partitions: [], at: 1 });
  const [line] = lines;
  if (line?.kind !== "log") throw new Error("the first line is of the log");
  return line;
}

test("what a node drops, and what a snapshot replaces, is kept", async () => {
  const log = await starts("n1", "1");
  await appends(log, inTerm(1));
  for (let index = 1; index <= 60; index += 1) {
    await appends(log, noop(index, 1));
    await kept.look();
  }
  await appends(log, mark(50, 1, "keep"));
  for (let index = 61; index <= 90; index += 1) await appends(log, noop(index, 1));
  await kept.look();
  await log.dropPrefix({ through: logIndex(50) });
  expect(await readdir(walOf("n1"))).not.toContain("0000000001.wal");
  await appends(log, noop(91, 1), mark(200, 1, "discard"), noop(201, 1));
  await log.close();
  const other = await starts("n2", "2");
  await appends(other, inTerm(1), mark(90, 1, "discard"));
  for (let index = 91; index <= 201; index += 1) await appends(other, noop(index, 1));
  await other.close();

  const line = await read({ n1: 201, n2: 201 });

  // Of 51 to 90 only n1 knew, and not that they were committed.
  expect(line).toMatchObject({ through: 50, lives: 2, entries: 203, damaged: [] });
  expect(line.unread).toEqual(["entries 51 to 90 are committed, and in no log that was kept"]);
});

test("a folder that is emptied and used again has two lives: both logs count", async () => {
  const log = await starts("n1", "1");
  await appends(log, inTerm(1), noop(1, 1), noop(2, 1), noop(3, 1));
  await knowsCommitted(log, 2, 1);
  await log.close();
  await kept.look();
  await rm(cluster.dataDirectory("n1"), { recursive: true });
  await kept.look();
  const again = await starts("n1", "2");
  await appends(again, inTerm(2), mark(2, 1, "discard"), noop(3, 2), noop(4, 2));
  await again.close();

  const line = await read({ n1: 4 });

  // Its third entry of term 1 was never committed.
  expect(line).toMatchObject({ through: 4, lives: 2, entries: 5, disagreements: [], unread: [] });
  expect(kept.lives.map((life) => kept.isNewest(life))).toEqual([false, true]);
});

test("what is taken back was never committed, whoever has it", async () => {
  const log = await starts("n1", "1");
  await appends(log, inTerm(1), noop(1, 1), noop(2, 1), noop(3, 1), inTerm(2));
  await appends(log, { kind: "truncate", from: logIndex(2) }, noop(2, 2));
  await log.close();
  const other = await starts("n2", "2");
  await appends(other, inTerm(2), noop(1, 1), noop(2, 2));
  await other.close();

  expect(await read({ n1: 2, n2: 2 })).toMatchObject({ through: 2, disagreements: [] });
});

test("nodes that committed different entries are found", async () => {
  for (const [node, digit, of] of [
    ["n1", "1", 1],
    ["n2", "2", 2],
  ] as const) {
    const log = await starts(node, digit);
    await appends(log, inTerm(of), noop(1, of));
    await log.close();
  }

  const { disagreements, through } = await read({ n1: 1, n2: 1 });

  expect(disagreements.map(({ property }) => property)).toEqual([
    "two entries are committed at one index (V5)",
  ]);
  expect(through).toBe(0);
});

test("what comes before damage counts, and the damage is told", async () => {
  const log = await starts("n1", "1");
  await appends(log, inTerm(1), noop(1, 1), noop(2, 1));
  await knowsCommitted(log, 1, 1);
  await appends(log, noop(3, 1));
  await log.close();
  const segment = await open(join(walOf("n1"), "0000000001.wal"), "r+");
  // The header, four batches, and into the fifth: a sector each.
  await segment.write(Buffer.from([255]), 0, 1, 5 * 512 + 40);
  await segment.close();

  const line = await read({ n1: 3 });

  expect(line).toMatchObject({ through: 1, damaged: [{ node: "n1", isThere: true }] });
  expect(line.damaged[0]?.says).toMatch(/^the log of n1 \(1+\) can be read up to entry 2: /);
  expect(line.unread).toEqual(["entries 2 to 3 are committed, and in no log that was kept"]);
});

test("a node that can't be looked at is told of", async () => {
  const log = await starts("n1", "1");
  await appends(log, inTerm(1), noop(1, 1));
  await log.close();
  await (await open(join(cluster.dataDirectory("n1"), "node.json"), "w")).close();

  const { unread } = await read({});

  expect(unread).toEqual([expect.stringMatching(/^the log of n1 could not be kept: .*damaged/)]);
});

test("a segment that is made again under its name is kept as it is then", async () => {
  const log = await starts("n1", "1");
  await kept.look();
  await rm(join(walOf("n1"), "0000000001.wal"));
  await log.close();
  const again = await starts("n1", "1");
  await appends(again, inTerm(1), noop(1, 1));
  await again.close();

  expect(await read({ n1: 1 })).toMatchObject({ through: 1, entries: 1, damaged: [] });
});
