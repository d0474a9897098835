// storage.ts — the interface between the driver and what is on disk, its promises in words.
// storage-contract.ts holds the same promises as tests; every storage runs them.
import type { HardState, SnapshotMark } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import type { ForgottenLog } from "../core/forgotten-log.ts";
import type { LogIndex, NodeId, Term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";

/** Whose data this is; checked against every segment and snapshot (E4.6). */
export interface StorageIdentity {
  /** 32 hex digits. */
  readonly clusterId: string;
  readonly nodeId: NodeId;
  /** Always 0 today; in paths and headers from the first day (DESIGN §9). */
  readonly group: number;
}

/** What a start finds: exactly what was synced, or a state that lost unsynced batches only (V8). */
export interface Recovered {
  readonly hardState: HardState;
  /** What the newest valid mark names; undefined before the first snapshot. */
  readonly snapshot: SnapshotMeta | undefined;
  /** The log that is kept, oldest first, without gaps. It may start at or before `snapshot.index`
   *  (trailing entries); if it is empty the log starts after the snapshot. */
  readonly entries: readonly Entry[];
  /** Index and term before `entries[0]`: what the matching check (§3.5) needs there. */
  readonly base: { readonly index: LogIndex; readonly term: Term };
  /** The highest commit index a batch end told of; a lower bound, never above the last entry. */
  readonly commitIndex: LogIndex;
}

/** One change in WAL order. */
export type WalRecord =
  | { readonly kind: "hard-state"; readonly hardState: HardState }
  | { readonly kind: "truncate"; readonly from: LogIndex }
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "snapshot-mark"; readonly mark: SnapshotMark };

export interface WalBatch {
  readonly records: readonly WalRecord[];
  /** Known committed when the batch was made; written into the batch end, never above what is synced. */
  readonly commitIndex: LogIndex;
}

export interface LogStorage {
  readonly recovered: Recovered;
  /**
   * Makes the batch durable: all or nothing after a crash. Resolves after the sync. One at a time:
   * calling it again before it resolved is a bug. A rejection is final: the process must end.
   */
  append(batch: WalBatch): Promise<void>;
  /**
   * Lets whole segments go whose entries are all ≤ `through`. The newest synced snapshot mark at or
   * above `through` must exist. May keep more than asked; frees nothing that a start would need.
   */
  dropPrefix(drop: { readonly through: LogIndex }): Promise<void>;
  /**
   * This log has lost what was synced. Resolves once no later open succeeds, durably: until it is set aside
   * each of them rejects with the same ForgottenLogError. Nothing is appended after it was called.
   */
  condemn(forgotten: ForgottenLog): Promise<void>;
  /** True when what is left on disk is less than the reserve: refuse proposals, nothing else. */
  isNearlyFull(): boolean;
  close(): Promise<void>;
}

/** Damage that could break a promise: the node must not start (exit 65). `message` is whole sentences:
 *  what is damaged and where, whether it may have been acknowledged, and the one command to run. */
export class DamagedDataError extends Error {
  override readonly name = "DamagedDataError";
}
