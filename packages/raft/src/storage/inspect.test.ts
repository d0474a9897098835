import { describe, expect, test } from "vitest";
import {
  aFolder,
  clusterId,
  dataFolder as directory,
  process,
  rot,
  snapshots,
  start,
  wal,
} from "../../test/storage/offline-folders.ts";
import { append, command, inTerm, mark, members, self } from "../../test/storage/situations.ts";
import { logIndex, term } from "../core/ids.ts";
import { writeForgottenNote } from "./forgotten-note.ts";
import { inspectFolder } from "./inspect.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { FilesystemPersister } from "./snapshot/filesystem-persister.ts";
import { snapshotChunks } from "./snapshot/snapshot-stream.ts";

async function linesOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

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

  test("says what a leader knew of the log that is not in it any more", async () => {
    const disk = await aFolder();
    const forgotten = { term: term(1), acknowledged: logIndex(14), lastIndex: logIndex(12) };
    await writeForgottenNote({ disk, directory: wal, forgotten });

    const lines = await linesOf(inspectFolder({ disk, directory, process }));

    expect(lines[1]).toMatch(/^DAMAGE: .* through 14 .* ends with 12: /);
  });

  test("makes nothing where there is nothing", async () => {
    const disk = new MemoryDisk();

    expect(await linesOf(inspectFolder({ disk, directory: "/none", process }))).toEqual([
      "/none: there is no such folder",
    ]);
    expect(await disk.list("/")).toEqual([]);
  });
});
