// force-new-cluster.ts — `recover --force-new-cluster`: a majority is lost for good, and one node that is left
// becomes the only voter of a *new* cluster, with all that its log holds.
import { beginNewCluster, type NewCluster } from "./begin-new-cluster.ts";
import { locked, type OfflineFolder, type RecoveryReport } from "./offline-folder.ts";
import { readSurvivor, type Survivor } from "./survivor.ts";

/** What `recoverForceNewCluster` would give up. Changes nothing; refuses what it would refuse. */
export function foreseeNewCluster(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, async () => ({ lines: whatMayBeLost(await readSurvivor(folder)) }));
}

export function recoverForceNewCluster(folder: NewCluster): Promise<RecoveryReport> {
  return locked(folder, async () => {
    const survivor = await readSurvivor(folder);
    const whatNow = await beginNewCluster(folder, survivor);
    return { lines: [...whatMayBeLost(survivor), ...whatNow] };
  });
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
    ...(survivor.hasForgotten
      ? [
          "The disk of this node has lost writes that it had acknowledged; they may have been after the end of its log. Use another node if one is left.",
        ]
      : []),
    "If several nodes are left, use the one whose log ends in the latest term, and among those at the latest entry; this text, and rogerd inspect, say it of each.",
  ];
}
