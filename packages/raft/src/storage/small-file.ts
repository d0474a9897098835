// small-file.ts — a small file that is replaced as a whole: written aside, synced, renamed, folder
// synced (D8). After a crash the old content is there or the new, never a mixture and never neither.
import { type Disk, DiskError } from "./disk.ts";
import { removeIfThere } from "./zero-file.ts";

export async function replaceFile(replaced: {
  readonly disk: Disk;
  readonly directory: string;
  readonly name: string;
  readonly content: Uint8Array;
}): Promise<void> {
  const { disk, directory, name, content } = replaced;
  const aside = `${directory}/${name}.tmp`;
  await removeIfThere(disk, aside);
  const file = await disk.create(aside);
  try {
    await file.write({ at: 0, buffers: [content] });
    await file.syncData();
  } finally {
    await file.close();
  }
  await disk.rename({ from: aside, to: `${directory}/${name}` });
  await disk.syncDirectory(directory);
}

/** Undefined where there is no such file. */
export async function readFileIfThere(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await disk.open(path);
    try {
      return await file.read({ at: 0, bytes: await file.size() });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof DiskError && error.code === "not-found") return undefined;
    throw error;
  }
}

export async function isFolder(place: {
  readonly disk: Disk;
  readonly directory: string;
}): Promise<boolean> {
  try {
    await place.disk.list(place.directory);
    return true;
  } catch (error) {
    if (error instanceof DiskError && error.code === "not-found") return false;
    throw error;
  }
}

/** Makes a folder and those above it, durably. */
export async function makeFolder(disk: Disk, directory: string): Promise<void> {
  await disk.makeDirectory(directory);
  const parent = parentOf(directory);
  await disk.syncDirectory(parent);
  for (let above = parent; above !== "/"; ) {
    above = parentOf(above);
    await syncIfOurs(disk, above);
  }
}

/** Far above the data folder there may be folders that are not ours to open: those we did not make. */
async function syncIfOurs(disk: Disk, directory: string): Promise<void> {
  try {
    await disk.syncDirectory(directory);
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "not-permitted") throw error;
  }
}

export function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut <= 0 ? "/" : path.slice(0, cut);
}
