// force-new-cluster.ts — `recover --force-new-cluster`: a majority is lost for good, and one node that is left
// becomes the only voter of a *new* cluster, with all that its log holds. A new cluster id, in every
// segment and snapshot, keeps whatever of the old cluster comes back from taking its entries for their
// own (M13). The old data is set aside; new-cluster-switch.ts makes the change one step.
import { assert } from "../../core/assert.ts";
import { groupFolders, writeIdentity } from "../data-folder.ts";
import { finishNewCluster, isPreparedName, setAside } from "../new-cluster-switch.ts";
import {
  addCommand,
  keepIdentityIn,
  locked,
  type OfflineFolder,
  type RecoveryReport,
} from "./offline-folder.ts";
import { prepareNewCluster } from "./prepare-new-cluster.ts";
import { readSurvivor, type Survivor } from "./survivor.ts";

/** What `recoverForceNewCluster` would give up. Changes nothing; refuses what it would refuse. */
export function foreseeNewCluster(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, async () => ({ lines: whatMayBeLost(await readSurvivor(folder)) }));
}

export type NewCluster = OfflineFolder & {
  /** Random, 32 hex digits. */
  readonly newClusterId: string;
  /** What the state machine is to know of it: the payload of the entry after the last one that is kept. */
  readonly firstCommand: Uint8Array;
};

export function recoverForceNewCluster(folder: NewCluster): Promise<RecoveryReport> {
  return locked(folder, () => forceNewCluster(folder));
}

async function forceNewCluster(folder: NewCluster): Promise<RecoveryReport> {
  const { disk, directory, newClusterId: clusterId } = folder;
  const survivor = await readSurvivor(folder);
  await keepIdentityIn(folder, groupFolders({ directory, group: 0 }).group);
  await putLeftoversAside(folder);
  await prepareNewCluster(folder, survivor);
  const { nodeId, incarnation } = survivor.record;
  const record = { clusterId, nodeId, incarnation, hasLog: true };
  await writeIdentity({ disk, directory, record });
  const aside = await finishNewCluster({ disk, directory, clusterId });
  assert(aside !== undefined, "the old data was there");
  return { lines: [...whatMayBeLost(survivor), ...whatNow({ folder, survivor, aside })] };
}

/** Of attempts that a crash ended before they counted. */
async function putLeftoversAside({ disk, directory }: OfflineFolder): Promise<void> {
  for (const name of await disk.list(directory)) {
    if (isPreparedName(name)) await setAside({ disk, directory, name });
  }
}

/** For the operator, before he decides. */
function whatMayBeLost(survivor: Survivor): readonly string[] {
  const { clusterId, configuration, positions, record } = survivor;
  const { commitIndex, last, lastIndex } = positions;
  const name = configuration.members.find(({ id }) => id === record.nodeId)?.name ?? record.nodeId;
  return [
    `The log of ${name} in cluster ${clusterId} ends at entry ${lastIndex} of term ${last.term}; up to entry ${commitIndex} all is known to be committed.`,
    `Whatever the lost nodes acknowledged after entry ${lastIndex} is lost for good, and nobody can tell what it was.`,
    ...(commitIndex < lastIndex
      ? [
          `Entries ${commitIndex + 1} to ${lastIndex} are kept and count from now on, whether they were acknowledged or not.`,
        ]
      : []),
    ...(survivor.isDiverged
      ? [
          "This node has found its state to differ from that of others, and takes it along as it is. Use another node if one is left.",
        ]
      : []),
    "If several nodes are left, use the one whose log ends in the latest term, and among those at the latest entry; this text, and rogerd inspect, say it of each.",
  ];
}

function whatNow(done: {
  readonly folder: NewCluster;
  readonly survivor: Survivor;
  readonly aside: string;
}): readonly string[] {
  const { aside, folder, survivor } = done;
  const { configuration, record } = survivor;
  const others = configuration.members.filter(({ id }) => id !== record.nodeId);
  return [
    `${folder.directory} is now the only voter of the new cluster ${folder.newClusterId}. The old data was set aside in ${aside}.`,
    "Start it as before. Nodes and clients of the old cluster do not talk with it: start clients anew, and let nodes in as new ones, each with an empty data directory (or after rogerd recover DIR --rejoin):",
    ...others.map((member) => `  ${addCommand(member)}`),
  ];
}
