import { describe, expect, test } from "vitest";
import { dice } from "../../test/storage/crash-points.ts";
import {
  append,
  command,
  inTerm,
  mark,
  members,
  other,
  self,
} from "../../test/storage/situations.ts";
import { nodeId } from "../core/ids.ts";
import {
  bindIdentity,
  groupFolders,
  type NodeRecord,
  noteLog,
  readIdentity,
  startIdentity,
} from "./data-folder.ts";
import type { ProcessFacts } from "./folder-lock.ts";
import { inspectFolder } from "./inspect.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { recoverAcceptTailLoss, recoverRejoin } from "./recover.ts";
import { FilesystemPersister } from "./snapshot/filesystem-persister.ts";
import { snapshotChunks } from "./snapshot/snapshot-stream.ts";
import type { LogStorage } from "./storage.ts";
import { openLogStorage } from "./wal/open-log-storage.ts";

const directory = "/data";
const clusterId = "c".repeat(32);
const process: ProcessFacts = {
  pid: 7,
  startTimeOf: async (pid) => (pid === 7 ? "now" : undefined),
};
/** The next process, to which that one is dead. */
const later: ProcessFacts = {
  pid: 8,
  startTimeOf: async (pid) => (pid === 8 ? "later" : undefined),
};
const { wal, snapshots } = groupFolders({ directory, group: 0 });
const newNodeId = nodeId("e".repeat(32));
const limits = { segmentBytes: 4096, reserveBytes: 0 };

async function start(disk: MemoryDisk): Promise<{ log: LogStorage; record: NodeRecord }> {
  let record = await startIdentity({ disk, directory, newNodeId: () => self });
  record = await bindIdentity({ disk, directory, record, clusterId });
  const identity = { clusterId, nodeId: record.nodeId, group: 0 };
  const expectation = record.hasLog ? ("existing" as const) : ("any" as const);
  const { incarnation } = record;
  const parts = { disk, directory: wal, identity, incarnation, limits, expect: expectation };
  const log = await openLogStorage(parts);
  record = await noteLog({ disk, directory, record });
  return { log, record };
}

async function aFolder(voters = [self]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { log } = await start(disk);
  await append(log, [inTerm(1), members(1, voters)]);
  for (let index = 2; index <= 12; index += 1) {
    await append(log, [command(index, { term: 1, bytes: 600 })], index - 1);
  }
  await log.close();
  return disk;
}

/** Damages the batch that holds entry 6, in the second segment. */
function rot(disk: MemoryDisk): void {
  disk.flipBit({ path: `${wal}/0000000002.wal`, at: 512 + 1024 + 300, bit: 2 });
}

const noSync = { before: (): Promise<void> => Promise.reject(new Error("no power")) };

