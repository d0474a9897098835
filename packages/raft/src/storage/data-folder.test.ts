import { describe, expect, test } from "vitest";
import { dice } from "../../test/storage/crash-points.ts";
import { other, self } from "../../test/storage/situations.ts";
import { incarnation } from "../core/ids.ts";
import {
  bindIdentity,
  type NodeRecord,
  noteLog,
  readIdentity,
  startIdentity,
  writeIdentity,
} from "./data-folder.ts";
import { FolderTakenError, lockFolder, type ProcessFacts } from "./folder-lock.ts";
import { type DiskWatcher, MemoryDisk } from "./memory-disk.ts";
import { makeFolder } from "./small-file.ts";
import { makeZeroFile } from "./zero-file.ts";
import { nodeProcessFacts } from "./node-process.ts";
import { readWhole } from "./wal/log-reader.ts";

const directory = "/var/data";
const clusterId = "c".repeat(32);
const newNodeId = (): typeof self => self;

const wal = `${directory}/group-0/wal`;

/** Once started, and full but for so many bytes; it has a reserve. */
async function aFullDisk({ free }: { readonly free: number }): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await startIdentity({ disk, directory, newNodeId });
  await makeFolder(disk, wal);
  await makeZeroFile({ disk, directory: wal, name: "reserve", bytes: 4096 });
  const used = Number.MAX_SAFE_INTEGER - (await disk.freeBytes("/"));
  disk.limit({ capacityBytes: used + free });
  return disk;
}

async function replaceText(disk: MemoryDisk, from: string, to: string): Promise<void> {
  const text = new TextDecoder().decode(await readWhole(disk, `${directory}/node.json`));
  await disk.remove(`${directory}/node.json`);
  const file = await disk.create(`${directory}/node.json`);
  await file.write({ at: 0, buffers: [new TextEncoder().encode(text.replace(from, to))] });
}

describe("node.json", () => {
  test("is made once; each start counts the incarnation up, durably", async () => {
    const disk = new MemoryDisk();
    const starts: NodeRecord[] = [];
    for (let run = 0; run < 3; run += 1) {
      starts.push(await startIdentity({ disk, directory, newNodeId }));
      disk.crash({ keep: "nothing" });
    }

    expect(starts.map((record) => record.incarnation)).toEqual([1, 2, 3]);
    expect(starts.map((record) => record.nodeId)).toEqual([self, self, self]);
    expect(await readIdentity({ disk, directory })).toEqual(starts[2]);
  });

  test("counts up on a full disk: its reserve makes room", async () => {
    const disk = await aFullDisk({ free: 0 });

    const { incarnation: second } = await startIdentity({ disk, directory, newNodeId });

    expect(second).toBe(2);
    expect(await disk.list(wal)).toEqual([]);
    expect(await disk.list(directory)).toEqual(["group-0", "node.json"]);
  });

  test("on a full disk without a reserve says that it is full", async () => {
    const disk = new MemoryDisk();
    await startIdentity({ disk, directory, newNodeId });
    disk.limit({ capacityBytes: 0 });

    await expect(startIdentity({ disk, directory, newNodeId })).rejects.toMatchObject({
      code: "no-space",
    });
  });

  test("binds to a cluster once and for all", async () => {
    const disk = new MemoryDisk();
    const record = await startIdentity({ disk, directory, newNodeId });
    const bound = await bindIdentity({ disk, directory, record, clusterId });
    disk.crash({ keep: "nothing" });

    expect(await readIdentity({ disk, directory })).toEqual({ ...record, clusterId });
    expect(await bindIdentity({ disk, directory, record: bound, clusterId })).toEqual(bound);
    await expect(
      bindIdentity({ disk, directory, record: bound, clusterId: "d".repeat(32) }),
    ).rejects.toMatchObject({ name: "ForeignClusterError" });
  });

  test("remembers that there is a log", async () => {
    const disk = new MemoryDisk();
    const record = await startIdentity({ disk, directory, newNodeId });

    await noteLog({ disk, directory, record });
    disk.crash({ keep: "nothing" });

    expect((await startIdentity({ disk, directory, newNodeId })).hasLog).toBe(true);
  });

  test("is the old one or the new one after a crash at any step of writing it", async () => {
    const disk = new MemoryDisk();
    const roll = dice(1);
    const first = await startIdentity({ disk, directory, newNodeId });
    const left: MemoryDisk[] = [];
    disk.watch({
      before: () => {
        for (let way = 0; way < 6; way += 1)
          left.push(disk.afterCrash({ keep: () => roll() < 0.5 }));
        return undefined;
      },
    });
    await writeIdentity({ disk, directory, record: { ...first, incarnation: incarnation(9) } });

    const found = await Promise.all(left.map((each) => readIdentity({ disk: each, directory })));
    expect(new Set(found.map((record) => record?.incarnation))).toEqual(new Set([1, 9]));
  });

  test.each([
    ["a changed id", `"${self}"`, `"${other}"`],
    ["a changed cluster", "null", `"${clusterId}"`],
    ["a lower incarnation", '"incarnation": 1', '"incarnation": 0'],
    ["no text at all", "{", ""],
  ])("with %s refuses the start", async (_what, from, to) => {
    const disk = new MemoryDisk();
    await startIdentity({ disk, directory, newNodeId });
    await replaceText(disk, from, to);

    await expect(startIdentity({ disk, directory, newNodeId })).rejects.toThrow(
      /node.json is damaged.* Run: rogerd recover \/var\/data --rejoin/,
    );
  });

  test("of a later format refuses the start and says which", async () => {
    const disk = new MemoryDisk();
    await startIdentity({ disk, directory, newNodeId });
    await replaceText(disk, '"format": 1', '"format": 2');

    await expect(startIdentity({ disk, directory, newNodeId })).rejects.toThrow(
      /has format 2, and this rogerd reads formats up to 1. Nothing is lost/,
    );
  });

  test("that is gone beside a log refuses the start: a new id would forget its votes", async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory(`${directory}/group-0/wal`);

    await expect(startIdentity({ disk, directory, newNodeId })).rejects.toThrow(
      /node.json is gone.* rogerd recover \/var\/data --rejoin/,
    );
  });
});

