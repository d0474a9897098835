// data-folder.ts — node.json: whose folder this is (DESIGN §3, forming DESIGN §4).
// The id is made once and synced before anyone is told of it; the cluster id is bound once and for
// all; the incarnation grows with each start. Never repairs and never guesses: a file that does not
// check out stops the start.
import { assert } from "../core/assert.ts";
import { type Incarnation, incarnation, isNodeId, type NodeId } from "../core/ids.ts";
import { digestHex } from "./checksum.ts";
import { isCount, isObject, parseJson, textBytes } from "./configuration-codec.ts";
import type { Disk } from "./disk.ts";
import { finishNewCluster } from "./new-cluster-switch.ts";
import { makeFolder, readFileIfThere, replaceFile } from "./small-file.ts";
import { withRoom } from "./space-reserve.ts";
import { DamagedDataError } from "./storage.ts";

export const folderFormat = 1;
const fileName = "node.json";

export interface NodeRecord {
  /** 32 hex digits; null until the folder is bound to a cluster. */
  readonly clusterId: string | null;
  readonly nodeId: NodeId;
  readonly incarnation: Incarnation;
  /** True once the log held something, before anything was promised: from then on a log that is missing
   *  or empty is damage and not a first start (noted-log.ts). */
  readonly hasLog: boolean;
}

/** A data folder on a disk: `directory` is what `--data-dir` names. */
export interface DataFolder {
  readonly disk: Disk;
  readonly directory: string;
}

/** The folder belongs to another cluster than the one it met. */
export class ForeignClusterError extends Error {
  override readonly name = "ForeignClusterError";
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
export async function readIdentity(folder: DataFolder): Promise<NodeRecord | undefined> {
  const path = `${folder.directory}/${fileName}`;
  const bytes = await readFileIfThere(folder.disk, path);
  if (bytes === undefined) return undefined;
  const plain = parseJson(bytes);
  if (isObject(plain) && isCount(plain["format"]) && plain["format"] > folderFormat) {
    throw new DamagedDataError(
      `${path} has format ${plain["format"]}, and this rogerd reads formats up to ${folderFormat}. Nothing is lost: start this folder with the version of rogerd that wrote it, or a later one.`,
    );
  }
  const record = parseRecord(plain);
  if (record !== undefined) return record;
  throw new DamagedDataError(
    `${path} is damaged: it does not match its own checksum, so it is not known which node this is. What this node promised may have been counted, so it does not start. Run: rogerd recover ${folder.directory} --rejoin`,
  );
}

/** Durable when it resolves: written aside, synced, renamed, folder synced. */
export async function writeIdentity(
  folder: DataFolder & { readonly record: NodeRecord },
): Promise<void> {
  const { disk, directory, record } = folder;
  const content = textBytes(`${JSON.stringify(plainRecord(record), undefined, 2)}\n`);
  await makeFolder(disk, directory);
  await replaceFile({ disk, directory, name: fileName, content });
}

/** A start: makes the folder's identity with `newNodeId` if there is none, else raises the incarnation. */
export async function startIdentity(
  folder: DataFolder & { readonly newNodeId: () => NodeId },
): Promise<NodeRecord> {
  const { disk, directory } = folder;
  const found = await readIdentity(folder);
  if (found === undefined) await refuseOrphans(folder);
  if (found?.clusterId === null) await refuseUnfinishedRejoin(folder);
  if (typeof found?.clusterId === "string") {
    await finishNewCluster({ disk, directory, clusterId: found.clusterId });
  }
  const record: NodeRecord =
    found === undefined
      ? { clusterId: null, nodeId: folder.newNodeId(), incarnation: incarnation(1), hasLog: false }
      : { ...found, incarnation: incarnation(found.incarnation + 1) };
  const { wal } = groupFolders({ directory, group: 0 });
  // A full disk must not keep a node from starting (D11).
  await withRoom({ disk, directory: wal }, () => writeIdentity({ disk, directory, record }));
  return record;
}

/** Once and for all: rejects with ForeignClusterError if it is bound to another cluster. */
export async function bindIdentity(
  folder: DataFolder & { readonly record: NodeRecord; readonly clusterId: string },
): Promise<NodeRecord> {
  const { disk, directory, record, clusterId } = folder;
  assert(isNodeId(clusterId), "a cluster id is 32 hex digits");
  if (record.clusterId === clusterId) return record;
  if (record.clusterId !== null) {
    throw new ForeignClusterError(
      `${directory} belongs to cluster ${record.clusterId} and can't join cluster ${clusterId}. Start with another --data-dir, or empty this one.`,
    );
  }
  const bound = { ...record, clusterId };
  await writeIdentity({ disk, directory, record: bound });
  return bound;
}

/** Notes that the log holds something (`hasLog`). */
export async function noteLog(
  folder: DataFolder & { readonly record: NodeRecord },
): Promise<NodeRecord> {
  const { disk, directory } = folder;
  if (folder.record.hasLog) return folder.record;
  const record = { ...folder.record, hasLog: true };
  await writeIdentity({ disk, directory, record });
  return record;
}

/** A log without node.json: a new id would forget what the old one promised (M4). */
async function refuseOrphans(folder: DataFolder): Promise<void> {
  const { disk, directory } = folder;
  await disk.makeDirectory(directory);
  const names = await disk.list(directory);
  const orphan = names.find((name) => /^group-\d+$/.test(name));
  if (orphan === undefined) return;
  throw new DamagedDataError(
    `${directory}/${orphan} is there, but ${directory}/${fileName} is gone, so it is not known which node this is. What this node promised may have been counted, so it does not start. Put the file back, or run: rogerd recover ${directory} --rejoin`,
  );
}

/** A new, unbound id beside an old log: `rogerd recover --rejoin` was interrupted. */
async function refuseUnfinishedRejoin(folder: DataFolder): Promise<void> {
  const { disk, directory } = folder;
  const { group, wal } = groupFolders({ directory, group: 0 });
  if (!(await disk.list(directory)).includes("group-0")) return;
  if (!(await disk.list(group)).includes("wal")) return;
  if (!(await disk.list(wal)).some((name) => name.endsWith(".wal"))) return;
  throw new DamagedDataError(
    `${wal} holds a log, but ${directory}/${fileName} belongs to a new node without a cluster: a recovery was interrupted. What the log holds may have been acknowledged, but not by this node. Run: rogerd recover ${directory} --rejoin`,
  );
}

function plainRecord(record: NodeRecord): object {
  const { clusterId, nodeId, incarnation, hasLog } = record;
  const plain = { format: folderFormat, clusterId, nodeId, incarnation, hasLog };
  return { ...plain, checksum: checksumOf(plain) };
}

function checksumOf(plain: object): string {
  return digestHex(textBytes(JSON.stringify(plain)));
}

function parseRecord(plain: unknown): NodeRecord | undefined {
  if (!isObject(plain)) return undefined;
  const { format, clusterId, nodeId, hasLog } = plain;
  if (format !== folderFormat || !isNodeId(nodeId) || typeof hasLog !== "boolean") return undefined;
  if (clusterId !== null && !isNodeId(clusterId)) return undefined;
  if (!isCount(plain["incarnation"])) return undefined;
  const known = { clusterId, nodeId, incarnation: incarnation(plain["incarnation"]), hasLog };
  const checked = { format, clusterId, nodeId, incarnation: known.incarnation, hasLog };
  return checksumOf(checked) === plain["checksum"] ? known : undefined;
}
