// rejoin.ts — `recover --rejoin`: the data is set aside and the folder becomes a new node, which takes the old
// one's place in the cluster. For damage in a cluster whose other nodes have what was damaged.
import type { Configuration } from "../../core/configuration.ts";
import { incarnation, type NodeId } from "../../core/ids.ts";
import { isOnlyVoter } from "../damage.ts";
import { groupFolders, type NodeRecord, writeIdentity } from "../data-folder.ts";
import { DiskError } from "../disk.ts";
import { forgottenName } from "../forgotten-note.ts";
import { newAside, setAside } from "../new-cluster-switch.ts";
import { LogReader } from "../wal/log-reader.ts";
import { gapBeforeLog, newestConfiguration } from "../wal/recovery.ts";
import {
  addCommand,
  identityIfReadable,
  keepIdentityIn,
  locked,
  NothingToRecoverError,
  type OfflineFolder,
  type RecoveryReport,
  readToDamage,
} from "./offline-folder.ts";
import { unreadableSnapshot } from "./survivor.ts";

/** Refuses what `recoverRejoin` would refuse, and says what it would give up. Changes nothing. */
export function foreseeRejoin(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, async () => {
    const known = await lastKnown(folder, await identityIfReadable(folder));
    refuseWholeOnlyVoter(folder, known);
    if (!isLastOfItsCluster(known)) return { lines: [] };
    const { directory } = folder;
    return {
      lines: [
        `The node of ${directory} is the only voter of its cluster: there is no cluster that it could join again, and no other node has what it holds. See first what can be kept: rogerd recover ${directory} --accept-tail-loss`,
      ],
    };
  });
}

/** Sets the group's data aside as `DATA/set-aside-<n>/` and makes the folder a new, unbound node. */
export function recoverRejoin(
  folder: OfflineFolder & { readonly newNodeId: NodeId },
): Promise<RecoveryReport> {
  return locked(folder, () => rejoin(folder));
}

/**
 * The new id comes first: were the data moved first, a crash in between would leave the old id with
 * an empty log, which forgets its votes (M4). In this order it leaves a folder that does not start.
 */
async function rejoin(
  folder: OfflineFolder & { readonly newNodeId: NodeId },
): Promise<RecoveryReport> {
  const { disk, directory, newNodeId } = folder;
  const old = await identityIfReadable(folder);
  const { group } = groupFolders({ directory, group: 0 });
  const names = await disk.list(directory);
  const hasData = names.includes("group-0");
  const isBound = names.includes("node.json") && old?.clusterId !== null;
  if (!hasData && !isBound) {
    throw new NothingToRecoverError(
      `${directory} belongs to no cluster yet and holds no data: there is nothing to set aside. Start it as it is.`,
    );
  }
  const known = await lastKnown(folder, old);
  refuseWholeOnlyVoter(folder, known);
  if (hasData && old?.clusterId !== null) await keepIdentityIn(folder, group);
  const record = { clusterId: null, nodeId: newNodeId, incarnation: incarnation(0), hasLog: false };
  const aside = hasData ? undefined : await newAside(folder);
  if (aside !== undefined) await keepIdentityIn(folder, aside);
  await writeIdentity({ disk, directory, record });
  const kept = aside ?? (await setAside({ disk, directory, name: "group-0" }));
  return { lines: report({ directory, aside: kept, newNodeId, known }) };
}

/** Who the old node was, as far as what is left tells. */
interface LastKnown {
  readonly nodeId: NodeId | undefined;
  readonly configuration: Configuration | undefined;
  /** It could be started as it is. */
  readonly isWhole: boolean;
}

/** To name it to the operator: so whatever can be read will do. */
async function lastKnown(folder: OfflineFolder, old: NodeRecord | undefined): Promise<LastKnown> {
  const { disk, directory } = folder;
  const { wal } = groupFolders({ directory, group: 0 });
  const reader = new LogReader({ disk, directory: wal, owner: undefined });
  let configuration: Configuration | undefined;
  let isWhole = false;
  try {
    const { damage, entries } = await readToDamage(reader, wal);
    isWhole = damage === undefined && (await isStartable(folder, { old, reader, wal }));
    configuration = await newestConfiguration({ disk, directory: wal, reader, entries });
  } catch (error) {
    // A sector that can't be read is what this recovery is for, too; there may be no log at all.
    if (!(error instanceof DiskError)) throw error;
  }
  // After an interrupted run node.json holds an id that nobody knows; the log holds the old one.
  return { nodeId: reader.header?.identity.nodeId ?? old?.nodeId, configuration, isWhole };
}

/** Of a log without damage: it goes on from a whole snapshot, is this node's, and is known to have lost nothing. */
async function isStartable(
  folder: OfflineFolder,
  log: {
    readonly old: NodeRecord | undefined;
    readonly reader: LogReader;
    readonly wal: string;
  },
): Promise<boolean> {
  const { old, reader, wal } = log;
  const clusterId = old?.clusterId ?? undefined;
  const identity = reader.header?.identity;
  if (clusterId === undefined || identity === undefined) return false;
  if (identity.clusterId !== clusterId || identity.nodeId !== old?.nodeId) return false;
  if (gapBeforeLog(reader.positions, wal) !== undefined) return false;
  if ((await folder.disk.list(wal)).includes(forgottenName)) return false;
  return (await unreadableSnapshot(folder, { clusterId, reader })) === undefined;
}

function isLastOfItsCluster({ configuration, nodeId }: LastKnown): boolean {
  return nodeId !== undefined && isOnlyVoter({ nodeId, configuration });
}

/** What is damaged is set aside all the same: where nothing can be kept, that is how to begin anew. */
function refuseWholeOnlyVoter({ directory }: OfflineFolder, known: LastKnown): void {
  if (!known.isWhole || !isLastOfItsCluster(known)) return;
  throw new NothingToRecoverError(
    `The node of ${directory} is the only voter of its cluster, and its data is whole: there is no cluster that it could join again, and no other node has what it holds. Start it as it is. To give all that up and begin anew, move ${directory} to another place; to go over into another cluster, back it up with rogerctl backup first.`,
  );
}

function report(done: {
  readonly directory: string;
  readonly aside: string;
  readonly newNodeId: NodeId;
  readonly known: LastKnown;
}): readonly string[] {
  const { aside, directory, known, newNodeId } = done;
  const { configuration, nodeId } = known;
  const member = configuration?.members.find(({ id }) => id === nodeId);
  const formerly = nodeId === undefined ? "an unknown node" : `node ${member?.name ?? nodeId}`;
  const lines = [
    `The data of ${formerly} was set aside in ${aside}. Keep it until the cluster is whole again.`,
    `${directory} is now the new node ${newNodeId}. It has no data and belongs to no cluster.`,
  ];
  if (isLastOfItsCluster(known)) {
    return [
      ...lines,
      `The old node was the only voter of its cluster: no other node has what it held. To begin a new cluster with nothing in it, move ${aside} to another place and start the node.`,
    ];
  }
  if (configuration?.voters.length === 2) {
    return [
      ...lines,
      "The cluster had two voters: the other one can't lead alone. Stop it, make it a new cluster of one with rogerd recover DIR --force-new-cluster, and start it. Then let this node in:",
      `  ${addCommand(member)}`,
    ];
  }
  return [
    ...lines,
    "Let it take the old one's place, with these two commands; the second one prints what to do next:",
    `  rogerctl member remove ${nodeId ?? "NAME"}`,
    `  ${addCommand(member)}`,
    "Do not start it before that: without --join it is refused.",
  ];
}
