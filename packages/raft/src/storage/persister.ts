// persister.ts — where snapshots go: what Roger calls StatePersister (`init`, `load`, `store`).
// persister-contract.ts is the conformance suite; a user's own persister can run it too.
import type { StorageIdentity } from "./storage.ts";

/** A snapshot is kept under (term, index, hash). */
export interface SnapshotName {
  readonly term: number;
  readonly index: number;
  readonly hash: string;
}

export interface Persister {
  /** `false`: nothing survives a restart, so the log before a snapshot is never dropped. */
  readonly durable: boolean;
  /** Called once, before anything else. */
  init(identity: StorageIdentity): Promise<void>;
  /** What is stored whole. An unfinished `store` is not in it. */
  list(): Promise<readonly SnapshotName[]>;
  /** The chunks in the order and with the bytes that `store` was given. Rejects if it is not there. */
  load(name: SnapshotName): AsyncIterable<Uint8Array>;
  /**
   * Resolves only when durable, whole, and visible in `list`; touches no other snapshot. What was there under
   * this name is replaced, all at once: it may be damaged.
   */
  store(name: SnapshotName, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Removing what is not there is no error. */
  remove(name: SnapshotName): Promise<void>;
}
