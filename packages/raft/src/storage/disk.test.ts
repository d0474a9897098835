import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { aTemporaryFolder } from "../../test/storage/situations.ts";
import { DiskError } from "./disk.ts";
import { diskContract } from "./disk-contract.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { NodeDisk } from "./node-disk.ts";

diskContract(
  { describe, test },
  {
    name: "memory",
    open: async () => {
      const disk = new MemoryDisk();
      await disk.makeDirectory("/a/b");
      return { disk, directory: "/a/b" };
    },
  },
);

diskContract(
  { describe, test },
  {
    name: "node",
    open: async () => ({ disk: new NodeDisk(), directory: await aTemporaryFolder() }),
  },
);

describe("a folder of the node's disk", () => {
  test("that the system does not let be made is told at once", async () => {
    const disk = new NodeDisk();

    await expect(disk.makeDirectory("/proc/rogerd/data")).rejects.toBeInstanceOf(DiskError);
  });

  test("is not made under a file, or in the place of one", async () => {
    const disk = new NodeDisk();
    const file = `${await aTemporaryFolder()}/file`;
    await writeFile(file, "");

    await expect(disk.makeDirectory(file)).rejects.toMatchObject({ code: "exists" });
    await expect(disk.makeDirectory(`${file}/a/b`)).rejects.toMatchObject({ code: "not-found" });
  });

  test("is made once, by however many at once", async () => {
    const disk = new NodeDisk();
    const folder = `${await aTemporaryFolder()}/a/b/c`;

    await Promise.all([1, 2, 3, 4].map(() => disk.makeDirectory(folder)));

    expect(await disk.list(folder)).toEqual([]);
  });
});
