// snapshot-set.ts — which snapshots count, which are leftovers (DESIGN §5). Only the newest synced
// mark in the log decides what a start loads: a snapshot without a mark is a leftover, a mark
// without its snapshot refuses the start. Nothing older is ever loaded in its place (E4.3).
import { type LogIndex, logIndex } from "../../core/ids.ts";
import type { SnapshotMeta } from "../../core/message.ts";
import type { SnapshotName } from "../persister.ts";
import { DamagedDataError } from "../storage.ts";

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
export function snapshotSet(known: {
  readonly listed: readonly SnapshotName[];
  readonly marked: SnapshotMeta | undefined;
  /** The data folder, for the message. */
  readonly directory?: string;
}): SnapshotSet {
  const { listed, marked, directory = "DIR" } = known;
  if (marked === undefined) {
    return {
      current: undefined,
      previous: undefined,
      logNeededAfter: undefined,
      removable: listed,
    };
  }
  const current = listed.find((name) => isNamed(name, marked));
  if (current === undefined) {
    throw new DamagedDataError(
      `The log says that the state up to entry ${marked.index} of term ${marked.term} is in snapshot ${marked.hash}, but that snapshot is not there, and the log before it may be gone. It holds what was acknowledged, so the node does not start without it. Put the snapshot back, or run: rogerd recover ${directory} --rejoin`,
    );
  }
  const previous = listed
    .filter((name) => name.index < marked.index)
    .reduce<SnapshotName | undefined>(newer, undefined);
  const logNeededAfter = previous === undefined ? undefined : logIndex(previous.index);
  const removable = listed.filter((name) => name !== current && name !== previous);
  return { current, previous, logNeededAfter, removable };
}

export function snapshotName(meta: SnapshotMeta): SnapshotName {
  return { term: meta.term, index: meta.index, hash: meta.hash };
}

function isNamed(name: SnapshotName, meta: SnapshotMeta): boolean {
  return name.term === meta.term && name.index === meta.index && name.hash === meta.hash;
}

function newer(left: SnapshotName | undefined, right: SnapshotName): SnapshotName {
  return left === undefined || right.index > left.index ? right : left;
}
