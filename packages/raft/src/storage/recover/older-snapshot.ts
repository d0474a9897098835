// older-snapshot.ts — is the snapshot that a log goes on from there, and does it read? And if not: what else
// the same state can be made from. Two snapshots stay, and the log back to the older one (DESIGN §5), so
// one damaged file need not be the end of a node that nobody else has a copy of. A start never does this by
// itself: that a snapshot rots is for an operator to know.
import { assert } from "../../core/assert.ts";
import { logIndex } from "../../core/ids.ts";
import type { SnapshotMeta } from "../../core/message.ts";
import { groupFolders } from "../data-folder.ts";
import { DiskError } from "../disk.ts";
import type { LogPositions } from "../log-positions.ts";
import type { SnapshotName } from "../persister.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { readSnapshot } from "../snapshot/snapshot-stream.ts";
import { DamagedDataError } from "../storage.ts";
import type { OfflineFolder } from "./offline-folder.ts";

/** What the entries that are kept go on from; undefined: from nothing, the log is there from its first entry. */
export interface Beginning {
  readonly snapshot: SnapshotMeta | undefined;
}

export type ReadSnapshot =
  | { readonly kind: "whole"; readonly meta: SnapshotMeta }
  /** `reason` is a sentence. */
  | { readonly kind: "unreadable"; readonly reason: string };

export function snapshotsOf({ disk, directory }: OfflineFolder): FilesystemPersister {
  const { snapshots } = groupFolders({ directory, group: 0 });
  return new FilesystemPersister({ disk, directory: snapshots });
}

/** To its end: the log alone is not the state. */
export async function readWholeSnapshot(
  folder: OfflineFolder,
  { clusterId, name }: { readonly clusterId: string; readonly name: SnapshotName },
): Promise<ReadSnapshot> {
  try {
    const stored = await readSnapshot(snapshotsOf(folder).load(name));
    const { meta } = stored;
    if (stored.clusterId !== clusterId || meta.index !== name.index || meta.hash !== name.hash) {
      throw new DamagedDataError("It is another one than its name says.");
    }
    for await (const piece of stored.content) assert(piece.byteLength >= 0, "it reads");
    return { kind: "whole", meta };
  } catch (error) {
    if (error instanceof DiskError && error.code === "not-found") {
      const { snapshots } = groupFolders({ directory: folder.directory, group: 0 });
      const reason = `It is not in ${snapshots}; if your --persister keeps it in another place, put it there.`;
      return { kind: "unreadable", reason };
    }
    if (!(error instanceof DamagedDataError)) throw error;
    return { kind: "unreadable", reason: error.message };
  }
}

/** The newest that gives the state at the end of the log without the marked one; undefined: there is none. */
export async function olderBeginning(
  folder: OfflineFolder,
  { clusterId, positions }: { readonly clusterId: string; readonly positions: LogPositions },
): Promise<Beginning | undefined> {
  const { base, snapshot: marked } = positions;
  const isOlder = (name: SnapshotName): boolean =>
    marked !== undefined && name.index < marked.index && isOnTheWay(name, positions);
  const names = (await listed(folder)).filter(isOlder).sort((a, b) => b.index - a.index);
  for (const name of names) {
    const read = await readWholeSnapshot(folder, { clusterId, name });
    if (read.kind === "whole") return { snapshot: read.meta };
  }
  return base.index === 0 ? { snapshot: undefined } : undefined;
}

/** Of this log's own past, and no entry between it and the log is gone. */
function isOnTheWay({ index, term }: SnapshotName, positions: LogPositions): boolean {
  return positions.termAt(logIndex(index)) === term;
}

async function listed(folder: OfflineFolder): Promise<readonly SnapshotName[]> {
  try {
    return await snapshotsOf(folder).list();
  } catch (error) {
    if (error instanceof DiskError && error.code === "not-found") return [];
    throw error;
  }
}

/** `snapshot … at entry …`, as all texts of a recovery have it. */
export function inWords(snapshot: SnapshotMeta): string {
  return `snapshot ${snapshotName(snapshot).hash} at entry ${snapshot.index}`;
}
