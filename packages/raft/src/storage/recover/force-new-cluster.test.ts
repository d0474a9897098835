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
  cut,
  inTerm,
  membersOf,
  other,
  self,
  third,
} from "../../../test/storage/situations.ts";
import { logIndex, term } from "../../core/ids.ts";
import { digestHex } from "../checksum.ts";
import { readIdentity, startIdentity } from "../data-folder.ts";
import { writeForgottenNote } from "../forgotten-note.ts";
import { MemoryDisk } from "../memory-disk.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { readSnapshot, snapshotChunks } from "../snapshot/snapshot-stream.ts";
import { foreseeNewCluster, recoverForceNewCluster } from "./force-new-cluster.ts";
import { RecoveryRefusedError } from "./offline-folder.ts";

const newClusterId = "9".repeat(32);
const firstCommand = Uint8Array.of(1, 2, 3);
const voters = [self, other, third];
const onlySelf = { ...membersOf([self]), removed: [other, third] };

const meta = {
  index: logIndex(5),
  term: term(1),
  hash: "5a".repeat(32),
  configuration: membersOf(voters),
};

async function* content(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(300_000).fill(7);
  yield new Uint8Array(5).fill(9);
}

/** One of three: a snapshot at entry 5, entries up to 12 of term 1, the last ones not known to be committed. */
async function aSurvivor(): Promise<MemoryDisk> {
  const disk = await aFolder(voters);
  const persister = new FilesystemPersister({ disk, directory: snapshots });
  const identity = { clusterId, nodeId: self, group: 0 };
  await persister.init(identity);
  await persister.store(snapshotName(meta), snapshotChunks({ meta, identity, content: content() }));
  const { log } = await start(disk);
  await append(log, [{ kind: "snapshot-mark", mark: { snapshot: meta, log: "keep" } }], 11);
  await append(log, [inTerm(4, other)], 11);
  await log.close();
  return disk;
}

function forced(disk: MemoryDisk, by = process): ReturnType<typeof recoverForceNewCluster> {
  return recoverForceNewCluster({ disk, directory, process: by, newClusterId, firstCommand });
}

