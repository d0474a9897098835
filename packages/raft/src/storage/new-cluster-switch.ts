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

/** Where the old data is now; undefined unless data lay ready for the cluster that node.json names. */
export async function finishNewCluster(
  folder: Folder & { readonly clusterId: string },
): Promise<string | undefined> {
  const { clusterId, directory, disk } = folder;
  const prepared = preparedFolder({ directory, clusterId });
  if (!(await isFolder({ disk, directory: prepared }))) return undefined;
  const name = "group-0";
  const isOldThere = await isFolder({ disk, directory: `${directory}/${name}` });
  const aside = isOldThere ? await setAside({ disk, directory, name }) : undefined;
  await disk.rename({ from: prepared, to: `${directory}/${name}` });
  await disk.syncDirectory(directory);
  return aside;
}

/** Within one folder, so that a crash leaves it under one of the two names, never under none. */
export async function setAside(moved: Folder & { readonly name: string }): Promise<string> {
  const { disk, directory, name } = moved;
  const aside = await nextAside(moved);
  await disk.rename({ from: `${directory}/${name}`, to: aside });
  await disk.syncDirectory(directory);
  return aside;
}

export async function newAside(folder: Folder): Promise<string> {
  const aside = await nextAside(folder);
  await makeFolder(folder.disk, aside);
  return aside;
}

/** `set-aside-<n>`, in the data folder. */
const asideName = /^set-aside-(\d+)$/;

/** Data of a node that this folder has held before. */
export function isAsideName(name: string): boolean {
  return asideName.test(name);
}

async function nextAside({ disk, directory }: Folder): Promise<string> {
  const numbers = (await disk.list(directory)).map((name) =>
    Number(asideName.exec(name)?.[1] ?? 0),
  );
  return `${directory}/set-aside-${Math.max(0, ...numbers) + 1}`;
}
