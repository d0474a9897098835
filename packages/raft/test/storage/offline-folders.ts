// offline-folders.ts — named set-ups for the tests of what is done to a data folder while no node uses it.
import { nodeId } from "../../src/core/ids.ts";
import {
  bindIdentity,
  groupFolders,
  type NodeRecord,
  noteLog,
  startIdentity,
} from "../../src/storage/data-folder.ts";
import type { ProcessFacts } from "../../src/storage/folder-lock.ts";
import { MemoryDisk } from "../../src/storage/memory-disk.ts";
import type { LogStorage } from "../../src/storage/storage.ts";
import { openLogStorage } from "../../src/storage/wal/open-log-storage.ts";
import { append, command, inTerm, members, self } from "./situations.ts";

export const dataFolder = "/data";
export const clusterId = "c".repeat(32);
export const process: ProcessFacts = {
  pid: 7,
  startTimeOf: async (pid) => (pid === 7 ? "now" : undefined),
};
/** The next process, to which that one is dead. */
export const later: ProcessFacts = {
  pid: 8,
  startTimeOf: async (pid) => (pid === 8 ? "later" : undefined),
};
export const { wal, snapshots } = groupFolders({ directory: dataFolder, group: 0 });
export const newNodeId = nodeId("e".repeat(32));
const limits = { segmentBytes: 4096, reserveBytes: 0 };

/** A start of the node, as a daemon does it; an unbound folder is bound to the cluster. */
export async function start(disk: MemoryDisk): Promise<{ log: LogStorage; record: NodeRecord }> {
  const directory = dataFolder;
  let record = await startIdentity({ disk, directory, newNodeId: () => self });
  record = await bindIdentity({
    disk,
    directory,
    record,
    clusterId: record.clusterId ?? clusterId,
  });
  const identity = {
    clusterId: record.clusterId ?? clusterId,
    nodeId: record.nodeId,
    group: 0,
  };
  const expectation = record.hasLog ? ("existing" as const) : ("any" as const);
  const { incarnation } = record;
  const parts = { disk, directory: wal, identity, incarnation, limits, expect: expectation };
  const log = await openLogStorage(parts);
  record = await noteLog({ disk, directory, record });
  return { log, record };
}

/** Twelve entries in several segments; the first one is the configuration. */
export async function aFolder(voters = [self]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { log } = await start(disk);
  await append(log, [inTerm(1), members(1, voters)]);
  for (let index = 2; index <= 12; index += 1) {
    await append(log, [command(index, { term: 1, bytes: 600 })], index - 1);
  }
  await log.close();
  return disk;
}

/** Damages the batch that holds entry 6, in the second segment. */
export function rot(disk: MemoryDisk): void {
  disk.flipBit({ path: `${wal}/0000000002.wal`, at: 512 + 1024 + 300, bit: 2 });
}

/** In its place or set aside: the first segment of the old log, as it was. */
export async function holdsOldLog(disk: MemoryDisk): Promise<boolean> {
  const names = await disk.list(dataFolder);
  const asides = names.filter((name) => name.startsWith("set-aside-"));
  const places = [wal, ...asides.map((name) => `${dataFolder}/${name}/wal`)];
  for (const place of places) {
    const found: readonly string[] = await disk.list(place).catch(() => []);
    if (!found.includes("0000000001.wal")) continue;
    const header = disk.peek(`${place}/0000000001.wal`).subarray(16, 32);
    if (Buffer.from(header).toString("hex") === clusterId) return true;
  }
  return false;
}
