// open-log-storage.ts — a start: read what is there, decide (E4), make the log ready to append.
import type { Incarnation } from "../../core/ids.ts";
import type { Disk } from "../disk.ts";
import type { LogStorage, StorageIdentity } from "../storage.ts";

export interface LogStorageLimits {
  /** Size of a segment, a multiple of 4096. A batch that is larger gets a larger segment of its own. */
  readonly segmentBytes: number;
  /** Kept free: a reserve file of this size, and `isNearlyFull` while less than this is free beside it. */
  readonly reserveBytes: number;
}

export const defaultLogStorageLimits: LogStorageLimits = {
  segmentBytes: 16 * 1024 * 1024,
  reserveBytes: 16 * 1024 * 1024,
};

export interface LogStorageParts {
  readonly disk: Disk;
  /** `DATA/group-0/wal`; made if it is missing. */
  readonly directory: string;
  readonly identity: StorageIdentity;
  readonly incarnation: Incarnation;
  readonly limits: LogStorageLimits;
  /** `existing`: an empty folder is damage (node.json says that there was a log). Default `any`. */
  readonly expect?: "any" | "existing";
}

/** Rejects with DamagedDataError where a promise could be broken; with DiskError where the disk fails. */
export function openLogStorage(_parts: LogStorageParts): Promise<LogStorage> {
  return Promise.reject(new Error("not built yet"));
}
