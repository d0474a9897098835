// folder-lock.ts — one process per data folder (D15, E4.6). The file `lock` holds the pid and start
// time of its owner. The lock of a dead or different process is replaced; one that lives is obeyed.
// Needs no sync: after a power cut no owner lives.
import { isCount, isObject, parseJson, textBytes } from "./configuration-codec.ts";
import type { DataFolder } from "./data-folder.ts";
import { DiskError } from "./disk.ts";
import { readFileIfThere } from "./small-file.ts";
import { removeIfThere } from "./zero-file.ts";

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

const lockName = "lock";

/** Takes the folder for this process. A lock of a dead or different process is replaced. */
export async function lockFolder(
  folder: DataFolder & { readonly process: ProcessFacts },
): Promise<FolderLock> {
  const { disk, directory, process } = folder;
  const path = `${directory}/${lockName}`;
  await disk.makeDirectory(directory);
  const startTime = (await process.startTimeOf(process.pid)) ?? "unknown";
  const own = JSON.stringify({ pid: process.pid, startTime });
  if (!(await createLock(folder, own))) {
    await removeDeadLock(folder);
    if (!(await createLock(folder, own))) throw taken(directory, "another process");
  }
  // Two that found the same dead lock: the one whose lock was moved away sees it here.
  if ((await lockText(folder)) !== own) throw taken(directory, "another process");
  const release = async (): Promise<void> => {
    if ((await lockText(folder)) === own) await removeIfThere(disk, path);
  };
  return { release };
}

async function createLock(folder: DataFolder, own: string): Promise<boolean> {
  try {
    const file = await folder.disk.create(`${folder.directory}/${lockName}`);
    try {
      await file.write({ at: 0, buffers: [textBytes(own)] });
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof DiskError && error.code === "exists") return false;
    throw error;
  }
}

/** Moves it away under a name of our own, and looks whether it was the one that was found dead. */
async function removeDeadLock(
  folder: DataFolder & { readonly process: ProcessFacts },
): Promise<void> {
  const { disk, directory, process } = folder;
  const judged = await lockText(folder);
  const owner = judged === undefined ? undefined : parseOwner(judged);
  if (owner !== undefined && (await process.startTimeOf(owner.pid)) === owner.startTime) {
    throw taken(directory, `process ${owner.pid}`);
  }
  if (judged === undefined) return;
  const away = `${lockName}.dead.${process.pid}`;
  await removeIfThere(disk, `${directory}/${away}`);
  await disk.rename({ from: `${directory}/${lockName}`, to: `${directory}/${away}` });
  if ((await textOf(folder, away)) === judged) {
    await disk.remove(`${directory}/${away}`);
    return;
  }
  await disk.rename({ from: `${directory}/${away}`, to: `${directory}/${lockName}` });
  throw taken(directory, "another process");
}

function parseOwner(
  text: string,
): { readonly pid: number; readonly startTime: string } | undefined {
  const plain = parseJson(textBytes(text));
  if (!isObject(plain)) return undefined;
  const { pid, startTime } = plain;
  return isCount(pid) && typeof startTime === "string" ? { pid, startTime } : undefined;
}

function lockText(folder: DataFolder): Promise<string | undefined> {
  return textOf(folder, lockName);
}

async function textOf(folder: DataFolder, name: string): Promise<string | undefined> {
  const bytes = await readFileIfThere(folder.disk, `${folder.directory}/${name}`);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function taken(directory: string, owner: string): FolderTakenError {
  return new FolderTakenError(`${directory} is in use by ${owner}`);
}
