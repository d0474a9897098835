// memory-storage.ts — a LogStorage in memory, for tests of core and driver, and for examples.
import type { LogStorage, Recovered, WalBatch } from "./storage.ts";

export class MemoryStorage implements LogStorage {
  readonly recovered: Recovered;

  private constructor(recovered: Recovered) {
    this.recovered = recovered;
  }

  /** A first start. */
  static empty(): MemoryStorage {
    throw new Error("not built yet");
  }

  /** A start after a stop or crash: finds what was appended to this one. */
  reopen(): MemoryStorage {
    throw new Error("not built yet");
  }

  append(_batch: WalBatch): Promise<void> {
    return Promise.reject(new Error("not built yet"));
  }

  dropPrefix(_drop: { readonly through: number }): Promise<void> {
    return Promise.reject(new Error("not built yet"));
  }

  isNearlyFull(): boolean {
    return false;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
