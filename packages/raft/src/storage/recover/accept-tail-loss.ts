// accept-tail-loss.ts — `recover --accept-tail-loss`: the only voter of a cluster goes on with its log up to the
// damage. What it forgets it had promised: to clients, whose tokens it would give out again, and perhaps to
// learners. So it does not go on as the same cluster but begins a new one, in a term of its own, with
// tokens that leap, and with the old data set aside as a whole. With other voters it is refused.
import { type Damage, type DamagedNode, damagedDataError, isOnlyVoter } from "../damage.ts";
import type { Disk } from "../disk.ts";
import { countBatchesFrom } from "../wal/batch.ts";
import { type LogTail, readWhole, segmentSequences } from "../wal/log-reader.ts";
import { beginNewCluster, type NewCluster } from "./begin-new-cluster.ts";
import {
  locked,
  NothingToRecoverError,
  type OfflineFolder,
  RecoveryRefusedError,
  type RecoveryReport,
} from "./offline-folder.ts";
import { readLogLeft, type Survivor, survivorOf } from "./survivor.ts";

/** What `recoverAcceptTailLoss` would give up. Changes nothing; refuses what it would refuse. */
export function foreseeTailLoss(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, async () => ({ lines: (await readToTheDamage(folder)).whatIsLost }));
}

export function recoverAcceptTailLoss(folder: NewCluster): Promise<RecoveryReport> {
  return locked(folder, async () => {
    const { survivor, whatIsLost } = await readToTheDamage(folder);
    const whatNow = await beginNewCluster(folder, survivor);
    return { lines: [...whatIsLost, ...whatNow] };
  });
}

interface ToTheDamage {
  readonly survivor: Survivor;
  readonly whatIsLost: readonly string[];
}

async function readToTheDamage(folder: OfflineFolder): Promise<ToTheDamage> {
  const left = await readLogLeft(folder, "there is no log to cut");
  const { configuration, damage, gap, nodeId, reader, wal } = left;
  if (damage === undefined) {
    throw new NothingToRecoverError(
      "The log is not damaged: there is nothing to cut. Start the node.",
    );
  }
  // Who votes by what comes after the damage counts, too: those have what is damaged here.
  const newest = await left.newestConfiguration();
  refuseWithOthers({ nodeId, configuration: newest }, { damage, wal });
  if (damage.remedy !== "cut" || gap !== undefined) {
    throw new RecoveryRefusedError(
      `Cutting the log does not help here: what comes before the damage is no state to go on from. Put the files back as they were, or restore a backup into a new cluster. In ${damage.file}: ${damage.what}.`,
    );
  }
  const { positions, tail } = reader;
  const isMember = configuration?.members.some(({ id }) => id === nodeId) === true;
  if (tail === undefined || configuration === undefined || !isMember) {
    throw new RecoveryRefusedError(
      `Nothing in ${wal} that comes before the damage is a state of this node: nothing can be kept.`,
    );
  }
  const survivor = await survivorOf(folder, { ...left, configuration });
  const batches = await batchesBehind({ disk: folder.disk, wal, tail });
  return { survivor, whatIsLost: whatIsLost({ damage, lastIndex: positions.lastIndex, batches }) };
}

function refuseWithOthers(
  node: Pick<DamagedNode, "nodeId" | "configuration">,
  { damage, wal }: { readonly damage: Damage; readonly wal: string },
): void {
  if (isOnlyVoter(node)) return;
  const told = damagedDataError(damage, { directory: wal, ...node }).message;
  throw new RecoveryRefusedError(
    `Cutting the log is only for a node that is its cluster's only voter: with others it would forget what was promised to them. ${told}`,
  );
}

function whatIsLost(cut: {
  readonly damage: Damage;
  readonly lastIndex: number;
  readonly batches: number;
}): readonly string[] {
  const { batches, damage, lastIndex } = cut;
  return [
    `The log is damaged: in ${damage.file} ${damage.what}.`,
    `Everything up to entry ${lastIndex} is kept.`,
    `Lost is what came after it: at least ${batches} whole batches, and the damaged one. What was acknowledged from them is forgotten.`,
  ];
}

async function batchesBehind(log: {
  readonly disk: Disk;
  readonly wal: string;
  readonly tail: LogTail;
}): Promise<number> {
  const { disk, tail, wal } = log;
  let count = 0;
  for (const [segment, name] of await segmentSequences({ disk, directory: wal })) {
    if (segment < tail.sequence) continue;
    const bytes = await readWhole(disk, `${wal}/${name}`);
    const offset = segment === tail.sequence ? tail.offset : 0;
    count += countBatchesFrom({ bytes, segment, offset });
  }
  return count;
}
