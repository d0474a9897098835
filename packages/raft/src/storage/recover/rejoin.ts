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
    const { old } = await withSomethingToGiveUp(folder);
    const known = await lastKnown(folder, old);
    await refuseWholeOnlyVoter(folder, known);
    if (!isLastOfItsCluster(known)) return { lines: [] };
    const { directory } = folder;
    return {
      lines: [
        `The node of ${directory} is by its own log the only voter of its cluster: if it is, there is no cluster that it could join again, and no other node has what it holds. See first what can be kept: rogerd recover ${directory} --accept-tail-loss`,
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
  const { hasData, old } = await withSomethingToGiveUp(folder);
  const { group } = groupFolders({ directory, group: 0 });
  const known = await lastKnown(folder, old);
  await refuseWholeOnlyVoter(folder, known);
  if (hasData && old?.clusterId !== null) await keepIdentityIn(folder, group);
  const record = { clusterId: null, nodeId: newNodeId, incarnation: incarnation(0), hasLog: false };
  const aside = hasData ? undefined : await newAside(folder);
  if (aside !== undefined) await keepIdentityIn(folder, aside);
  await writeIdentity({ disk, directory, record });
  const kept = aside ?? (await setAside({ disk, directory, name: "group-0" }));
  return { lines: report({ directory, aside: kept, newNodeId, known }) };
}

async function withSomethingToGiveUp(
  folder: OfflineFolder,
): Promise<{ readonly hasData: boolean; readonly old: NodeRecord | undefined }> {
  const { disk, directory } = folder;
  const old = await identityIfReadable(folder);
  const names = await disk.list(directory);
  const hasData = names.includes("group-0");
  const isBound = names.includes("node.json") && old?.clusterId !== null;
  if (hasData || isBound) return { hasData, old };
  throw new NothingToRecoverError(
    `${directory} belongs to no cluster yet and holds no data: there is nothing to set aside. Start it as it is.`,
  );
}

/** Who the old node was, as far as what is left tells. */
interface LastKnown {
  readonly nodeId: NodeId | undefined;
  readonly configuration: Configuration | undefined;
  /** It had lost what it had acknowledged, and heard so: others know more than its log does. */
  readonly hasForgotten: boolean;
  readonly log: Log;
}

interface Log {
  readonly old: NodeRecord | undefined;
  readonly reader: LogReader;
  readonly directory: string;
  readonly isUndamaged: boolean;
}

/** To name it to the operator: so whatever can be read will do. */
async function lastKnown(folder: OfflineFolder, old: NodeRecord | undefined): Promise<LastKnown> {
  const { disk, directory } = folder;
  const { wal } = groupFolders({ directory, group: 0 });
  const reader = new LogReader({ disk, directory: wal, owner: undefined });
  let configuration: Configuration | undefined;
  let [hasForgotten, isUndamaged] = [false, false];
  try {
    hasForgotten = (await disk.list(wal)).includes(forgottenName);
    const { damage, entries } = await readToDamage(reader, wal);
    isUndamaged = damage === undefined;
    configuration = await newestConfiguration({ disk, directory: wal, reader, entries });
  } catch (error) {
    // A sector that can't be read is what this recovery is for, too; there may be no log at all.
    if (!(error instanceof DiskError)) throw error;
  }
  // After an interrupted run node.json holds an id that nobody knows; the log holds the old one.
  const nodeId = reader.header?.identity.nodeId ?? old?.nodeId;
  return { nodeId, configuration, hasForgotten, log: { old, reader, directory: wal, isUndamaged } };
}

/** The log goes on from a whole snapshot, and is this node's. */
async function isWhole(folder: OfflineFolder, log: Log): Promise<boolean> {
  const { directory, isUndamaged, old, reader } = log;
  const clusterId = old?.clusterId ?? undefined;
  const identity = reader.header?.identity;
  if (!isUndamaged || clusterId === undefined || identity === undefined) return false;
  if (identity.clusterId !== clusterId || identity.nodeId !== old?.nodeId) return false;
  if (gapBeforeLog(reader.positions, directory) !== undefined) return false;
  try {
    return (await unreadableSnapshot(folder, { clusterId, reader })) === undefined;
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
}

function isLastOfItsCluster({ configuration, hasForgotten, nodeId }: LastKnown): boolean {
  return !hasForgotten && nodeId !== undefined && isOnlyVoter({ nodeId, configuration });
}

/**
 * What is damaged is set aside all the same: where nothing can be kept, that is how to begin anew. That it is the only
 * voter is what an old copy of a disk says, too, whose cluster has grown since: started, it would lead beside the others.
 */
async function refuseWholeOnlyVoter(folder: OfflineFolder, known: LastKnown): Promise<void> {
  if (!isLastOfItsCluster(known) || !(await isWhole(folder, known.log))) return;
  const { directory } = folder;
  throw new NothingToRecoverError(
    `The node of ${directory} is by its own log the only voter of its cluster, and its data is whole. If it is, there is no cluster that it could join again, and no other node has what it holds: start it as it is. If the cluster has gained nodes since, this is an old copy: do not start it, but move ${directory} to another place, and let the node in as a new one (rogerctl member add). To give all that it holds up and begin anew, move ${directory} to another place; to go over into another cluster, back it up with rogerctl backup first.`,
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