describe("recover --force-new-cluster", () => {
  test("makes the node the only voter of a new cluster, with all that it had", async () => {
    const disk = await aSurvivor();

    await forced(disk);

    const { log, record } = await start(disk);
    expect(record).toMatchObject({ clusterId: newClusterId, nodeId: self, hasLog: true });
    const { base, entries, hardState, snapshot } = log.recovered;
    expect({ base, hardState, snapshot }).toEqual({
      base: { index: 5, term: 1 },
      hardState: { term: 5, votedFor: self },
      snapshot: meta,
    });
    expect(entries.map((entry) => `${entry.index}@${entry.term} ${entry.kind}`)).toEqual([
      ...[6, 7, 8, 9, 10, 11, 12].map((index) => `${index}@1 command`),
      "13@5 configuration",
      "14@5 command",
    ]);
    const [configured, commanded] = entries.slice(-2);
    expect(configured?.kind === "configuration" && configured.configuration).toEqual(onlySelf);
    expect(commanded?.kind === "command" && [...commanded.payload]).toEqual([1, 2, 3]);
    await append(log, [command(15, { term: 5 })], 14);
  });

  test("gives the snapshot the new cluster's id and keeps its content", async () => {
    const disk = await aSurvivor();

    await forced(disk);

    const persister = new FilesystemPersister({ disk, directory: snapshots });
    const stored = await readSnapshot(persister.load(snapshotName(meta)));
    expect({ of: stored.clusterId, meta: stored.meta }).toEqual({ of: newClusterId, meta });
    const [before, after]: string[][] = [[], []];
    for await (const piece of content()) before?.push(digestHex(piece));
    for await (const piece of stored.content) after?.push(digestHex(piece));
    expect(after).toEqual(before);
  });

  test("a log without a snapshot is kept from its first entry on", async () => {
    const disk = await aFolder(voters);

    await forced(disk);

    const { log } = await start(disk);
    expect(log.recovered.entries.map(({ index }) => Number(index))).toEqual(
      Array.from({ length: 14 }, (_, at) => at + 1),
    );
  });

  test("entries that were truncated do not come back", async () => {
    const disk = await aFolder(voters);
    const { log } = await start(disk);
    await append(log, [inTerm(2), cut(12), command(12, { term: 2, bytes: 3 })], 11);
    await log.close();

    await forced(disk);

    const { entries } = (await start(disk)).log.recovered;
    expect(entries.slice(-3).map((entry) => `${entry.index}@${entry.term}`)).toEqual([
      "12@2",
      "13@3",
      "14@3",
    ]);
  });

  test("says beforehand what may be lost, and changes nothing by saying it", async () => {
    const disk = await aSurvivor();
    const before = await disk.list(directory);

    const { lines } = await foreseeNewCluster({ disk, directory, process });

    expect(lines.slice(0, 3)).toEqual([
      `The log of aa in cluster ${clusterId} ends at entry 12 of term 1; up to entry 11 all is known to be committed.`,
      "Whatever the lost nodes acknowledged after entry 12 is lost for good, and nobody can tell what it was.",
      "Entries 12 to 12 are kept and count from now on, whether they were acknowledged or not.",
    ]);
    expect(await disk.list(directory)).toEqual(before);
    expect((await start(disk)).record.clusterId).toBe(clusterId);
  });

  test("says beforehand that its state differs from that of others, if it knows", async () => {
    const disk = await aSurvivor();
    const file = await disk.create(`${directory}/group-0/diverged.json`);
    await file.close();

    const { lines } = await foreseeNewCluster({ disk, directory, process });

    expect(lines).toContainEqual(expect.stringMatching(/state to differ from that of others/));
  });

  test("says beforehand that its disk has lost what it had acknowledged, and leaves that note behind", async () => {
    const disk = await aSurvivor();
    const forgotten = { term: term(1), acknowledged: logIndex(14), lastIndex: logIndex(12) };
    await writeForgottenNote({ disk, directory: `${directory}/group-0/wal`, forgotten });

    const { lines } = await foreseeNewCluster({ disk, directory, process });
    await forced(disk);

    expect(lines).toContainEqual(expect.stringMatching(/has lost writes that it had acknowledged/));
    expect((await start(disk)).record.clusterId).not.toBe(clusterId);
  });

  test("says what to do next, and sets the old folder aside whole", async () => {
    const disk = await aSurvivor();

    const { lines } = await forced(disk);

    expect(lines.slice(-2)).toEqual([
      "  rogerctl member add bb --peer b --client a",
      "  rogerctl member add dd --peer b --client a",
    ]);
    const aside = `${directory}/set-aside-1`;
    expect(await disk.list(directory)).toEqual(["group-0", "node.json", "set-aside-1"]);
    expect(await disk.list(aside)).toEqual(["node.json", "snapshots", "wal"]);
    expect((await readIdentity({ disk, directory: aside }))?.clusterId).toBe(clusterId);
    expect(await disk.list(`${aside}/wal`)).toContain("0000000001.wal");
  });

  test("a crash at any step leaves the old node or the new one, and the old data", async () => {
    const disk = await aSurvivor();
    const roll = dice(11);
    const left: { readonly disk: MemoryDisk; readonly at: string }[] = [];
    disk.watch({
      before: ({ kind, number, path }) => {
        if (["read", "list", "open"].includes(kind)) return undefined;
        for (const share of [0, 0.5, 0.5, 1]) {
          const after = disk.afterCrash({ keep: () => roll() < share });
          left.push({ disk: after, at: `${number} ${kind} ${path}` });
        }
        return undefined;
      },
    });
    await forced(disk);
    disk.watch({});

    const seen = new Set<string>();
    for (const { at, disk: each } of [...left, { at: "end", disk }]) {
      const { log, record } = await start(each);
      const isNew = record.clusterId === newClusterId;
      seen.add(isNew ? "new" : "old");
      expect(record.nodeId, at).toBe(self);
      expect(log.recovered.snapshot, at).toEqual(meta);
      expect(log.recovered.entries.at(-1)?.index, at).toBe(isNew ? 14 : 12);
      expect(await holdsOldLog(each), at).toBe(true);
      await log.close();
    }
    expect([...seen].toSorted()).toEqual(["new", "old"]);
    expect(left.length).toBeGreaterThan(100);
  });

  test("after a crash at any step it can be run again, under another cluster id", async () => {
    const disk = await aSurvivor();
    const roll = dice(12);
    const left: MemoryDisk[] = [];
    disk.watch({
      before: ({ kind }) => {
        if (["rename", "sync-directory"].includes(kind))
          left.push(disk.afterCrash({ keep: () => roll() < 0.5 }));
        return undefined;
      },
    });
    await forced(disk);

    const again = "8".repeat(32);
    for (const each of left) {
      const folder = { disk: each, directory, process: later, newClusterId: again, firstCommand };
      const refusal = await recoverForceNewCluster(folder).then(
        () => "",
        (error: unknown) => String(error),
      );
      const { log, record } = await start(each);
      expect(record.clusterId).toBe(refusal === "" ? again : newClusterId);
      if (refusal !== "") expect(refusal).toMatch(/is the only voter of its cluster already/);
      expect(log.recovered.entries.at(-1)?.index).toBe(14);
      const names = await each.list(directory);
      expect(names.filter((name) => name.startsWith("group-0"))).toEqual(["group-0"]);
      await log.close();
    }
    expect(left.length).toBeGreaterThan(20);
  });
});

