import { describe, expect, test } from "vitest";
import { dice } from "../../../test/storage/crash-points.ts";
import {
  aFolder,
  dataFolder as directory,
  later,
  process,
  rot,
  start,
  wal,
} from "../../../test/storage/offline-folders.ts";
import { append, command, other, self } from "../../../test/storage/situations.ts";
import type { MemoryDisk } from "../memory-disk.ts";
import { recoverAcceptTailLoss } from "./accept-tail-loss.ts";
import { RecoveryRefusedError } from "./offline-folder.ts";

const noSync = { before: (): Promise<void> => Promise.reject(new Error("no power")) };

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
      /^NothingToRecoverError: The log is not damaged: there is nothing to cut/,
    ],
    [
      "one of several voters",
      [self, other],
      rot,
      /^RecoveryRefusedError: .*only for a node that is its cluster's only voter.*--rejoin/,
    ],
    [
      "a node that is not the voter",
      [other],
      rot,
      /only for a node that is its cluster's only voter.*The other nodes have it; run: rogerd recover \/data --rejoin$/,
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

    const refusal: unknown = await recoverAcceptTailLoss({ disk, directory, process }).catch(
      (error: unknown) => error,
    );

    expect(refusal).toBeInstanceOf(RecoveryRefusedError);
    expect(String(refusal)).toMatch(message);

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
