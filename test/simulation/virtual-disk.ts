// virtual-disk.ts — the disk of one machine as one process of it sees it: over MemoryDisk, which knows
// what was synced, it puts time and trouble. An operation begins, takes effect and is answered at three
// instants; the power can go between any two. An answer to a process that is gone reaches nobody.
import { type Disk, DiskError, type DiskFile, type MemoryDisk } from "@rogerd/raft";
import type { Dice } from "./dice.ts";
import type { VirtualProcess, VirtualTime } from "./virtual-time.ts";

type Kind = "read" | "write" | "sync";

export interface DiskTimes {
  readonly readMs: number;
  readonly writeMs: number;
  readonly syncMs: number;
}

/** A write to the log, as it was asked for. */
export interface WalWrite {
  readonly path: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** So many of the last ones are remembered. */
const writesRemembered = 6;

/** What is wrong with a machine's disk; outlives its processes. */
export interface DiskTrouble {
  /** The last writes to the log that were synced, for who means to misdirect one. */
  synced: readonly WalWrite[];
  unsynced: readonly WalWrite[];
  slowdown: number;
  /** Nothing is answered before this instant. */
  hungUntil: number;
  /** When all that its latest process has asked for so far is answered. */
  answeredAt: number;
  /** The next one of this kind fails. */
  failNext: "write" | "sync" | undefined;
  /** It has. */
  failed: () => void;
  /** The power goes at the so many-th change of the disk from now, at this point of it. */
  crashAt: { changes: number; readonly moment: "begin" | "effect" | "end" } | undefined;
  crash: () => void;
}

export interface VirtualDiskParts {
  readonly memory: MemoryDisk;
  readonly time: VirtualTime;
  readonly process: VirtualProcess;
  readonly times: DiskTimes;
  readonly trouble: DiskTrouble;
  readonly dice: Dice;
}

export class VirtualDisk implements Disk {
  readonly #parts: VirtualDiskParts;

  constructor(parts: VirtualDiskParts) {
    this.#parts = parts;
  }

  async open(path: string): Promise<DiskFile> {
    return this.#file(await this.#operate("read", () => this.#parts.memory.open(path)), path);
  }

  async create(path: string): Promise<DiskFile> {
    return this.#file(await this.#operate("write", () => this.#parts.memory.create(path)), path);
  }

  rename(move: { readonly from: string; readonly to: string }): Promise<void> {
    return this.#operate("write", () => this.#parts.memory.rename(move));
  }

  link(made: { readonly from: string; readonly to: string }): Promise<void> {
    return this.#operate("write", () => this.#parts.memory.link(made));
  }

  remove(path: string): Promise<void> {
    return this.#operate("write", () => this.#parts.memory.remove(path));
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#operate("read", () => this.#parts.memory.list(directory));
  }

  makeDirectory(directory: string): Promise<void> {
    return this.#operate("write", () => this.#parts.memory.makeDirectory(directory));
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#operate("sync", () => this.#parts.memory.syncDirectory(directory));
  }

  freeBytes(directory: string): Promise<number> {
    return this.#operate("read", () => this.#parts.memory.freeBytes(directory));
  }

  #file(file: DiskFile, path: string): DiskFile {
    return {
      read: (range) => this.#operate("read", () => file.read(range)),
      write: (write) => {
        // The kernel takes the bytes of the caller's buffer now or later: never after it has answered.
        const buffers = write.buffers.map((buffer) => buffer.slice());
        return this.#operate(
          "write",
          () => this.#noted(path, { at: write.at, buffers }, file),
          path,
        );
      },
      syncData: () => this.#operate("sync", () => this.#synced(file), path),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  #noted(
    path: string,
    write: { readonly at: number; readonly buffers: readonly Uint8Array[] },
    file: DiskFile,
  ): Promise<void> {
    const { trouble } = this.#parts;
    if (path.includes("/wal/")) {
      const bytes = Buffer.concat(write.buffers);
      trouble.unsynced = [...trouble.unsynced, { path, at: write.at, bytes }];
    }
    return file.write(write);
  }

  #synced(file: DiskFile): Promise<void> {
    const { trouble } = this.#parts;
    trouble.synced = [...trouble.synced, ...trouble.unsynced].slice(-writesRemembered);
    trouble.unsynced = [];
    return file.syncData();
  }

  #operate<Value>(kind: Kind, effect: () => Promise<Value>, path = ""): Promise<Value> {
    const { time, trouble, process } = this.#parts;
    const crashMoment = kind === "read" ? undefined : countDown(trouble);
    if (crashMoment === "begin") trouble.crash();
    return new Promise((resolve, reject) => {
      if (process.isEnded) return;
      const { beforeMs, afterMs } = this.#times(kind);
      trouble.answeredAt = Math.max(trouble.answeredAt, time.now + beforeMs + afterMs);
      this.#later(beforeMs, () => {
        // What a process had asked for and the kernel had not begun ends with the process.
        if (process.isEnded) return;
        if (kind !== "read" && trouble.failNext === kind) {
          trouble.failNext = undefined;
          trouble.failed();
          const message = `the ${kind} failed`;
          const error = new DiskError({ code: "input-output", path, message });
          return this.#answer(afterMs, () => reject(error));
        }
        effect().then(
          (value) => {
            if (crashMoment === "effect") trouble.crash();
            this.#answer(afterMs, () => {
              if (crashMoment === "end") trouble.crash();
              else resolve(value);
            });
          },
          (error: unknown) => this.#answer(afterMs, () => reject(asError(error))),
        );
      });
    });
  }

  /** Where in its time an operation takes effect differs each time. */
  #times(kind: Kind): { readonly beforeMs: number; readonly afterMs: number } {
    const { dice, times, trouble, time } = this.#parts;
    const mean = { read: times.readMs, write: times.writeMs, sync: times.syncMs }[kind];
    const takesMs = dice.around(mean) * trouble.slowdown;
    const hungMs = Math.max(0, trouble.hungUntil - time.now);
    const beforeMs = dice.share() * takesMs;
    const isHungBefore = dice.chance(0.5);
    return {
      beforeMs: beforeMs + (isHungBefore ? hungMs : 0),
      afterMs: takesMs - beforeMs + (isHungBefore ? 0 : hungMs),
    };
  }

  #later(afterMs: number, run: () => void): void {
    this.#parts.time.schedule({ afterMs, run });
  }

  #answer(afterMs: number, run: () => void): void {
    const { time, process } = this.#parts;
    time.schedule({ afterMs, process, run });
  }
}

function countDown(trouble: DiskTrouble): "begin" | "effect" | "end" | undefined {
  if (trouble.crashAt === undefined) return undefined;
  trouble.crashAt.changes -= 1;
  if (trouble.crashAt.changes > 0) return undefined;
  const { moment } = trouble.crashAt;
  trouble.crashAt = undefined;
  return moment;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