async function linesOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("recover --accept-tail-loss", () => {
  test("cuts the log of a group of one at the damage, and the node starts", async () => {
    const disk = await aFolder();
    rot(disk);
    await expect(start(disk)).rejects.toThrow(/--accept-tail-loss$/);

    const report = await recoverAcceptTailLoss({ disk, directory, process });

    expect(report.lines.join("\n")).toMatch(/keeps everything up to entry 4/);
    expect(report.lines.join("\n")).toMatch(
      /Lost is what came after it: at least \d+ whole batches/,
    );
    const { log } = await start(disk);
    expect(log.recovered.entries.map((entry) => entry.index)).toEqual([1, 2, 3, 4]);
    await append(log, [command(5, { term: 1 })]);
    expect(await disk.list(`${directory}/set-aside-1`)).toContain("0000000002.wal");
    expect(await disk.list(directory)).not.toContain("lock");
  });

  test("repairs a missing segment by giving up what came after it", async () => {
    const disk = await aFolder();
    await disk.remove(`${wal}/0000000002.wal`);

    await recoverAcceptTailLoss({ disk, directory, process });

    const { log } = await start(disk);
    expect(log.recovered.entries.map((entry) => entry.index)).toEqual([1, 2, 3]);
  });

  test("after a crash at any step it can be run again, or the node starts", async () => {
    const disk = await aFolder();
    rot(disk);
    const roll = dice(3);
    const left: MemoryDisk[] = [];
    disk.watch({
      before: ({ kind }) => {
        if (kind !== "read") left.push(disk.afterCrash({ keep: () => roll() < 0.5 }));
        return undefined;
      },
    });
    await recoverAcceptTailLoss({ disk, directory, process });

    for (const each of left) {
      await recoverAcceptTailLoss({ disk: each, directory, process: later }).catch(
        (error: unknown) => {
          expect(String(error)).toMatch(/The log is not damaged/);
        },
      );
      const { log } = await start(each);
      expect(log.recovered.entries.map((entry) => entry.index)).toEqual([1, 2, 3, 4]);
    }
  });

  test.each([
    [
      "a log that is not damaged",
      [self],
      () => undefined,
      /The log is not damaged: there is nothing to cut/,
    ],
    [
      "one of several voters",
      [self, other],
      rot,
      /only for a node that is its cluster's only voter.*--rejoin/,
    ],
    [
      "a node that is not the voter",
      [other],
      rot,
      /only for a node that is its cluster's only voter/,
    ],
    [
      "a log without its beginning",
      [self],
      (disk: MemoryDisk) => disk.flipBit({ path: `${wal}/0000000001.wal`, at: 20, bit: 1 }),
      /only for a node that is|Nothing in/,
    ],
  ])("refuses %s", async (_what, voters, damage, message) => {
    const disk = await aFolder(voters);
    damage(disk);
    const before = await disk.list(wal);

    await expect(recoverAcceptTailLoss({ disk, directory, process })).rejects.toMatchObject({
      name: "RecoveryRefusedError",
      message: expect.stringMatching(message),
    });

    expect(await disk.list(wal)).toEqual(before);
    expect(await disk.list(directory)).not.toContain("lock");
  });

  test("refuses a torn tail: the next start drops it by itself", async () => {
    const disk = await aFolder();
    const { log } = await start(disk);
    disk.watch({ after: ({ kind }) => (kind === "write" ? disk.watch(noSync) : undefined) });
    await expect(append(log, [command(13, { term: 1, bytes: 2000 })])).rejects.toThrow();
    disk.watch({});
    disk.crash({ keep: ({ number }) => number % 2 === 0 });

    await expect(recoverAcceptTailLoss({ disk, directory, process })).rejects.toThrow(
      /The log is not damaged/,
    );
  });
});

describe("recover --rejoin", () => {
  test("sets the data aside and makes the folder a new node without a cluster", async () => {
    const disk = await aFolder([self, other]);
    rot(disk);

    const report = await recoverRejoin({ disk, directory, process, newNodeId });

    expect(report.lines.join("\n")).toContain(
      `rogerctl member remove ${self}, then rogerctl member add`,
    );
    expect(await disk.list(directory)).toEqual(["node.json", "set-aside-1"]);
    expect(await disk.list(`${directory}/set-aside-1/group-0/wal`)).toContain("0000000002.wal");
    const record = await startIdentity({ disk, directory, newNodeId: () => self });
    expect(record).toEqual({ clusterId: null, nodeId: newNodeId, incarnation: 1, hasLog: false });
  });

  test("works where node.json is damaged or gone", async () => {
    for (const way of ["damaged", "gone"]) {
      const disk = await aFolder();
      if (way === "gone") await disk.remove(`${directory}/node.json`);
      else disk.flipBit({ path: `${directory}/node.json`, at: 20, bit: 1 });

      await recoverRejoin({ disk, directory, process, newNodeId });

      expect((await readIdentity({ disk, directory }))?.nodeId).toBe(newNodeId);
    }
  });

  test("never leaves the old id with an empty log, wherever it is interrupted", async () => {
    const disk = await aFolder([self, other]);
    const roll = dice(5);
    const left: MemoryDisk[] = [];
    disk.watch({
      before: ({ kind }) => {
        if (kind === "read") return undefined;
        for (let way = 0; way < 4; way += 1)
          left.push(disk.afterCrash({ keep: () => roll() < 0.5 }));
        return undefined;
      },
    });
    await recoverRejoin({ disk, directory, process, newNodeId });

    for (const each of left) {
      const named = await readIdentity({ disk: each, directory });
      if (named?.nodeId === self) {
        expect(await each.list(wal), "the old id keeps its log").toContain("0000000001.wal");
      }
      const outcome = await start(each).catch((error: unknown) => String(error));
      if (typeof outcome === "string") {
        expect(outcome).toMatch(/a recovery was interrupted.*--rejoin|--rejoin/);
        await recoverRejoin({ disk: each, directory, process: later, newNodeId });
        continue;
      }
      const isOld = outcome.record.nodeId === self;
      expect(outcome.log.recovered.entries.length).toBe(isOld ? 12 : 0);
    }
  });

  test("refuses a folder that holds nothing, and one that is not there", async () => {
    const disk = new MemoryDisk();
    await startIdentity({ disk, directory, newNodeId: () => self });

    await expect(recoverRejoin({ disk, directory, process, newNodeId })).rejects.toThrow(
      /nothing to set aside/,
    );
    await expect(
      recoverRejoin({ disk, directory: "/elsewhere", process, newNodeId }),
    ).rejects.toThrow(/there is no such folder/);
  });

  test("refuses a folder that a living process holds", async () => {
    const disk = await aFolder();
    const file = await disk.create(`${directory}/lock`);
    const owner = JSON.stringify({ pid: 7, startTime: "now" });
    await file.write({ at: 0, buffers: [new TextEncoder().encode(owner)] });

    for (const attempt of [
      recoverRejoin({ disk, directory, process, newNodeId }),
      recoverAcceptTailLoss({ disk, directory, process }),
      linesOf(inspectFolder({ disk, directory, process })),
    ]) {
      await expect(attempt).rejects.toMatchObject({ name: "FolderTakenError" });
    }
  });
});

