import { describe, expect, test } from "vitest";
import { dice } from "../../../test/storage/crash-points.ts";
import {
  aFolder,
  clusterId,
  dataFolder as directory,
  holdsOldLog,
  later,
  newNodeId,
  process,
  rot,
  snapshots,
  start,
  wal,
} from "../../../test/storage/offline-folders.ts";
import { append, membersOf, other, self, third } from "../../../test/storage/situations.ts";
import { incarnation, logIndex, type NodeId, nodeId, term } from "../../core/ids.ts";
import { readIdentity, startIdentity, writeIdentity } from "../data-folder.ts";
import { DiskError } from "../disk.ts";
import { writeForgottenNote } from "../forgotten-note.ts";
import { inspectFolder } from "../inspect.ts";
import { MemoryDisk } from "../memory-disk.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { snapshotChunks } from "../snapshot/snapshot-stream.ts";
import { foreseeTailLoss } from "./accept-tail-loss.ts";
import { foreseeNewCluster } from "./force-new-cluster.ts";
import { NothingToRecoverError } from "./offline-folder.ts";
import { foreseeRejoin, recoverRejoin } from "./rejoin.ts";

/** The log goes on from a snapshot at 9, whose file has a bad sector. */
async function withUnreadableSnapshot(voters: readonly NodeId[]): Promise<MemoryDisk> {
  const disk = await aFolder([...voters]);
  const { log } = await start(disk);
  const hash = "9b".repeat(32);
  const configuration = membersOf([...voters]);
  const snapshot = { index: logIndex(9), term: term(1), hash, configuration };
  await append(log, [{ kind: "snapshot-mark", mark: { snapshot, log: "keep" } }], 11);
  await log.close();
  const identity = { clusterId, nodeId: self, group: 0 };
  const persister = new FilesystemPersister({ disk, directory: snapshots });
  await persister.init(identity);
  const chunks = snapshotChunks({ meta: snapshot, identity, content: someChunks() });
  await persister.store(snapshotName(snapshot), chunks);
  disk.watch({
    before: ({ kind, path }) =>
      kind === "read" && path.endsWith(".snap")
        ? Promise.reject(new DiskError({ code: "input-output", path, message: "a bad sector" }))
        : undefined,
  });
  return disk;
}

async function* someChunks(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1_000).fill(7);
}

