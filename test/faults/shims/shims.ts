// shims.ts — what is preloaded into the daemons of a run, and how it is told what is wrong: with their disks
// (disk-shim.c) and with their clocks (clock-shim.c). A file per node and shim, read by the daemon as memory.
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compile } from "./compile.ts";

/** What is left out is well. */
export interface DiskTrouble {
  readonly syncLateMs?: number;
  readonly writeLateMs?: number;
  readonly syncErrno?: number;
  readonly writeErrno?: number;
  readonly hangs?: boolean;
  /** Syncs do nothing, and say that all is on the disk. */
  readonly lies?: boolean;
}

export interface ClockTrouble {
  readonly wallOffMs?: number;
  /** Of the monotonic clock; 1 is as it should be. */
  readonly rate?: number;
}

export const errno = { EIO: 5, ENOSPC: 28 } as const;

export class Shims {
  readonly #folder: string;
  readonly #libraries: readonly string[];
  readonly #always: DiskTrouble;

  private constructor(parts: {
    readonly folder: string;
    readonly libraries: readonly string[];
    readonly always: DiskTrouble;
  }) {
    this.#folder = parts.folder;
    this.#libraries = parts.libraries;
    this.#always = parts.always;
  }

  /** `folder`: is there, and goes with the run. `always`: what is wrong with all disks, whatever else comes or goes. */
  static async prepare(
    folder: string,
    nodes: readonly string[],
    always: DiskTrouble = {},
  ): Promise<Shims> {
    const sources = ["shims/disk-shim.c", "shims/clock-shim.c"];
    const libraries = await Promise.all(
      sources.map((source) => compile(source, { folder, as: "library" })),
    );
    const shims = new Shims({ folder, libraries, always });
    await Promise.all(
      nodes.flatMap((node) => [
        writeFile(shims.#pathOf(node, "disk"), diskBytes(always)),
        writeFile(shims.#pathOf(node, "clock"), clockBytes({})),
      ]),
    );
    return shims;
  }

  /** With which a node is started. */
  envOf(node: string, dataDirectory: string): NodeJS.ProcessEnv {
    return {
      LD_PRELOAD: this.#libraries.join(":"),
      ROGERD_DISK_SHIM: this.#pathOf(node, "disk"),
      ROGERD_DISK_SHIM_UNDER: dataDirectory,
      ROGERD_CLOCK_SHIM: this.#pathOf(node, "clock"),
      // What goes past libc goes past the shim.
      UV_USE_IO_URING: "0",
    };
  }

  /** Replaces all that was wrong with it, but for what always is. */
  async disk(node: string, trouble: DiskTrouble): Promise<void> {
    await this.#tell(this.#pathOf(node, "disk"), diskBytes({ ...this.#always, ...trouble }));
  }

  async clock(node: string, trouble: ClockTrouble): Promise<void> {
    await this.#tell(this.#pathOf(node, "clock"), clockBytes(trouble));
  }

  /** Nothing is wrong with it any more, but for what always is. */
  async restore(node: string): Promise<void> {
    await this.disk(node, {});
    await this.clock(node, {});
  }

  /** In place: the daemon has this file in its memory. */
  async #tell(path: string, bytes: Uint8Array): Promise<void> {
    await using file = await open(path, "r+");
    await file.write(bytes, 0, bytes.length, 0);
  }

  #pathOf(node: string, what: "disk" | "clock"): string {
    return join(this.#folder, `${node}.${what}`);
  }
}

function diskBytes(trouble: DiskTrouble): Uint8Array {
  const { syncLateMs = 0, writeLateMs = 0, syncErrno = 0, writeErrno = 0 } = trouble;
  const { hangs = false, lies = false } = trouble;
  const numbers = [syncLateMs, writeLateMs, syncErrno, writeErrno, Number(hangs), Number(lies)];
  return new Uint8Array(Int32Array.from(numbers).buffer);
}

function clockBytes({ wallOffMs = 0, rate = 1 }: ClockTrouble): Uint8Array {
  const numbers = [BigInt(Math.round(wallOffMs * 1_000)), BigInt(Math.round(rate * 1e6))];
  return new Uint8Array(BigInt64Array.from(numbers).buffer);
}
