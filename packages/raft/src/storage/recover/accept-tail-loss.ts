// accept-tail-loss.ts — `recover --accept-tail-loss`: the log of a cluster's only voter is cut after the last
// valid batch before the damage. With other voters it is refused: it would forget what was promised to them.
import { isZero } from "../binary.ts";
import { damagedDataError, isOnlyVoter } from "../damage.ts";
import { type DataFolder, groupFolders, type NodeRecord, readIdentity } from "../data-folder.ts";
import type { Disk } from "../disk.ts";
import { newAside } from "../new-cluster-switch.ts";
import { replaceFile } from "../small-file.ts";
import { countBatchesFrom } from "../wal/batch.ts";
import { LogReader, readWhole, segmentSequences } from "../wal/log-reader.ts";
import { gapBeforeLog } from "../wal/recovery.ts";
import { zeroRange } from "../zero-file.ts";
import {
  type LogToDamage,
  locked,
  NothingToRecoverError,
  newestConfiguration,
  type OfflineFolder,
  RecoveryRefusedError,
  type RecoveryReport,
  readToDamage,
} from "./offline-folder.ts";

/** Only for a group of one voter: cuts the log after the last valid batch before the damage. */
export function recoverAcceptTailLoss(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, () => acceptTailLoss(folder));
}

async function acceptTailLoss(folder: DataFolder): Promise<RecoveryReport> {
  const { disk, directory } = folder;
  const record = await readIdentity(folder);
  if (record === undefined || record.clusterId === null) {
    throw new NothingToRecoverError(`${directory} belongs to no cluster: there is no log to cut.`);
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

function refuseUnlessCuttable(known: {
  readonly reader: LogReader;
  readonly found: LogToDamage;
  readonly record: NodeRecord;
  readonly wal: string;
}): void {
  const { reader, found, record, wal } = known;
  const gap = gapBeforeLog(reader.positions, wal);
  const damage = found.damage ?? gap;
  if (damage === undefined) {
    throw new NothingToRecoverError(
      "The log is not damaged: there is nothing to cut. Start the node.",
    );
  }
  const configuration = newestConfiguration(reader, found);
  const node = { directory: wal, nodeId: record.nodeId, configuration };
  const told = damagedDataError(damage, node).message;
  if (!isOnlyVoter(node)) {
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
