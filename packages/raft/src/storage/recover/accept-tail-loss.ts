// accept-tail-loss.ts — `recover --accept-tail-loss`: the only voter of a cluster goes on with its log up to the
// damage; or with an older snapshot and the log, where the one that the log names can't be read. What it
// forgets it had promised: to clients, whose tokens it would give out again, and perhaps to
// learners. So it does not go on as the same cluster but begins a new one, in a term of its own, with
// tokens that leap, and with the old data set aside as a whole. With other voters it is refused.
import { type ForgottenLog, ForgottenLogError } from "../../core/forgotten-log.ts";
import { type Damage, type DamagedNode, damagedDataError, isOnlyVoter } from "../damage.ts";
import type { Disk } from "../disk.ts";
import { readForgottenNote } from "../forgotten-note.ts";
import type { LogPositions } from "../log-positions.ts";
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
import { type Beginning, inWords, olderBeginning } from "./older-snapshot.ts";
import {
  type LogLeft,
  readLogLeft,
  type Survivor,
  survivorOf,
  unreadableSnapshot,
} from "./survivor.ts";

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

/** What is left reads as a whole log: there is nothing to cut, and nothing to start. */
function refusedForgotten(
  { directory }: OfflineFolder,
  forgotten: ForgottenLog,
): RecoveryRefusedError {
  const { message } = new ForgottenLogError(forgotten);
  return new RecoveryRefusedError(
    `${message} The other nodes have what it held; run: rogerd recover ${directory} --rejoin`,
  );
}

interface ToTheDamage {
  readonly survivor: Survivor;
  readonly whatIsLost: readonly string[];
}

async function readToTheDamage(folder: OfflineFolder): Promise<ToTheDamage> {
  const left = await readLogLeft(folder, "there is no log to cut");
  const { configuration, damage, gap, nodeId, reader, wal } = left;
  const unreadable = await unreadableSnapshot(folder, left);
  if (damage === undefined && unreadable === undefined) {
    const forgotten = await readForgottenNote({ disk: folder.disk, directory: wal });
    if (forgotten !== undefined) throw refusedForgotten(folder, forgotten);
    throw new NothingToRecoverError(
      "The log is not damaged: there is nothing to cut. Start the node.",
    );
  }
  // Who votes by what comes after the damage counts, too: those have what is damaged here.
  const newest = await left.newestConfiguration();
  const node = { directory: wal, nodeId, configuration: newest };
  refuseWithOthers(
    node,
    damage === undefined
      ? `${unreadable} The other nodes have it; run: rogerd recover ${folder.directory} --rejoin`
      : damagedDataError(damage, node).message,
  );
  if (damage !== undefined && (damage.remedy !== "cut" || gap !== undefined)) {
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
  const { snapshot, lines } = await beginningOf(folder, { left, unreadable });
  const survivor = await survivorOf(folder, { ...left, configuration, snapshot });
  if (damage === undefined) return { survivor, whatIsLost: [...lines, ...nothingElse(positions)] };
  const batches = await batchesBehind({ disk: folder.disk, wal, tail });
  const { lastIndex } = positions;
  return { survivor, whatIsLost: [...lines, ...whatIsLost({ damage, lastIndex, batches })] };
}

/** What the kept entries go on from, and what is to be said of it. */
async function beginningOf(
  folder: OfflineFolder,
  { left, unreadable }: { readonly left: LogLeft; readonly unreadable: string | undefined },
): Promise<Beginning & { readonly lines: readonly string[] }> {
  const { clusterId, reader } = left;
  const { positions } = reader;
  if (unreadable === undefined) return { snapshot: positions.snapshot, lines: [] };
  const beginning = await olderBeginning(folder, { clusterId, positions });
  if (beginning === undefined) {
    throw new RecoveryRefusedError(
      `${unreadable} The log goes back to entry ${positions.base.index + 1} only, and no older snapshot that can be read reaches it. No other node has what it held: put it back, or restore a backup into a new cluster. If that can't be, all is lost; to begin anew with nothing, run: rogerd recover ${folder.directory} --rejoin`,
    );
  }
  const { snapshot } = beginning;
  const instead =
    snapshot === undefined
      ? "The log holds every entry from the first one on: what the snapshot held is made from that."
      : `What it held is made from ${inWords(snapshot)} and the log after that.`;
  return { snapshot, lines: [unreadable, instead] };
}

function nothingElse({ lastIndex }: LogPositions): readonly string[] {
  return [`The log is whole: nothing is lost, everything up to entry ${lastIndex} is kept.`];
}

function refuseWithOthers(node: Pick<DamagedNode, "nodeId" | "configuration">, told: string): void {
  if (isOnlyVoter(node)) return;
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
