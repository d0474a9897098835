// folder-lock.ts — one process per data folder (D15, E4.6).
import type { DataFolder } from "./data-folder.ts";

/** What must be known of processes: this one, and whether another lives. */
export interface ProcessFacts {
  readonly pid: number;
  /** Tells one run from any other with the same pid, across reboots; undefined if no such process lives. */
  startTimeOf(pid: number): Promise<string | undefined>;
}

export interface FolderLock {
  release(): Promise<void>;
}

/** Another living process holds the folder (exit 69). */
export class FolderTakenError extends Error {
  override readonly name = "FolderTakenError";
}

/** Takes the folder for this process. A lock of a dead or different process is replaced. */
export function lockFolder(
  _folder: DataFolder & { readonly process: ProcessFacts },
): Promise<FolderLock> {
  return Promise.reject(new Error("not built yet"));
}