describe("recover --force-new-cluster refuses", () => {
  const cases: readonly (readonly [string, () => Promise<MemoryDisk>, RegExp])[] = [
    [
      "a folder without a cluster",
      async () => {
        const disk = new MemoryDisk();
        await startIdentity({ disk, directory, newNodeId: () => self });
        return disk;
      },
      /^NothingToRecoverError: .*belongs to no cluster: it holds no state/,
    ],
    [
      "a log without a configuration",
      async () => {
        const disk = new MemoryDisk();
        const { log } = await start(disk);
        await append(log, [inTerm(1)]);
        await log.close();
        return disk;
      },
      /names no member of a cluster: it holds no state/,
    ],
    [
      "a missing log",
      async () => {
        const disk = await aFolder(voters);
        for (const name of await disk.list(wal)) await disk.remove(`${wal}/${name}`);
        return disk;
      },
      /names no member of a cluster: it holds no state/,
    ],
    [
      "the only voter of its cluster",
      () => aFolder([self]),
      /^NothingToRecoverError: .*is the only voter.*already.*Start it/,
    ],
    ["a node that was removed", () => aFolder([other, third]), /was removed from its cluster/],
    [
      "damage, and names the command for that",
      async () => {
        const disk = await aFolder(voters);
        rot(disk);
        return disk;
      },
      /^RecoveryRefusedError: .*only with a log that is whole.*run: rogerd recover \/data --rejoin$/,
    ],
    [
      "a missing snapshot",
      async () => {
        const disk = await aSurvivor();
        const [name] = await disk.list(snapshots);
        await disk.remove(`${snapshots}/${name}`);
        return disk;
      },
      /goes on from snapshot (5a)+ at entry 5, and that can't be read/,
    ],
    [
      "a damaged snapshot",
      async () => {
        const disk = await aSurvivor();
        const [name] = await disk.list(snapshots);
        disk.flipBit({ path: `${snapshots}/${name}`, at: 200_000, bit: 3 });
        return disk;
      },
      /goes on from snapshot (5a)+ at entry 5, and that can't be read/,
    ],
  ];
  test.each(cases)("%s", async (_what, made, message) => {
    const disk = await made();
    const before = await disk.list(directory);

    for (const attempt of [
      () => foreseeNewCluster({ disk, directory, process }),
      () => forced(disk),
    ]) {
      const refusal: unknown = await attempt().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(RecoveryRefusedError);
      expect(String(refusal)).toMatch(message);
    }
    expect(await disk.list(directory)).toEqual(before);
  });
});
