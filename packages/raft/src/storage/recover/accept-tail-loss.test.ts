import { describe, expect, test } from "vitest";
import { dice } from "../../../test/storage/crash-points.ts";
import {
  aFolder,
  dataFolder as directory,
  holdsOldLog,
  later,
  process,
  rot,
  start,
  wal,
} from "../../../test/storage/offline-folders.ts";
import {
  append,
  command,
  members,
  membersOf,
  other,
  self,
} from "../../../test/storage/situations.ts";
import type { MemoryDisk } from "../memory-disk.ts";
import { foreseeTailLoss, recoverAcceptTailLoss } from "./accept-tail-loss.ts";
import { RecoveryRefusedError } from "./offline-folder.ts";

const noSync = { before: (): Promise<void> => Promise.reject(new Error("no power")) };
const newClusterId = "9".repeat(32);
const firstCommand = Uint8Array.of(1, 2, 3);
const onlySelf = membersOf([self]);

function accepted(disk: MemoryDisk, by = process): ReturnType<typeof recoverAcceptTailLoss> {
  return recoverAcceptTailLoss({ disk, directory, process: by, newClusterId, firstCommand });
}

describe("recover --accept-tail-loss", () => {
  test("begins a new cluster of one with what comes before the damage, and the node starts", async () => {
    const disk = await aFolder();
    rot(disk);
    await expect(start(disk)).rejects.toThrow(/--accept-tail-loss$/);

    const report = await accepted(disk);

    expect(report.lines.join("\n")).toMatch(/Everything up to entry 4 is kept/);
    expect(report.lines.join("\n")).toMatch(
      /Lost is what came after it: at least \d+ whole batches/,
    );
    const { log, record } = await start(disk);
    expect(record).toMatchObject({ clusterId: newClusterId, nodeId: self });
    expect(log.recovered.hardState).toEqual({ term: 2, votedFor: self });
    const { entries } = log.recovered;
    expect(entries.map(({ index, term, kind }) => `${index}@${term} ${kind}`)).toEqual([
      "1@1 configuration",
      ...[2, 3, 4].map((index) => `${index}@1 command`),
      "5@2 configuration",
      "6@2 command",
    ]);
    const [configured, commanded] = entries.slice(-2);
    expect(configured?.kind === "configuration" && configured.configuration).toEqual(onlySelf);
    expect(commanded?.kind === "command" && [...commanded.payload]).toEqual([1, 2, 3]);
    expect(await holdsOldLog(disk)).toBe(true);
    expect(await disk.list(directory)).not.toContain("lock");
  });

  test("repairs a missing segment by giving up what came after it", async () => {
    const disk = await aFolder();
    await disk.remove(`${wal}/0000000002.wal`);

    await accepted(disk);

    const { log } = await start(disk);
    expect(log.recovered.entries.map((entry) => entry.index)).toEqual([1, 2, 3, 4, 5]);
  });

  test("says what would be lost, and refuses, without changing anything", async () => {
    const disk = await aFolder();
    await expect(foreseeTailLoss({ disk, directory, process })).rejects.toThrow(/not damaged/);
    rot(disk);
    const before = await disk.list(directory);

    const { lines } = await foreseeTailLoss({ disk, directory, process });

    expect(lines.join("\n")).toMatch(/up to entry 4 is kept.*\n.*at least \d+ whole batches/);
    expect(await disk.list(directory)).toEqual(before);
    await expect(start(disk)).rejects.toThrow(/--accept-tail-loss$/);
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
    await accepted(disk);

    for (const each of left) {
      await accepted(each, later).catch((error: unknown) => {
        expect(String(error)).toMatch(/The log is not damaged/);
      });
      const { log } = await start(each);
      expect(log.recovered.entries.map((entry) => entry.index)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await holdsOldLog(each)).toBe(true);
    }
  });

  test("is refused where votes were given to others behind the damage: they have it (V1)", async () => {
    const disk = await aFolder();
    const { log } = await start(disk);
    await append(log, [members(13, [self, other])], 12);
    await log.close();
    rot(disk);

    await expect(start(disk)).rejects.toThrow(
      /The other nodes have it; run: rogerd recover \/data --rejoin$/,
    );
    await expect(accepted(disk)).rejects.toThrow(
      /only for a node that is its cluster's only voter.*--rejoin$/,
    );
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

    const refusal: unknown = await accepted(disk).catch((error: unknown) => error);

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

    await expect(accepted(disk)).rejects.toThrow(/The log is not damaged/);
  });
});
