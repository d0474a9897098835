// open-log-storage.ts — a start: read what is there, decide (E4), make the log ready to append.
import { assert } from "../../core/assert.ts";
import type { Incarnation } from "../../core/ids.ts";
import { damagedDataError } from "../damage.ts";
import type { Disk } from "../disk.ts";
import { refuseForgotten } from "../forgotten-note.ts";
import { makeFolder } from "../small-file.ts";
import { SpaceReserve } from "../space-reserve.ts";
import type { LogStorage, StorageIdentity } from "../storage.ts";
import type { LogTail } from "./log-reader.ts";
import { recoverLog } from "./recovery.ts";
import { type OpenSegment, SpareSegments } from "./spare-segments.ts";
import { Wal } from "./wal.ts";

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
  /** `existing`: a log that holds nothing is damage (node.json says that it held something). Default `any`. */
  readonly expect?: "any" | "existing";
}

/** Rejects with DamagedDataError or ForgottenLogError where a promise could be broken; with DiskError where the disk fails. */
export async function openLogStorage(parts: LogStorageParts): Promise<LogStorage> {
  const { disk, directory, limits } = parts;
  checkLimits(limits);
  await makeFolder(disk, directory);
  await refuseForgotten(parts);
  await removeLeftovers(parts);
  const log = await recoverLog(parts);
  if (parts.expect === "existing" && log.nextBatch === 1) {
    throw damagedDataError(
      {
        what:
          log.tail === undefined
            ? "there is no log, but node.json says that there was one"
            : "the log holds nothing, but node.json says that it did: the disk has lost what was synced",
        file: directory,
        remedy: "rejoin",
      },
      { directory, nodeId: parts.identity.nodeId, configuration: undefined },
    );
  }
  const { segmentBytes, reserveBytes } = limits;
  const reserve = new SpaceReserve({ disk, directory, reserveBytes, segmentBytes });
  await reserve.open();
  const giveUpReserve = (): Promise<void> => reserve.giveUp();
  const spares = new SpareSegments({ disk, directory, segmentBytes, giveUpReserve });
  const segment = await tailSegment(log.tail, { disk, spares, segmentBytes });
  const spare = log.spares.find(({ sequence }) => sequence === segment.sequence + 1);
  if (spare !== undefined) spares.adopt(spare);
  const offset = log.tail?.offset ?? 0;
  return new Wal({ ...parts, log, segment, offset, spares, reserve });
}

function checkLimits(limits: LogStorageLimits): void {
  const { segmentBytes, reserveBytes } = limits;
  assert(segmentBytes % 4096 === 0 && segmentBytes > 0, "a segment is a whole number of pages");
  assert(reserveBytes >= 0, "the reserve is a number of bytes");
}

/** What a crash left half made; nothing in it was ever part of the log. */
async function removeLeftovers({ disk, directory }: LogStorageParts): Promise<void> {
  for (const name of await disk.list(directory)) {
    if (name.endsWith(".tmp")) await disk.remove(`${directory}/${name}`);
  }
}

async function tailSegment(
  tail: LogTail | undefined,
  made: { readonly disk: Disk; readonly spares: SpareSegments; readonly segmentBytes: number },
): Promise<OpenSegment> {
  if (tail === undefined) {
    return made.spares.take({ sequence: 1, bytesMin: made.segmentBytes });
  }
  const { path, sequence, capacityBytes } = tail;
  return { path, sequence, capacityBytes, file: await made.disk.open(path) };
}
