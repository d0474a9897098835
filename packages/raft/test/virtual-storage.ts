// virtual-storage.ts — a LogStorage whose writes take virtual time, and can hang or fail. What was
// not yet written when the process ended never was.
import type { ForgottenLog } from "../src/core/forgotten-log.ts";
import type { LogIndex } from "../src/core/ids.ts";
import { DiskError } from "../src/storage/disk.ts";
import type { LogStorage, Recovered, WalBatch } from "../src/storage/storage.ts";
import { SyncedLog } from "./synced-log.ts";
import type { VirtualProcess, VirtualWorld } from "./virtual-platform.ts";

export class VirtualStorage implements LogStorage {
  readonly #world: VirtualWorld;
  readonly #process: VirtualProcess;
  readonly #inner: LogStorage;
  /** How the next writes go. */
  behaviour: "writes" | "hangs" | "fails" = "writes";
  /** What they fail with. */
  problem: Error = new DiskError({
    code: "input-output",
    path: "/wal",
    message: "input/output error",
  });
  writeMs = 2;
  isFull = false;
  readonly batches: WalBatch[] = [];
  readonly drops: LogIndex[] = [];
  /** What a power cut at this moment would leave. */
  readonly onDisk: SyncedLog;
  #hung: (() => void)[] = [];

  constructor(parts: {
    readonly world: VirtualWorld;
    readonly process: VirtualProcess;
    readonly inner: LogStorage;
  }) {
    this.#world = parts.world;
    this.#process = parts.process;
    this.#inner = parts.inner;
    this.onDisk = new SyncedLog(parts.inner.recovered);
  }

  get recovered(): Recovered {
    return this.#inner.recovered;
  }

  append(batch: WalBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const write = (): void => {
        if (this.behaviour === "fails") {
          reject(this.problem);
          return;
        }
        this.batches.push(batch);
        this.onDisk.synced(batch);
        this.#inner.append(batch).then(resolve, reject);
      };
      if (this.behaviour === "hangs") {
        this.#hung.push(write);
        return;
      }
      this.#after(this.writeMs / 2, () => this.#after(this.writeMs / 2, write));
    });
  }

  /** The disk comes back: what hung is written. */
  recover(): void {
    this.behaviour = "writes";
    const hung = this.#hung;
    this.#hung = [];
    for (const write of hung) {
      this.#after(0, write);
    }
  }

  /** A write is two calls of the system, write and sync: the process takes part in the middle. */
  #after(durationMs: number, run: () => void): void {
    this.#world.schedule({ afterMs: durationMs, lane: "arrival", process: this.#process, run });
  }

  async dropPrefix(drop: { readonly through: LogIndex }): Promise<void> {
    this.drops.push(drop.through);
    await this.#inner.dropPrefix(drop);
  }

  condemn(forgotten: ForgottenLog): Promise<void> {
    if (this.behaviour === "fails") return Promise.reject(this.problem);
    if (this.behaviour === "hangs") return new Promise<void>(() => undefined);
    return this.#inner.condemn(forgotten);
  }

  isNearlyFull(): boolean {
    return this.isFull;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