function facts(pid: number, living: Readonly<Record<number, string>>): ProcessFacts {
  return { pid, startTimeOf: async (asked) => living[asked] };
}

/** Now and then one is left behind by all that the others do. */
function straggling(roll: () => number): DiskWatcher {
  return {
    before: async () => {
      const turns = Math.floor(roll() * (roll() < 0.2 ? 300 : 5));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    },
  };
}

describe("the lock of a data folder", () => {
  test("is held by one living process", async () => {
    const disk = new MemoryDisk();
    await lockFolder({ disk, directory, process: facts(1, { 1: "a", 2: "b" }) });

    await expect(
      lockFolder({ disk, directory, process: facts(2, { 1: "a", 2: "b" }) }),
    ).rejects.toThrow(new FolderTakenError("/var/data is in use by process 1"));
  });

  test.each([
    ["of a dead process", { 2: "b" }],
    ["of an earlier process with the same pid", { 1: "later", 2: "b" }],
  ])("%s is replaced", async (_whose, living) => {
    const disk = new MemoryDisk();
    await lockFolder({ disk, directory, process: facts(1, { 1: "a" }) });

    const lock = await lockFolder({ disk, directory, process: facts(2, living) });

    await expect(
      lockFolder({ disk, directory, process: facts(3, { 2: "b", 3: "c" }) }),
    ).rejects.toThrow(/in use by process 2/);
    await lock.release();
    await lockFolder({ disk, directory, process: facts(3, { 2: "b", 3: "c" }) });
  });

  test("is taken on a full disk, too: the reserve makes room, but that of one who lives stays", async () => {
    const disk = await aFullDisk({ free: 40 });
    await lockFolder({ disk, directory, process: facts(1, { 1: "a" }) });

    await expect(
      lockFolder({ disk, directory, process: facts(2, { 1: "a", 2: "b" }) }),
    ).rejects.toThrow(FolderTakenError);
    const whileTaken = [await disk.list(wal), await disk.list(directory)];
    await lockFolder({ disk, directory, process: facts(2, { 2: "b" }) });

    expect(whileTaken).toEqual([["reserve"], ["group-0", "lock", "node.json"]]);
    expect(await disk.list(wal)).toEqual([]);
  });

  test("that a power cut left empty is replaced", async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory(directory);
    await disk.create(`${directory}/lock`);

    const lock = await lockFolder({ disk, directory, process: facts(2, { 2: "b" }) });
    await lock.release();

    expect(await disk.list(directory)).toEqual([]);
  });

  test("goes to exactly one of several that find the same dead owner", async () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const disk = new MemoryDisk();
      await lockFolder({ disk, directory, process: facts(1, { 1: "a" }) });
      disk.watch(straggling(dice(seed)));
      const living = { 2: "b", 3: "c", 4: "d" };
      const outcomes = await Promise.allSettled(
        [2, 3, 4].map((pid) => lockFolder({ disk, directory, process: facts(pid, living) })),
      );

      const holders = outcomes.filter(({ status }) => status === "fulfilled");
      expect(holders.length, `seed ${seed}`).toBe(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(FolderTakenError);
      }
    }
  });

  test("is taken over from one that died while it took it over", async () => {
    for (let steps = 1; steps < 20; steps += 1) {
      const disk = new MemoryDisk();
      await lockFolder({ disk, directory, process: facts(1, { 1: "a" }) });
      let left = steps;
      disk.watch({
        before: () => {
          left -= 1;
          return left < 0 ? Promise.reject(new Error("killed")) : undefined;
        },
      });
      await Promise.allSettled([lockFolder({ disk, directory, process: facts(2, { 2: "b" }) })]);
      disk.watch({});

      const lock = await lockFolder({ disk, directory, process: facts(3, { 3: "c" }) });
      await expect(
        lockFolder({ disk, directory, process: facts(4, { 3: "c", 4: "d" }) }),
      ).rejects.toThrow(/in use by process 3/);
      await lock.release();
      expect(await disk.list(directory), `after ${steps} steps`).toEqual([]);
    }
  });

  test("knows this process, and none with a pid that is free", async () => {
    const process = nodeProcessFacts();
    const own = await process.startTimeOf(process.pid);

    expect(own).toMatch(/./);
    expect(await process.startTimeOf(process.pid)).toBe(own);
    expect(await process.startTimeOf(2 ** 22 + 1)).toBeUndefined();
  });
});
