// space-reserve.ts — foresees a full disk, so that proposals are refused before a commit could fail
// (E4.5, D11). It keeps a file of zeros that can be given up to let the log go on (membership,
// snapshots), and looks how much is free: off the path of commits, without a timer.
import type { Disk } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { makeZeroFile, removeIfThere } from "./zero-file.ts";

const reserveName = "reserve";
/** So much may be written, or so often asked, before we look again. */
const lookEveryBytes = 1024 * 1024;
const lookEveryWrites = 256;

/**
 * A small file that must be written where no log is open: on a full disk the reserve makes room for it, once.
 * `write` is called a second time then, and begins anew.
 */
export async function withRoom<Result>(
  log: { readonly disk: Disk; readonly directory: string },
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!isNoSpace(error) || !(await removeReserve(log))) throw error;
    return write();
  }
}

export function isNoSpace(error: unknown): boolean {
  return error instanceof DiskError && error.code === "no-space";
}

/** False: there was none. */
async function removeReserve(log: {
  readonly disk: Disk;
  readonly directory: string;
}): Promise<boolean> {
  const { directory, disk } = log;
  try {
    await disk.remove(`${directory}/${reserveName}`);
  } catch (error) {
    if (error instanceof DiskError && error.code === "not-found") return false;
    throw error;
  }
  await disk.syncDirectory(directory);
  return true;
}

export interface SpaceReserveParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly reserveBytes: number;
  /** What the next segment will take: room for it is not free. */
  readonly segmentBytes: number;
}

export class SpaceReserve {
  readonly #parts: SpaceReserveParts;
  #freeBytes = Number.MAX_SAFE_INTEGER;
  #held: "unknown" | "yes" | "given-up" = "unknown";
  #looking: Promise<void> | undefined;
  #unseenBytes = 0;
  #unseenWrites = 0;
  #closed = false;

  constructor(parts: SpaceReserveParts) {
    this.#parts = parts;
  }

  /** At a start: looks at once, and makes the file in the background. */
  async open(): Promise<void> {
    const { disk, directory } = this.#parts;
    this.#freeBytes = await disk.freeBytes(directory);
    const names = await disk.list(directory);
    this.#held = names.includes(reserveName) ? "yes" : "unknown";
    this.#look();
  }

  isNearlyFull(): boolean {
    const isShort = this.#held === "given-up" || this.#freeBytes < this.#lowWaterBytes();
    if (isShort) this.#look();
    return isShort;
  }

  /** After each commit. */
  noteWrite(bytes: number): void {
    this.#unseenBytes += bytes;
    this.#unseenWrites += 1;
    if (this.#unseenBytes >= lookEveryBytes || this.#unseenWrites >= lookEveryWrites) this.#look();
  }

  /** The disk is full and the log needs a segment: the file makes room for it. */
  async giveUp(): Promise<void> {
    const { disk, directory } = this.#parts;
    await this.#looking;
    this.#held = "given-up";
    await removeIfThere(disk, `${directory}/${reserveName}`);
    await disk.syncDirectory(directory);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#looking;
  }

  #lowWaterBytes(): number {
    return this.#parts.reserveBytes + this.#parts.segmentBytes;
  }

  #look(): void {
    if (this.#looking !== undefined || this.#closed) return;
    this.#unseenBytes = 0;
    this.#unseenWrites = 0;
    this.#looking = this.#lookNow().then(
      () => {
        this.#looking = undefined;
      },
      () => {
        // A disk that can't be asked takes no proposals; what is on the way may still be committed.
        this.#looking = undefined;
        this.#freeBytes = 0;
      },
    );
  }

  async #lookNow(): Promise<void> {
    const { disk, directory, reserveBytes: bytes } = this.#parts;
    this.#freeBytes = await disk.freeBytes(directory);
    if (this.#held === "yes" || bytes === 0) return;
    // Twice: once for the file, and as much again left beside it; otherwise it would be taken and
    // given up in turns.
    if (this.#freeBytes < 2 * this.#lowWaterBytes()) {
      this.#held = "given-up";
      return;
    }
    try {
      await makeZeroFile({ disk, directory, name: reserveName, bytes });
      this.#held = "yes";
      this.#freeBytes = await disk.freeBytes(directory);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      this.#held = "given-up";
      await removeIfThere(disk, `${directory}/${reserveName}.tmp`);
    }
  }
}
