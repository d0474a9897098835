// disk.ts — the file calls we use, so that a simulated disk can stand in (DESIGN §8).
// Everything is asynchronous and off the event loop. A rejected write or sync is final: the caller
// ends the process and never tries again (D2). Paths are absolute, '/'-separated.

export interface DiskFile {
  /** Reads up to `bytes` bytes at `at`; shorter only at the end of the file. */
  read(range: { readonly at: number; readonly bytes: number }): Promise<Uint8Array>;
  /** Writes all of `buffers`, in order, from `at` on. Durable only after a later `syncData`. */
  write(write: { readonly at: number; readonly buffers: readonly Uint8Array[] }): Promise<void>;
  /** fdatasync: data, and the size if it changed. */
  syncData(): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export interface Disk {
  /** Opens an existing file for reading and writing. Rejects with DiskError `not-found`. */
  open(path: string): Promise<DiskFile>;
  /** Makes a new, empty file; rejects with DiskError `exists` if there is one. */
  create(path: string): Promise<DiskFile>;
  /** Atomic; durable only after `syncDirectory` of both folders (D8). Replaces an existing target. */
  rename(move: { readonly from: string; readonly to: string }): Promise<void>;
  /** A second name for a file. The name must be free: of several who ask, one gets it, the others are
   *  rejected with DiskError `exists`. Never durable on its own. */
  link(made: { readonly from: string; readonly to: string }): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names (not paths) in a folder, sorted; rejects with DiskError `not-found`. */
  list(directory: string): Promise<readonly string[]>;
  makeDirectory(directory: string): Promise<void>;
  /** fsync of the folder itself: what was created, renamed or removed in it stays so. */
  syncDirectory(directory: string): Promise<void>;
  /** What is left for us on the file system that holds `directory`. */
  freeBytes(directory: string): Promise<number>;
}

export type DiskErrorCode = "not-found" | "exists" | "no-space" | "input-output" | "not-permitted";

/** What every Disk rejects with. `cause` holds the system's own error. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  readonly code: DiskErrorCode;
  readonly path: string;

  constructor(problem: {
    readonly code: DiskErrorCode;
    readonly path: string;
    readonly message: string;
    readonly cause?: unknown;
  }) {
    super(`${problem.path}: ${problem.message}`, { cause: problem.cause });
    this.code = problem.code;
    this.path = problem.path;
  }
}
