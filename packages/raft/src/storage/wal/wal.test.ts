import { describe, expect, test } from "vitest";
import {
  anEmptyLog,
  append,
  command,
  directory,
  inTerm,
  limits,
  mark,
  openOn,
} from "../../../test/storage/situations.ts";
import { incarnation, logIndex } from "../../core/ids.ts";
import { DiskError } from "../disk.ts";
import { type DiskOperation, MemoryDisk } from "../memory-disk.ts";

/** What is done to the disk, but for reads. */
function recordOperations(disk: MemoryDisk): DiskOperation[] {
  const seen: DiskOperation[] = [];
  disk.watch({
    after: (operation) => {
      if (!["read", "list", "open", "free-bytes"].includes(operation.kind)) seen.push(operation);
    },
  });
  return seen;
}

/** Lets what runs in the background come to its end. */
async function turns(count = 200): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

describe("the log on disk", () => {
  test("makes a batch durable with one write and one sync", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1)]);
    await turns();
    const seen = recordOperations(disk);

    await append(log, [command(1, { term: 1 }), command(2, { term: 1 }), command(3, { term: 1 })]);

    expect(seen.map(({ kind }) => kind)).toEqual(["write", "sync-data"]);
  });

  test("rotates without making a file: seal, then header and batch in one write", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1)]);
    for (let index = 1; index <= 4; index += 1) {
      await append(log, [command(index, { term: 1, bytes: 1300 })]);
    }
    await turns();
    const seen = recordOperations(disk);

    await append(log, [command(5, { term: 1, bytes: 1300 })]);

    const onPath = seen.map(({ kind, path }) => `${kind} ${path.slice(-14)}`);
    expect(onPath.slice(0, 4)).toEqual([
      "write 0000000001.wal",
      "sync-data 0000000001.wal",
      "write 0000000002.wal",
      "sync-data 0000000002.wal",
    ]);
    await turns();
    expect(await disk.list(directory)).toContain("0000000003.wal");
  });

  test("gives a batch that is larger than a segment one of its own", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1), command(1, { term: 1 })]);
    await append(log, [command(2, { term: 1, bytes: 40_000 })]);
    await append(log, [command(3, { term: 1 })]);
    await log.close();

    const again = await openOn(disk);

    expect(again.recovered.entries.map((entry) => entry.index)).toEqual([1, 2, 3]);
    expect(disk.peek(`${directory}/0000000002.wal`).byteLength).toBeGreaterThan(40_000);
    expect(disk.peek(`${directory}/0000000003.wal`).byteLength).toBe(limits.segmentBytes);
  });

  test("takes a first batch that is larger than a segment", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1), command(1, { term: 1, bytes: 40_000 })]);
    await log.close();

    const again = await openOn(disk);

    expect(again.recovered.entries).toHaveLength(1);
  });

  test("writes nothing for a batch without records", async () => {
    const { disk, log } = await anEmptyLog();
    const seen = recordOperations(disk);

    await append(log, [], 0);

    expect(seen).toEqual([]);
  });

  test.each(["write", "sync-data"] as const)(
    "never tries a failed %s again, and takes no batch after it",
    async (kind) => {
      const { disk, log } = await anEmptyLog();
      await append(log, [inTerm(1)]);
      await turns();
      let failures = 0;
      disk.watch({
        before: (operation) => {
          if (operation.kind !== kind) return undefined;
          failures += 1;
          const { path } = operation;
          return Promise.reject(new DiskError({ code: "input-output", path, message: "bad" }));
        },
      });

      await expect(append(log, [command(1, { term: 1 })])).rejects.toThrow("bad");
      disk.watch({});

      await expect(append(log, [command(1, { term: 1 })])).rejects.toThrow(/none after a failure/);
      expect(failures).toBe(1);
      await log.close();
    },
  );

  test("does not resolve while the disk hangs", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1)]);
    disk.watch({
      before: ({ kind }) => (kind === "sync-data" ? new Promise<void>(() => undefined) : undefined),
    });
    let isResolved = false;

    append(log, [command(1, { term: 1 })]).then(
      () => {
        isResolved = true;
      },
      () => undefined,
    );
    await turns();

    expect(isResolved).toBe(false);
  });

  test("takes one batch at a time", async () => {
    const { log } = await anEmptyLog();
    const first = append(log, [inTerm(1)]);

    await expect(append(log, [inTerm(2)])).rejects.toThrow(/one batch is written at a time/);
    await first;
  });

  test("drops whole segments, oldest first, each removal synced before the next", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1)]);
    for (let index = 1; index <= 20; index += 1) {
      await append(log, [command(index, { term: 1, bytes: 1300 })]);
    }
    await append(log, [mark(15, { term: 1 })]);
    await turns();
    const seen = recordOperations(disk);

    await log.dropPrefix({ through: logIndex(11) });

    expect(seen.map(({ kind, path }) => `${kind} ${path.slice(directory.length)}`)).toEqual([
      "remove /0000000001.wal",
      "sync-directory ",
      "remove /0000000002.wal",
      "sync-directory ",
    ]);
  });

  test("keeps the segment that holds the newest mark, though all its entries may go", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1), command(1, { term: 1, bytes: 1300 })]);
    for (let index = 2; index <= 4; index += 1) {
      await append(log, [command(index, { term: 1, bytes: 1300 })]);
    }
    await append(log, [mark(4, { term: 1 })]);
    await append(log, [command(5, { term: 1, bytes: 1300 })]);
    expect(disk.peek(`${directory}/0000000002.wal`).some((byte) => byte !== 0)).toBe(true);

    await log.dropPrefix({ through: logIndex(4) });

    expect((await openOn(disk.copy())).recovered.snapshot?.index).toBe(4);
  });

  test("takes no mark of a snapshot from which the log can't go on", async () => {
    const { log } = await anEmptyLog();
    await append(log, [inTerm(1)]);
    for (let index = 1; index <= 20; index += 1) {
      await append(log, [command(index, { term: 1, bytes: 1300 })]);
    }
    await append(log, [mark(15, { term: 1 })]);
    await log.dropPrefix({ through: logIndex(12) });

    await expect(append(log, [mark(3, { term: 1 })])).rejects.toThrow(/without a gap/);
  });

  test("goes on in a segment that an earlier run began", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1), command(1, { term: 1 })]);
    await log.close();
    const second = await openOn(disk, { incarnation: incarnation(2) });
    await append(second, [command(2, { term: 1 })]);
    await second.close();

    expect(await disk.list(directory)).toEqual(["0000000001.wal", "0000000002.wal", "reserve"]);
    expect((await openOn(disk)).recovered.entries).toHaveLength(2);
  });

  test("keeps what a segment was made with when the settings change", async () => {
    const { disk, log } = await anEmptyLog();
    await append(log, [inTerm(1), command(1, { term: 1 })]);
    await log.close();
    const larger = { segmentBytes: 65_536, reserveBytes: 4096 };
    const second = await openOn(disk, { limits: larger });
    for (let index = 2; index <= 60; index += 1) {
      await append(second, [command(index, { term: 1, bytes: 1300 })]);
    }
    await second.close();

    expect((await openOn(disk)).recovered.entries).toHaveLength(60);
  });
});

