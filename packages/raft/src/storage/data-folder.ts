// data-folder.ts — node.json: whose folder this is (DESIGN §3, forming §4).
// The id is made once and synced before anyone is told of it; the cluster id is bound once and for
// all; the incarnation grows with each start. Never repairs and never guesses: a file that does not
// check out stops the start.
import type { NodeId } from "../core/ids.ts";
import { type Incarnation, incarnation } from "../core/ids.ts";
import type { Disk } from "./disk.ts";

export interface NodeRecord {
  /** 32 hex digits; null until the folder is bound to a cluster. */
  readonly clusterId: string | null;
  readonly nodeId: NodeId;
  readonly incarnation: Incarnation;
  /** True once the log was made: from then on a missing log is damage and not a first start. */
  readonly hasLog: boolean;
}

/** A data folder on a disk: `directory` is what `--data-dir` names. */
export interface DataFolder {
  readonly disk: Disk;
  readonly directory: string;
}

/** Where the parts of a data folder are. */
export function groupFolders(place: { readonly directory: string; readonly group: number }): {
  readonly group: string;
  readonly wal: string;
  readonly snapshots: string;
} {
  const group = `${place.directory}/group-${place.group}`;
  return { group, wal: `${group}/wal`, snapshots: `${group}/snapshots` };
}

/** Undefined where there is no node.json. Rejects with DamagedDataError. */
export function readIdentity(_folder: DataFolder): Promise<NodeRecord | undefined> {
  return Promise.reject(new Error("not built yet"));
}

/** Durable when it resolves: written aside, synced, renamed, folder synced. */
export function writeIdentity(
  _folder: DataFolder & { readonly record: NodeRecord },
): Promise<void> {
  return Promise.reject(new Error("not built yet"));
}

/** A start: makes the folder's identity with `newNodeId` if there is none, else raises the incarnation. */
export function startIdentity(
  _folder: DataFolder & { readonly newNodeId: () => NodeId },
): Promise<NodeRecord> {
  return Promise.reject(new Error(`not built yet ${incarnation(1)}`));
}

/** Once and for all: rejects with ForeignClusterError if it is bound to another cluster. */
export function bindIdentity(
  _folder: DataFolder & { readonly record: NodeRecord; readonly clusterId: string },
): Promise<NodeRecord> {
  return Promise.reject(new Error("not built yet"));
}

/** Notes that the log exists (`hasLog`): called after the first `openLogStorage` of a folder. */
export function noteLog(
  _folder: DataFolder & { readonly record: NodeRecord },
): Promise<NodeRecord> {
  return Promise.reject(new Error("not built yet"));
}

/** The folder belongs to another cluster than the one it met. */
export class ForeignClusterError extends Error {
  override readonly name = "ForeignClusterError";
}
