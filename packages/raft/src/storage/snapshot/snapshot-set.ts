// snapshot-set.ts — which snapshots count, which are leftovers (DESIGN §5).
import type { LogIndex } from "../../core/ids.ts";
import type { SnapshotMeta } from "../../core/message.ts";
import type { SnapshotName } from "../persister.ts";

export interface SnapshotSet {
  /** What a start loads: exactly what the newest valid mark names. Undefined: none is marked. */
  readonly current: SnapshotName | undefined;
  /** The one before it that stays; the log stays back to its index. */
  readonly previous: SnapshotName | undefined;
  /** The log may be dropped through here once the mark is synced; undefined: drop nothing. */
  readonly logNeededAfter: LogIndex | undefined;
  /** Older ones, and those no mark names. */
  readonly removable: readonly SnapshotName[];
}

/** `marked` is what the newest synced mark names. Throws DamagedDataError if it is not listed. */
export function snapshotSet(_known: {
  readonly listed: readonly SnapshotName[];
  readonly marked: SnapshotMeta | undefined;
}): SnapshotSet {
  throw new Error("not built yet");
}

export function snapshotName(meta: SnapshotMeta): SnapshotName {
  return { term: meta.term, index: meta.index, hash: meta.hash };
}
