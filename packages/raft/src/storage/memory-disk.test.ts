import { describe, expect, test } from "vitest";
import { MemoryDisk } from "./memory-disk.ts";
import type { UnsyncedUnit } from "./memory-tree.ts";

async function aDiskWith(content: Uint8Array): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.makeDirectory("/a");
  await disk.syncDirectory("/");
  const file = await disk.create("/a/f");
  await file.write({ at: 0, buffers: [content] });
  await file.syncData();
  await disk.syncDirectory("/a");
  return disk;
}

const sectors = (...fills: number[]): Uint8Array =>
  Uint8Array.from(fills.flatMap((fill) => Array.from({ length: 512 }, () => fill)));

describe("a power cut on the memory disk", () => {
  test("loses what was not synced, and keeps what was", async () => {
    const disk = await aDiskWith(sectors(1, 1));
    const file = await disk.open("/a/f");
    await file.write({ at: 512, buffers: [sectors(2, 2)] });

    disk.crash({ keep: "nothing" });

    expect(disk.peek("/a/f")).toEqual(sectors(1, 1));
  });

  test("may keep any subset of the sectors of a write", async () => {
    const disk = await aDiskWith(sectors(1, 1, 1));
    const file = await disk.open("/a/f");
    await file.write({ at: 0, buffers: [sectors(2, 2, 2)] });
    const asked: UnsyncedUnit[] = [];

    disk.crash({
      keep: (unit) => {
        asked.push(unit);
        return unit.number === 1;
      },
    });

    expect(disk.peek("/a/f")).toEqual(sectors(1, 2, 1));
    expect(asked.map(({ kind, path, number }) => `${kind} ${path} ${number}`)).toEqual([
      "sector /a/f 0",
      "sector /a/f 1",
      "sector /a/f 2",
    ]);
  });

  test("may grow a file without the bytes that made it grow", async () => {
    const disk = await aDiskWith(sectors(1));
    const file = await disk.open("/a/f");
    await file.write({ at: 512, buffers: [sectors(2)] });

    disk.crash({ keep: ({ kind }) => kind === "file-size" });

    expect(disk.peek("/a/f")).toEqual(sectors(1, 0));
  });

  test("loses files, renames and removals of a folder that was not synced", async () => {
    const disk = await aDiskWith(sectors(1));
    const made = await disk.create("/a/new");
    await made.syncData();
    await disk.rename({ from: "/a/f", to: "/a/g" });

    const lost = disk.afterCrash({ keep: "nothing" });
    await disk.syncDirectory("/a");
    const kept = disk.afterCrash({ keep: "nothing" });

    expect(await lost.list("/a")).toEqual(["f"]);
    expect(await kept.list("/a")).toEqual(["g", "new"]);
  });

  test("keeps or loses a rename as a whole", async () => {
    const disk = await aDiskWith(sectors(1));
    await disk.rename({ from: "/a/f", to: "/a/g" });

    const kept = disk.afterCrash({ keep: ({ kind }) => kind === "folder-change" });

    expect(await kept.list("/a")).toEqual(["g"]);
    expect(kept.peek("/a/g")).toEqual(sectors(1));
  });

  test("makes files that were open useless", async () => {
    const disk = await aDiskWith(sectors(1));
    const file = await disk.open("/a/f");

    disk.crash({ keep: "everything" });

    await expect(file.syncData()).rejects.toThrow(/the power was cut/);
  });

  test("leaves a copy alone, which remembers what was not synced", async () => {
    const disk = await aDiskWith(sectors(1));
    const file = await disk.open("/a/f");
    await file.write({ at: 0, buffers: [sectors(2)] });
    await disk.rename({ from: "/a/f", to: "/a/g" });
    const copy = disk.copy();

    disk.crash({ keep: "nothing" });

    expect(copy.peek("/a/g")).toEqual(sectors(2));
    copy.crash({ keep: "nothing" });
    expect(copy.peek("/a/f")).toEqual(sectors(1));
  });
});

describe("trouble on the memory disk", () => {
  test("a full disk takes what fits and fails", async () => {
    const disk = await aDiskWith(sectors(1));
    disk.limit({ capacityBytes: 1024 });
    const file = await disk.open("/a/f");

    await expect(file.write({ at: 512, buffers: [sectors(2, 2)] })).rejects.toMatchObject({
      code: "no-space",
    });

    expect(await file.size()).toBe(1024);
    expect(await disk.freeBytes("/a")).toBe(0);
    await file.write({ at: 0, buffers: [sectors(3, 3)] });
  });

  test("rot changes what was synced", async () => {
    const disk = await aDiskWith(sectors(1));

    disk.flipBit({ path: "/a/f", at: 3, bit: 7 });
    disk.crash({ keep: "nothing" });

    expect(disk.peek("/a/f")[3]).toBe(129);
  });

  test("an operation that is made to fail has no effect", async () => {
    const disk = await aDiskWith(sectors(1));
    const file = await disk.open("/a/f");
    disk.watch({ before: () => Promise.reject(new Error("not now")) });

    await expect(file.write({ at: 0, buffers: [sectors(2)] })).rejects.toThrow("not now");

    expect(disk.peek("/a/f")).toEqual(sectors(1));
  });
});
