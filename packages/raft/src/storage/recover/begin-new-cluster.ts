// begin-new-cluster.ts — a folder becomes the only voter of a *new* cluster with what a survivor holds: what both
// --force-new-cluster and --accept-tail-loss do once they have decided what that is. A new cluster id, in
// every segment and snapshot, keeps whatever of the old cluster comes back from taking its entries for
// their own (M13). The old data is set aside as a whole; new-cluster-switch.ts makes the change one step.
import { assert } from "../../core/assert.ts";
import { groupFolders, writeIdentity } from "../data-folder.ts";
import { finishNewCluster, isPreparedName, setAside } from "../new-cluster-switch.ts";
import { addCommand, keepIdentityIn, type OfflineFolder } from "./offline-folder.ts";
import { prepareNewCluster } from "./prepare-new-cluster.ts";
import type { Survivor } from "./survivor.ts";

export type NewCluster = OfflineFolder & {
  /** Random, 32 hex digits. */
  readonly newClusterId: string;
  /** What the state machine is to know of it: the payload of the entry after the last one that is kept. */
  readonly firstCommand: Uint8Array;
};

/** Answers, in sentences for the operator, what is to be done now. */
export async function beginNewCluster(
  folder: NewCluster,
  survivor: Survivor,
): Promise<readonly string[]> {
  const { disk, directory, newClusterId: clusterId } = folder;
  await keepIdentityIn(folder, groupFolders({ directory, group: 0 }).group);
  const leftovers = await putLeftoversAside(folder);
  await prepareNewCluster(folder, survivor);
  const { nodeId, incarnation } = survivor.record;
  const record = { clusterId, nodeId, incarnation, hasLog: true };
  await writeIdentity({ disk, directory, record });
  const aside = await finishNewCluster({ disk, directory, clusterId });
  assert(aside !== undefined, "the old data was there");
  return [...leftovers.map(leftoverLine), ...whatNow({ folder, survivor, aside })];
}

/** Of attempts that a crash ended before they counted. Answers where they are now. */
async function putLeftoversAside({ disk, directory }: OfflineFolder): Promise<readonly string[]> {
  const aside: string[] = [];
  for (const name of await disk.list(directory)) {
    if (isPreparedName(name)) aside.push(await setAside({ disk, directory, name }));
  }
  return aside;
}

function leftoverLine(aside: string): string {
  return `An earlier attempt that was cut short, and never counted, was set aside in ${aside}; it may be deleted.`;
}

function whatNow(done: {
  readonly folder: NewCluster;
  readonly survivor: Survivor;
  readonly aside: string;
}): readonly string[] {
  const { aside, folder, survivor } = done;
  const { configuration, record } = survivor;
  const others = configuration.members.filter(({ id }) => id !== record.nodeId);
  const alone =
    "Start it as before. Clients of the old cluster do not talk with it: start clients anew.";
  const lines = [
    `${folder.directory} is now the only voter of the new cluster ${folder.newClusterId}. The old data was set aside in ${aside}.`,
  ];
  if (others.length === 0) return [...lines, alone];
  return [
    ...lines,
    "Start it as before. Nodes and clients of the old cluster do not talk with it: start clients anew, and let nodes in as new ones, each with an empty data directory (or after rogerd recover DIR --rejoin):",
    ...others.map((member) => `  ${addCommand(member)}`),
  ];
}