async function* content(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
}

describe("inspect", () => {
  test("tells a folder in words", async () => {
    const disk = new MemoryDisk();
    const { log } = await start(disk);
    await append(log, [inTerm(1), members(1, [self])]);
    await append(log, [command(2, { term: 1 }), mark(1, { term: 1 })], 1);
    await log.close();
    const persister = new FilesystemPersister({ disk, directory: snapshots });
    const identity = { clusterId, nodeId: self, group: 0 };
    await persister.init(identity);
    const record = mark(1, { term: 1 });
    if (record.kind !== "snapshot-mark") throw new Error("it is a mark");
    const meta = record.mark.snapshot;
    const name = { term: meta.term, index: meta.index, hash: meta.hash };
    await persister.store(name, snapshotChunks({ meta, identity, content: content() }));

    const hash = "5a".repeat(32);
    expect(await linesOf(inspectFolder({ disk, directory, process }))).toEqual([
      `node.json: node ${self} of cluster ${clusterId}, start 1`,
      "segment /data/group-0/wal/0000000001.wal: 4096 bytes, after entry 0 of term 0",
      `  written by start 1 of node ${self} of cluster ${clusterId}; term 0, no vote`,
      "  batch 1 at byte 512: 392 bytes, durable through batch 0, committed through 0",
      `    term 1, vote for ${self}`,
      `    entry 1 of term 1: configuration, voters ${self}`,
      "  batch 2 at byte 1024: 512 bytes, durable through batch 1, committed through 1",
      "    entry 2 of term 1: command, 20 bytes",
      `    snapshot ${hash} holds the state up to entry 1 of term 1; the log stays`,
      "segment /data/group-0/wal/0000000002.wal: 4096 bytes, made ahead, not used yet",
      `state at the end: term 1, vote for ${self}; log after 0 up to 2 of term 1; committed through at least 1`,
      `a start loads snapshot ${hash} at entry 1 of term 1`,
      `snapshot ${hash} at entry 1 of term 1: whole, 10 bytes of content`,
    ]);
  });

  test("says where the damage is, and goes on to the snapshots", async () => {
    const disk = await aFolder();
    rot(disk);

    const lines = await linesOf(inspectFolder({ disk, directory, process }));

    expect(lines).toContain(
      `DAMAGE in ${wal}/0000000002.wal at byte 1536, log index 5: the first sector of a batch is neither old nor new`,
    );
    expect(lines.at(-1)).toBe("snapshots: there are none");
    expect(await disk.list(directory)).not.toContain("lock");
  });

  test("makes nothing where there is nothing", async () => {
    const disk = new MemoryDisk();

    expect(await linesOf(inspectFolder({ disk, directory: "/none", process }))).toEqual([
      "/none: there is no such folder",
    ]);
    expect(await disk.list("/")).toEqual([]);
  });
});
