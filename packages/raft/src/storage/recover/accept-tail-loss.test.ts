import { describe, expect, test } from "vitest";
import { dice } from "../../../test/storage/crash-points.ts";
import {
  aFolder,
  clusterId,
  dataFolder as directory,
  holdsOldLog,
  later,
  process,
  rot,
  snapshots,
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
import { logIndex, term } from "../../core/ids.ts";
import type { SnapshotMeta } from "../../core/message.ts";
import { writeForgottenNote } from "../forgotten-note.ts";
import type { MemoryDisk } from "../memory-disk.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { snapshotChunks } from "../snapshot/snapshot-stream.ts";
import { foreseeTailLoss, recoverAcceptTailLoss } from "./accept-tail-loss.ts";
import { foreseeNewCluster } from "./force-new-cluster.ts";
import { RecoveryRefusedError } from "./offline-folder.ts";

const noSync = { before: (): Promise<void> => Promise.reject(new Error("no power")) };
const newClusterId = "9".repeat(32);
const firstCommand = Uint8Array.of(1, 2, 3);
const onlySelf = membersOf([self]);

function accepted(disk: MemoryDisk, by = process): ReturnType<typeof recoverAcceptTailLoss> {
  return recoverAcceptTailLoss({ disk, directory, process: by, newClusterId, firstCommand });
}

describe("recover --accept-tail-loss", () => {
  test("refuses a log that has lost what was acknowledged though it reads: others have that", async () => {
    const disk = await aFolder([self, other]);
    const forgotten = { term: term(1), acknowledged: logIndex(14), lastIndex: logIndex(12) };
    await writeForgottenNote({ disk, directory: wal, forgotten });

    await expect(foreseeTailLoss({ disk, directory, process })).rejects.toThrow(
      /through 14 .* ends with 12: .* run: rogerd recover \/data --rejoin$/,
    );
  });

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

  describe("where the snapshot that the log names can't be read", () => {
    const identity = { clusterId, nodeId: self, group: 0 };
    const metaAt = (index: number, hash: string): SnapshotMeta => ({
      ...{ index: logIndex(index), term: term(1), hash: hash.repeat(32), configuration: onlySelf },
    });
    const [older, newer] = [metaAt(5, "5a"), metaAt(9, "9b")];

    async function* content(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(300_000).fill(7);
    }

    /** Snapshots at 5 and at 9, entries up to 12; the newer snapshot is damaged. */
    async function withSnapshots(voters = [self]): Promise<MemoryDisk> {
      const disk = await aFolder(voters);
      const persister = new FilesystemPersister({ disk, directory: snapshots });
      await persister.init(identity);
      const { log } = await start(disk);
      for (const snapshot of [older, newer]) {
        const chunks = snapshotChunks({ meta: snapshot, identity, content: content() });
        await persister.store(snapshotName(snapshot), chunks);
        await append(log, [{ kind: "snapshot-mark", mark: { snapshot, log: "keep" } }], 11);
      }
      await log.close();
      damage(disk, await fileOf(disk, newer));
      return disk;
    }

    async function fileOf(disk: MemoryDisk, meta: SnapshotMeta): Promise<string> {
      const names = await disk.list(snapshots);
      return `${snapshots}/${names.find((name) => name.includes(meta.hash))}`;
    }

    function damage(disk: MemoryDisk, path: string): void {
      disk.flipBit({ path, at: 200_000, bit: 3 });
    }

    test("what it held is made from the older one and the log after it: nothing is lost", async () => {
      const disk = await withSnapshots();

      const { lines } = await foreseeTailLoss({ disk, directory, process });
      await accepted(disk);

      expect(lines).toEqual([
        expect.stringMatching(
          /goes on from snapshot (9b)+ at entry 9, and that can't be read: .*damaged/,
        ),
        `What it held is made from snapshot ${older.hash} at entry 5 and the log after that.`,
        "The log is whole: nothing is lost, everything up to entry 12 is kept.",
      ]);
      const { log, record } = await start(disk);
      expect(record.clusterId).toBe(newClusterId);
      expect(log.recovered.snapshot).toEqual(older);
      expect(log.recovered.entries.map(({ index }) => index)).toEqual([
        6, 7, 8, 9, 10, 11, 12, 13, 14,
      ]);
      const stored = new FilesystemPersister({ disk, directory: snapshots });
      expect(await stored.list()).toEqual([snapshotName(older)]);
      expect(await holdsOldLog(disk)).toBe(true);
    });

    test("and no older one can, it is made from the whole log, if that is there", async () => {
      const disk = await withSnapshots();
      damage(disk, await fileOf(disk, older));

      const { lines } = await accepted(disk);

      expect(lines.join("\n")).toMatch(/The log holds every entry from the first one on/);
      const { log } = await start(disk);
      expect(log.recovered.snapshot).toBeUndefined();
      expect(log.recovered.entries.map(({ index }) => index)).toEqual(
        Array.from({ length: 14 }, (_, at) => at + 1),
      );
    });

    test("and neither is there, it is refused: only a backup helps", async () => {
      const disk = await withSnapshots();
      const { log } = await start(disk);
      await log.dropPrefix({ through: logIndex(5) });
      await log.close();
      expect((await disk.list(wal)).includes("0000000001.wal")).toBe(false);
      await disk.remove(await fileOf(disk, older));

      const refusal: unknown = await accepted(disk).catch((error: unknown) => error);

      expect(refusal).toBeInstanceOf(RecoveryRefusedError);
      expect(String(refusal)).toMatch(
        /no older snapshot.*restore a backup.*recover \/data --rejoin$/,
      );
    });

    test("one of several voters is sent to the others, a sole one of force-new-cluster here", async () => {
      const several = await withSnapshots([self, other]);
      const sole = await withSnapshots();
      const forced = { disk: sole, directory, process };

      await expect(accepted(several)).rejects.toThrow(
        /only for a node that is its cluster's only voter.*can't be read.*--rejoin$/,
      );
      await expect(foreseeNewCluster(forced)).rejects.toThrow(
        /only voter of its cluster.*can't be read.*recover \/data --accept-tail-loss$/,
      );
    });
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