async function linesOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("recover --rejoin", () => {
  test("sets the data aside and makes the folder a new node without a cluster", async () => {
    const disk = await aFolder([self, other, third]);
    rot(disk);

    const report = await recoverRejoin({ disk, directory, process, newNodeId });

    expect(report.lines.slice(-4)).toEqual([
      "Let it take the old one's place, with these two commands; the second one prints what to do next:",
      `  rogerctl member remove ${self}`,
      "  rogerctl member add aa --peer b --client a",
      "Do not start it before that: without --join it is refused.",
    ]);
    expect(await disk.list(directory)).toEqual(["node.json", "set-aside-1"]);
    expect(await disk.list(`${directory}/set-aside-1/wal`)).toContain("0000000002.wal");
    const record = await startIdentity({ disk, directory, newNodeId: () => self });
    expect(record).toEqual({ clusterId: null, nodeId: newNodeId, incarnation: 1, hasLog: false });
  });

  test("helps a node whose log has lost what it had acknowledged: the note goes with the log", async () => {
    const disk = await aFolder([self, other, third]);
    const forgotten = { term: term(1), acknowledged: logIndex(99), lastIndex: logIndex(12) };
    await writeForgottenNote({ disk, directory: wal, forgotten });
    await expect(start(disk)).rejects.toThrow(/through 99 .* ends with 12: .* lost writes/);

    await recoverRejoin({ disk, directory, process, newNodeId });

    const { record } = await start(disk);
    expect(record.nodeId).toBe(newNodeId);
  });

  test("refuses the only voter whose data is whole, before anybody is asked: there is no cluster to join again", async () => {
    const disk = await aFolder();
    const before = await disk.list(directory);

    for (const attempt of [
      () => foreseeRejoin({ disk, directory, process }),
      () => recoverRejoin({ disk, directory, process, newNodeId }),
    ]) {
      await expect(attempt()).rejects.toThrow(NothingToRecoverError);
      await expect(attempt()).rejects.toThrow(
        /by its own log the only voter of its cluster, and its data is whole.*start it as it is\. If the cluster has gained nodes since, .* do not start it/,
      );
    }
    expect(await disk.list(directory)).toEqual(before);
  });

  test("says of the only voter whose data is damaged, before and after, that nobody else has what it held", async () => {
    const disk = await aFolder();
    rot(disk);

    const foreseen = await foreseeRejoin({ disk, directory, process });
    const done = await recoverRejoin({ disk, directory, process, newNodeId });

    expect(foreseen.lines).toEqual([
      "The node of /data is by its own log the only voter of its cluster: if it is, there is no cluster that it could join again, and no other node has what it holds. See first what can be kept: rogerd recover /data --accept-tail-loss",
    ]);
    expect(done.lines.at(-1)).toMatch(
      /the only voter of its cluster: no other node has what it held/,
    );
  });

  test("knows who the node was where a sector of its snapshot can't be read", async () => {
    const whatItSays = async (voters: readonly NodeId[]): Promise<readonly string[]> => {
      const disk = await withUnreadableSnapshot(voters);
      const foreseen = await foreseeRejoin({ disk, directory, process });
      const done = await recoverRejoin({ disk, directory, process, newNodeId });
      return [...foreseen.lines, ...done.lines];
    };

    expect((await whatItSays([self])).join("\n")).toMatch(
      /by its own log the only voter.*was the only voter of its cluster/s,
    );
    expect((await whatItSays([self, other])).join("\n")).toMatch(
      /had two voters.*member add aa --peer b --client a/s,
    );
    expect((await whatItSays([self, other, third])).join("\n")).toMatch(
      /member remove .*member add aa --peer b --client a/s,
    );
  });

  test("does not say that nobody else has what it held, where it heard that others know more", async () => {
    const disk = await aFolder();
    const forgotten = { term: term(1), acknowledged: logIndex(99), lastIndex: logIndex(12) };
    await writeForgottenNote({ disk, directory: wal, forgotten });

    const foreseen = await foreseeRejoin({ disk, directory, process });
    const done = await recoverRejoin({ disk, directory, process, newNodeId });

    expect(foreseen.lines).toEqual([]);
    expect(done.lines).toContain(`  rogerctl member remove ${self}`);
  });

  test("of one voter of several foresees nothing, and changes nothing", async () => {
    const disk = await aFolder([self, other, third]);
    const before = await disk.list(directory);

    expect(await foreseeRejoin({ disk, directory, process })).toEqual({ lines: [] });
    expect(await disk.list(directory)).toEqual(before);
  });

  test("says how the other one of two voters goes on", async () => {
    const { lines } = await recoverRejoin({
      ...{ disk: await aFolder([self, other]), directory, process },
      newNodeId,
    });

    expect(lines.at(-2)).toMatch(/had two voters.*rogerd recover DIR --force-new-cluster/);
    expect(lines.at(-1)).toBe("  rogerctl member add aa --peer b --client a");
  });

  test("names the old node by its log, where node.json is already that of the new one", async () => {
    const disk = await aFolder([self, other, third]);
    const record = { clusterId: null, nodeId: newNodeId, incarnation: incarnation(0) };
    await writeIdentity({ disk, directory, record: { ...record, hasLog: false } });
    const again = nodeId("f".repeat(32));

    const { lines } = await recoverRejoin({ disk, directory, process, newNodeId: again });

    expect(lines).toContain(`  rogerctl member remove ${self}`);
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
      expect(await holdsOldLog(each), "the old data is there").toBe(true);
      if (named?.nodeId === self) {
        expect(await each.list(wal), "the old id keeps its log").toContain("0000000001.wal");
      }
      const outcome = await start(each).catch((error: unknown) => String(error));
      if (typeof outcome === "string") {
        expect(outcome).toMatch(/a recovery was interrupted.*--rejoin|--rejoin/);
        await recoverRejoin({ disk: each, directory, process: later, newNodeId });
        const asides = (await each.list(directory)).filter((name) => name.startsWith("set-aside"));
        const kept = await Promise.all(
          asides.map((name) => readIdentity({ disk: each, directory: `${directory}/${name}` })),
        );
        expect(kept.map((record) => record?.nodeId)).toEqual([self]);
        continue;
      }
      const isOld = outcome.record.nodeId === self;
      expect(outcome.log.recovered.entries.length).toBe(isOld ? 12 : 0);
    }
  });

  test("refuses a folder that holds nothing, and one that is not there", async () => {
    const disk = new MemoryDisk();
    await startIdentity({ disk, directory, newNodeId: () => self });

    for (const attempt of [
      () => foreseeRejoin({ disk, directory, process }),
      () => recoverRejoin({ disk, directory, process, newNodeId }),
    ]) {
      await expect(attempt()).rejects.toThrow(NothingToRecoverError);
    }
    await expect(
      recoverRejoin({ disk, directory: "/elsewhere", process, newNodeId }),
    ).rejects.toThrow(/there is no such folder/);
  });

  test("sets aside what can't be read at all: that is what it is for", async () => {
    const disk = await aFolder([self, other, third]);
    disk.watch({
      before: ({ kind, path }) =>
        kind === "read" && path.endsWith("0000000002.wal")
          ? Promise.reject(
              new DiskError({ code: "input-output", path, message: "a sector can't be read" }),
            )
          : undefined,
    });

    const { lines } = await recoverRejoin({ disk, directory, process, newNodeId });

    expect(lines.join("\n")).toMatch(
      /was set aside in \/data\/set-aside-1.*rogerctl member remove/s,
    );
    expect(await disk.list(`${directory}/set-aside-1/wal`)).toContain("0000000002.wal");
  });

  test("refuses a folder that a living process holds", async () => {
    const disk = await aFolder();
    const file = await disk.create(`${directory}/lock`);
    const owner = JSON.stringify({ pid: 7, startTime: "now" });
    await file.write({ at: 0, buffers: [new TextEncoder().encode(owner)] });

    for (const attempt of [
      recoverRejoin({ disk, directory, process, newNodeId }),
      foreseeTailLoss({ disk, directory, process }),
      foreseeNewCluster({ disk, directory, process }),
      linesOf(inspectFolder({ disk, directory, process })),
    ]) {
      await expect(attempt).rejects.toMatchObject({ name: "FolderTakenError" });
    }
  });
});
