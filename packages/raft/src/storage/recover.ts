// recover.ts — the two ways out of damage, both chosen by an operator, both offline with the lock
// held (E4.4). Nothing is deleted: what no longer counts is set aside in the data folder.
import { incarnation, type NodeId } from "../core/ids.ts";
import { isZero } from "./binary.ts";
import { type Damage, damagedDataError, isGroupOfOne } from "./damage.ts";
import {
  type DataFolder,
  groupFolders,
  type NodeRecord,
  readIdentity,
  writeIdentity,
} from "./data-folder.ts";
import type { Disk } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { lockFolder, type ProcessFacts } from "./folder-lock.ts";
import { KeptEntries } from "./kept-entries.ts";
import { isFolder, makeFolder, readFileIfThere, replaceFile } from "./small-file.ts";
import { DamagedDataError } from "./storage.ts";
import { countBatchesFrom } from "./wal/batch.ts";
import { LogReader, readWhole, segmentSequences } from "./wal/log-reader.ts";
import { gapBeforeLog } from "./wal/recovery.ts";
import { zeroRange } from "./zero-file.ts";

/** What was done, in sentences for the operator. */
export interface RecoveryReport {
  readonly lines: readonly string[];
}

/** It would not help, or is not allowed here; `message` says why and what to do instead. */
export class RecoveryRefusedError extends Error {
  override readonly name = "RecoveryRefusedError";
}

type OfflineFolder = DataFolder & { readonly process: ProcessFacts };

/** Sets the group's data aside into `DATA/set-aside-<n>/` and makes the folder a new, unbound node. */
export function recoverRejoin(
  folder: OfflineFolder & { readonly newNodeId: NodeId },
): Promise<RecoveryReport> {
  return locked(folder, () => rejoin(folder));
}

/** Only for a group of one voter: cuts the log after the last valid batch before the damage. */
export function recoverAcceptTailLoss(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, () => acceptTailLoss(folder));
}

async function locked(
  folder: OfflineFolder,
  action: () => Promise<RecoveryReport>,
): Promise<RecoveryReport> {
  if (!(await isFolder(folder))) {
    throw new RecoveryRefusedError(`${folder.directory}: there is no such folder.`);
  }
  const lock = await lockFolder(folder);
  try {
    return await action();
  } finally {
    await lock.release();
  }
}

/**
 * The new id comes first: were the data moved first, a crash in between would leave the old id with
 * an empty log, which forgets its votes (M4). In this order it leaves a folder that does not start.
 */
async function rejoin(
  folder: DataFolder & { readonly newNodeId: NodeId },
): Promise<RecoveryReport> {
  const { disk, directory, newNodeId } = folder;
  const old = await identityIfReadable(folder);
  const { group } = groupFolders({ directory, group: 0 });
  const names = await disk.list(directory);
  const hasData = names.includes("group-0");
  const isBound = names.includes("node.json") && old?.clusterId !== null;
  if (!hasData && !isBound) {
    throw new RecoveryRefusedError(
      `${directory} belongs to no cluster yet and holds no data: there is nothing to set aside. Start it as it is.`,
    );
  }
  const aside = await newAside(folder);
  await copyIdentity(folder, aside);
  const record = { clusterId: null, nodeId: newNodeId, incarnation: incarnation(0), hasLog: false };
  await writeIdentity({ disk, directory, record });
  if (hasData) await moveFolder(disk, { from: group, to: `${aside}/group-0`, above: directory });
  const formerly = old === undefined ? "an unknown node" : `node ${old.nodeId}`;
  return {
    lines: [
      `The data of ${formerly} was set aside in ${aside}. Keep it until the cluster is whole again.`,
      `${directory} is now the new node ${newNodeId}. It has no data and belongs to no cluster.`,
      `Let it take the old one's place: rogerctl member remove ${old?.nodeId ?? "NAME"}, then rogerctl member add NAME, and start it with --join and the secret.`,
      "If the old node was the only voter of its cluster, no other node has what it held.",
    ],
  };
}

async function identityIfReadable(folder: DataFolder): Promise<NodeRecord | undefined> {
  try {
    return await readIdentity(folder);
  } catch (error) {
    if (error instanceof DamagedDataError) return undefined;
    throw error;
  }
}

async function copyIdentity(folder: DataFolder, aside: string): Promise<void> {
  const name = "node.json";
  const content = await readFileIfThere(folder.disk, `${folder.directory}/${name}`);
  if (content === undefined) return;
  await replaceFile({ disk: folder.disk, directory: aside, name, content });
}

async function newAside(folder: DataFolder): Promise<string> {
  const { disk, directory } = folder;
  const numbers = (await disk.list(directory)).map((name) =>
    Number(/^set-aside-(\d+)$/.exec(name)?.[1] ?? 0),
  );
  const aside = `${directory}/set-aside-${Math.max(0, ...numbers) + 1}`;
  await makeFolder(disk, aside);
  return aside;
}

