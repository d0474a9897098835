// folder-lock.ts — one process per data folder (D15, E4.6). The file `lock` holds the pid and start
// time of its owner. The lock of a dead or different process is replaced; one that lives is obeyed.
// Needs no sync: after a power cut no owner lives.
//
// A lock is published by a link, so it appears whole and only one of several gets the name. Who finds
// a dead owner claims *the place after that very lock*, a name that follows from its text, then looks
// whether it is still the lock, and renames its claim over it. A text never comes back once its owner
// is dead, so who was late sees another text than the one it judged, and its claim is void. Who dies
// between claim and rename leaves a chain of dead locks; the place after the last one is claimed.
import { digestHex } from "./checksum.ts";
import { isCount, isObject, parseJson, textBytes } from "./configuration-codec.ts";
import { type DataFolder, groupFolders } from "./data-folder.ts";
import { DiskError, type DiskErrorCode, type DiskFile } from "./disk.ts";
import { readFileIfThere } from "./small-file.ts";
import { isNoSpace, withRoom } from "./space-reserve.ts";

/** What must be known of processes: this one, and whether another lives. */
export interface ProcessFacts {
  readonly pid: number;
  /** Tells one run from any other with the same pid, across reboots; undefined if no such process lives. */
  startTimeOf(pid: number): Promise<string | undefined>;
}

export interface FolderLock {
  release(): Promise<void>;
}

/** Another living process holds the folder (exit 69). `message` is a clause; the caller says what to do. */
export class FolderTakenError extends Error {
  override readonly name = "FolderTakenError";
}

type LockedFolder = DataFolder & { readonly process: ProcessFacts };

const lockName = "lock";

/** Takes the folder for this process. A lock of a dead or different process is replaced. */
export async function lockFolder(folder: LockedFolder): Promise<FolderLock> {
  const { disk, directory, process } = folder;
  await disk.makeDirectory(directory);
  const startTime = (await process.startTimeOf(process.pid)) ?? "unknown";
  const own = JSON.stringify({ pid: process.pid, startTime });
  const aside = `${lockName}.by.${process.pid}`;
  await writeAsideThoughFull(folder, { aside, own });
  try {
    await publish(folder, aside);
  } finally {
    await removeLeft(folder, aside);
  }
  // Those who came before us may have left something. Who is at it just now finds its file gone: the
  // folder is taken anyway.
  for (const left of await disk.list(directory)) {
    if (left.startsWith(`${lockName}.`)) await removeLeft(folder, left);
  }
  const release = async (): Promise<void> => {
    if ((await textOf(folder, lockName)) === own) await removeLeft(folder, lockName);
  };
  return { release };
}

/** The reserve makes room on a full disk (D11), but not that of one who lives. */
async function writeAsideThoughFull(
  folder: LockedFolder,
  text: { readonly aside: string; readonly own: string },
): Promise<void> {
  const { directory, disk } = folder;
  const { wal } = groupFolders({ directory, group: 0 });
  await withRoom({ disk, directory: wal }, async () => {
    try {
      await writeAside(folder, text);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      await removeLeft(folder, text.aside);
      await refuseTaken(folder);
      throw error;
    }
  });
}

async function writeAside(
  folder: DataFolder,
  { aside, own }: { readonly aside: string; readonly own: string },
): Promise<void> {
  await removeLeft(folder, aside);
  const file = await createAside(folder, aside);
  try {
    await file.write({ at: 0, buffers: [textBytes(own)] });
  } finally {
    await file.close();
  }
}

async function createAside(folder: DataFolder, aside: string): Promise<DiskFile> {
  try {
    return await folder.disk.create(`${folder.directory}/${aside}`);
  } catch (error) {
    // Only this very process is at it under the same name.
    if (isDiskError(error, "exists")) throw takenBy(folder, "this process");
    throw error;
  }
}

/** Makes `aside` the lock, or rejects with FolderTakenError. */
async function publish(folder: LockedFolder, aside: string): Promise<void> {
  const judged = await textOf(folder, lockName);
  if (judged === undefined) return linkTo(folder, { aside, name: lockName });
  const place = await placeAfterTheDead(folder, judged);
  await linkTo(folder, { aside, name: place });
  if ((await textOf(folder, lockName)) !== judged) {
    await removeLeft(folder, place);
    throw takenBy(folder, "another process");
  }
  const { disk, directory } = folder;
  await disk.rename({ from: `${directory}/${place}`, to: `${directory}/${lockName}` });
}

async function refuseTaken(folder: LockedFolder): Promise<void> {
  const judged = await textOf(folder, lockName);
  if (judged !== undefined) await placeAfterTheDead(folder, judged);
}

/** Follows the chain of dead locks to its end. One that lives is obeyed. */
async function placeAfterTheDead(folder: LockedFolder, first: string): Promise<string> {
  let name = lockName;
  for (let text: string | undefined = first; text !== undefined; ) {
    await refuseLiving(folder, text);
    name = `${lockName}.after.${digestHex(textBytes(`${name} ${text}`))}`;
    text = await textOf(folder, name);
  }
  return name;
}

async function refuseLiving(folder: LockedFolder, text: string): Promise<void> {
  const owner = parseOwner(text);
  if (owner === undefined) return;
  if ((await folder.process.startTimeOf(owner.pid)) === owner.startTime) {
    throw takenBy(folder, `process ${owner.pid}`);
  }
}

async function linkTo(
  folder: DataFolder,
  { aside, name }: { readonly aside: string; readonly name: string },
): Promise<void> {
  const { disk, directory } = folder;
  try {
    await disk.link({ from: `${directory}/${aside}`, to: `${directory}/${name}` });
  } catch (error) {
    // Somebody was faster; or has the folder already, and cleared our file away.
    if (isDiskError(error, "exists") || isDiskError(error, "not-found")) {
      throw takenBy(folder, "another process");
    }
    throw error;
  }
}

async function removeLeft({ disk, directory }: DataFolder, name: string): Promise<void> {
  try {
    await disk.remove(`${directory}/${name}`);
  } catch (error) {
    if (!isDiskError(error, "not-found")) throw error;
  }
}

function isDiskError(error: unknown, code: DiskErrorCode): boolean {
  return error instanceof DiskError && error.code === code;
}

function parseOwner(
  text: string,
): { readonly pid: number; readonly startTime: string } | undefined {
  const plain = parseJson(textBytes(text));
  if (!isObject(plain)) return undefined;
  const { pid, startTime } = plain;
  return isCount(pid) && typeof startTime === "string" ? { pid, startTime } : undefined;
}

async function textOf(folder: DataFolder, name: string): Promise<string | undefined> {
  const bytes = await readFileIfThere(folder.disk, `${folder.directory}/${name}`);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function takenBy({ directory }: DataFolder, owner: string): FolderTakenError {
  return new FolderTakenError(`${directory} is in use by ${owner}`);
}