describe("a disk that runs full", () => {
  test("is foreseen: nearly full comes before a write fails", async () => {
    const disk = new MemoryDisk();
    disk.limit({ capacityBytes: 12 * limits.segmentBytes });
    const log = await openOn(disk);
    await append(log, [inTerm(1)]);
    let index = 0;
    while (!log.isNearlyFull() && index < 1000) {
      index += 1;
      await append(log, [command(index, { term: 1, bytes: 1300 })]);
      await turns(20);
    }

    expect(index).toBeGreaterThan(10);
    expect(index).toBeLessThan(1000);
    for (let more = 1; more <= 6; more += 1) {
      await append(log, [command(index + more, { term: 1, bytes: 1300 })]);
    }
  });

  test("gives up the reserve to let the log go on, and takes it again when there is room", async () => {
    const disk = new MemoryDisk();
    const tight = { segmentBytes: 8192, reserveBytes: 16_384 };
    const log = await openOn(disk, { limits: tight });
    await append(log, [inTerm(1)]);
    await turns();
    expect(await disk.list(directory)).toContain("reserve");
    disk.limit({ capacityBytes: 2 * 8192 + 16_384 });
    let index = 0;
    while ((await disk.list(directory)).includes("reserve")) {
      index += 1;
      await append(log, [command(index, { term: 1, bytes: 1300 })]);
      await turns();
    }

    expect(log.isNearlyFull()).toBe(true);
    await append(log, [command(index + 1, { term: 1 }), mark(index + 1, { term: 1 })]);

    disk.limit({ capacityBytes: 1_000_000 });
    log.isNearlyFull();
    await turns(400);

    expect(log.isNearlyFull()).toBe(false);
    expect(await disk.list(directory)).toContain("reserve");
  });

  test("ends the log where no room can be made", async () => {
    const disk = new MemoryDisk();
    const log = await openOn(disk);
    await append(log, [inTerm(1)]);
    await turns();
    disk.limit({ capacityBytes: 0 });

    const filling = async (): Promise<void> => {
      for (let index = 1; index < 100; index += 1) {
        await append(log, [command(index, { term: 1, bytes: 1300 })]);
      }
    };

    await expect(filling()).rejects.toMatchObject({ code: "no-space" });
    expect(log.isNearlyFull()).toBe(true);
  });
});
