// new-cluster-switch.ts — the moment in which a folder becomes the first node of a new cluster
// (`recover --force-new-cluster`), made one step by redoing it: the new log and snapshots lie ready in
// `group-0-of-<cluster>`; node.json, replaced as a whole, says that they count; then they take the
// place of `group-0`, which is set aside. Whoever opens the folder next does what a crash left undone.
// So every crash leaves the old node or the new one. Never deletes.
import type { Disk } from "./disk.ts";
import { isFolder, makeFolder } from "./small-file.ts";

interface Folder {
  readonly disk: Disk;
  readonly directory: string;
}

/** Where the data of the new cluster lies until it counts. */
export function preparedFolder(place: {
  readonly directory: string;
  readonly clusterId: string;
}): string {
  return `${place.directory}/group-0-of-${place.clusterId}`;
}

export function isPreparedName(name: string): boolean {
  return /^group-\d+-of-[0-9a-f]{32}$/.test(name);
}

/** Does nothing unless data lies ready for the cluster that node.json names. */
export async function finishNewCluster(
  folder: Folder & { readonly clusterId: string },
): Promise<void> {
  const { clusterId, directory, disk } = folder;
  const prepared = preparedFolder({ directory, clusterId });
  if (!(await isFolder({ disk, directory: prepared }))) return;
  const group = `${directory}/group-0`;
  if (await isFolder({ disk, directory: group })) {
    await moveFolder(disk, { from: group, to: `${await asideFor(folder)}/group-0` });
  }
  await moveFolder(disk, { from: prepared, to: group });
}

/** The one that was made just before, if the old data is not in it yet. */
async function asideFor(folder: Folder): Promise<string> {
  const { disk, directory } = folder;
  const newest = `${directory}/set-aside-${(await asideNumbers(folder)).at(-1) ?? 0}`;
  const isMade = await isFolder({ disk, directory: newest });
  if (isMade && !(await disk.list(newest)).includes("group-0")) return newest;
  return newAside(folder);
}

export async function newAside(folder: Folder): Promise<string> {
  const { disk, directory } = folder;
  const aside = `${directory}/set-aside-${((await asideNumbers(folder)).at(-1) ?? 0) + 1}`;
  await makeFolder(disk, aside);
  return aside;
}

async function asideNumbers({ disk, directory }: Folder): Promise<readonly number[]> {
  return (await disk.list(directory))
    .flatMap((name) => /^set-aside-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((left, right) => left - right);
}

/** The folder it goes to is synced first: it may be seen twice after a crash, but never not at all. */
export async function moveFolder(
  disk: Disk,
  move: { readonly from: string; readonly to: string },
): Promise<void> {
  await disk.rename(move);
  await disk.syncDirectory(move.to.slice(0, move.to.lastIndexOf("/")));
  await disk.syncDirectory(move.from.slice(0, move.from.lastIndexOf("/")));
}