/** The folder it goes to is synced first: it may be seen twice after a crash, but never not at all. */
async function moveFolder(
  disk: Disk,
  move: { readonly from: string; readonly to: string; readonly above: string },
): Promise<void> {
  await disk.rename({ from: move.from, to: move.to });
  await disk.syncDirectory(move.to.slice(0, move.to.lastIndexOf("/")));
  await disk.syncDirectory(move.above);
}

async function acceptTailLoss(folder: DataFolder): Promise<RecoveryReport> {
  const { disk, directory } = folder;
  const record = await readIdentity(folder);
  if (record === undefined || record.clusterId === null) {
    throw new RecoveryRefusedError(`${directory} belongs to no cluster: there is no log to cut.`);
  }
  const { wal } = groupFolders({ directory, group: 0 });
  const identity = { clusterId: record.clusterId, nodeId: record.nodeId, group: 0 };
  const owner = { identity, incarnation: record.incarnation };
  const reader = new LogReader({ disk, directory: wal, owner });
  const found = await readToDamage(reader, wal);
  refuseUnlessCuttable({ reader, found, record, wal });
  const { tail } = reader;
  if (tail === undefined) {
    throw new RecoveryRefusedError(
      `Nothing in ${wal} comes before the damage: nothing can be kept.`,
    );
  }
  const aside = await newAside(folder);
  const lost = await cutAfter({ disk, wal, tail, aside });
  return {
    lines: [
      `The log was damaged: in ${found.damage?.file ?? wal} ${found.damage?.what ?? ""}.`,
      `It is cut at byte ${tail.offset} of ${tail.path} and keeps everything up to entry ${reader.positions.lastIndex}.`,
      `Lost is what came after it: at least ${lost} whole batches, and the damaged one. What was acknowledged from them is forgotten.`,
      `A copy of what was cut off is in ${aside}.`,
    ],
  };
}

interface FoundDamage {
  readonly damage: Damage | undefined;
  readonly entries: KeptEntries;
}

async function readToDamage(reader: LogReader, wal: string): Promise<FoundDamage> {
  const entries = new KeptEntries();
  try {
    for await (const event of reader.events()) {
      if (event.kind === "damage") return { damage: event.damage, entries };
      if (event.kind === "batch") for (const each of event.records) entries.apply(each);
    }
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "not-found") throw error;
    const what = "there is no log";
    return { damage: { what, file: wal, remedy: "rejoin" }, entries };
  }
  return { damage: undefined, entries };
}

function refuseUnlessCuttable(known: {
  readonly reader: LogReader;
  readonly found: FoundDamage;
  readonly record: NodeRecord;
  readonly wal: string;
}): void {
  const { reader, found, record, wal } = known;
  const gap = gapBeforeLog(reader.positions, wal);
  const damage = found.damage ?? gap;
  if (damage === undefined) {
    throw new RecoveryRefusedError(
      "The log is not damaged: there is nothing to cut. Start the node.",
    );
  }
  const configuration = found.entries.configuration(reader.positions.snapshot?.configuration);
  const told = damagedDataError(damage, { directory: wal, configuration }).message;
  const isOnlyVoter = isGroupOfOne(configuration) && configuration?.voters[0] === record.nodeId;
  if (!isOnlyVoter) {
    throw new RecoveryRefusedError(
      `Cutting the log is only for a node that is its cluster's only voter: with others it would forget what was promised to them. ${told}`,
    );
  }
  if (damage.remedy !== "cut" || gap !== undefined) {
    throw new RecoveryRefusedError(`Cutting the log does not help here. ${told}`);
  }
}

/**
 * Later segments go first, the last one first, and the damaged one is zeroed last: a crash in between
 * leaves a folder that is still damaged in the same place, and the command can be run again.
 */
async function cutAfter(cut: {
  readonly disk: Disk;
  readonly wal: string;
  readonly tail: { readonly path: string; readonly sequence: number; readonly offset: number };
  readonly aside: string;
}): Promise<number> {
  const { disk, wal, tail, aside } = cut;
  const later = (await segmentSequences({ disk, directory: wal })).filter(
    ([sequence]) => sequence > tail.sequence,
  );
  let lost = 0;
  for (const [sequence, name] of later.toReversed()) {
    const bytes = await readWhole(disk, `${wal}/${name}`);
    lost += countBatchesFrom({ bytes, segment: sequence, offset: 0 });
    if (!isZero(bytes, 0, bytes.byteLength)) {
      await replaceFile({ disk, directory: aside, name, content: bytes });
    }
    await disk.remove(`${wal}/${name}`);
    await disk.syncDirectory(wal);
  }
  const bytes = await readWhole(disk, tail.path);
  lost += countBatchesFrom({ bytes, segment: tail.sequence, offset: tail.offset });
  const name = tail.path.slice(tail.path.lastIndexOf("/") + 1);
  await replaceFile({ disk, directory: aside, name, content: bytes });
  const file = await disk.open(tail.path);
  try {
    await zeroRange(file, { from: tail.offset, to: bytes.byteLength });
    await file.syncData();
  } finally {
    await file.close();
  }
  return lost;
}
