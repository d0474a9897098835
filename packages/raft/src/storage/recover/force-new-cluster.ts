// force-new-cluster.ts — `recover --force-new-cluster`: a majority is lost for good, and one node that is left
// becomes the only voter of a *new* cluster, with all that its log holds. A new cluster id, in every
// segment and snapshot, keeps whatever of the old cluster comes back from taking its entries for their
// own (M13). The old data is set aside; new-cluster-switch.ts makes the change one step.
import { assert } from "../../core/assert.ts";
import { type Configuration, isSoleVoter, makeConfiguration } from "../../core/configuration.ts";
import { type Entry, entryBytes } from "../../core/entry.ts";
import { indexAfter, type NodeId, termAfter } from "../../core/ids.ts";
import type { SnapshotMeta } from "../../core/message.ts";
import { damagedDataError } from "../damage.ts";
import { groupFolders, type NodeRecord, readIdentity, writeIdentity } from "../data-folder.ts";
import { type Disk, DiskError } from "../disk.ts";
import type { LogPositions } from "../log-positions.ts";
import {
  finishNewCluster,
  isPreparedName,
  moveFolder,
  preparedFolder,
} from "../new-cluster-switch.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { readSnapshot, snapshotChunks } from "../snapshot/snapshot-stream.ts";
import { DamagedDataError, type StorageIdentity, type WalRecord } from "../storage.ts";
import { LogReader } from "../wal/log-reader.ts";
import { openLogStorage } from "../wal/open-log-storage.ts";
import { gapBeforeLog } from "../wal/recovery.ts";
import {
  addCommand,
  asideWithIdentity,
  locked,
  NothingToRecoverError,
  newestConfiguration,
  type OfflineFolder,
  RecoveryRefusedError,
  type RecoveryReport,
  readToDamage,
} from "./offline-folder.ts";

/** What `recoverForceNewCluster` would give up. Changes nothing; refuses what it would refuse. */
export function foreseeNewCluster(folder: OfflineFolder): Promise<RecoveryReport> {
  return locked(folder, async () => ({ lines: whatMayBeLost(await readSurvivor(folder)) }));
}

/** `newClusterId`: random, 32 hex digits. */
export function recoverForceNewCluster(
  folder: OfflineFolder & { readonly newClusterId: string },
): Promise<RecoveryReport> {
  return locked(folder, () => forceNewCluster(folder));
}

/** The node that is left, as its log leaves it. */
interface Survivor {
  readonly record: NodeRecord;
  readonly clusterId: string;
  readonly positions: LogPositions;
  /** After the snapshot. */
  readonly entries: readonly Entry[];
  readonly configuration: Configuration;
  /** As its settings had it. */
  readonly segmentBytes: number;
}

async function forceNewCluster(
  folder: OfflineFolder & { readonly newClusterId: string },
): Promise<RecoveryReport> {
  const { disk, directory, newClusterId: clusterId } = folder;
  const survivor = await readSurvivor(folder);
  const aside = await asideWithIdentity(folder);
  await putLeftoversAside(folder, aside);
  await prepare(folder, survivor);
  const { nodeId, incarnation } = survivor.record;
  const record = { clusterId, nodeId, incarnation, hasLog: true };
  await writeIdentity({ disk, directory, record });
  await finishNewCluster({ disk, directory, clusterId });
  return { lines: [...whatMayBeLost(survivor), ...whatNow({ folder, survivor, aside })] };
}

async function readSurvivor(folder: OfflineFolder): Promise<Survivor> {
  const { disk, directory } = folder;
  const record = await readIdentity(folder);
  if (record === undefined || record.clusterId === null) {
    throw new NothingToRecoverError(
      `${directory} belongs to no cluster: it holds no state that a new cluster could begin with.`,
    );
  }
  const { clusterId, nodeId, incarnation } = record;
  const { wal } = groupFolders({ directory, group: 0 });
  const owner = { identity: { clusterId, nodeId, group: 0 }, incarnation };
  const reader = new LogReader({ disk, directory: wal, owner });
  const found = await readToDamage(reader, wal);
  const { positions } = reader;
  const configuration = newestConfiguration(reader, found);
  const damage = found.damage ?? gapBeforeLog(positions, wal);
  if (damage !== undefined) {
    throw new RecoveryRefusedError(
      `A new cluster begins only with a log that is whole. ${damagedDataError(damage, { directory: wal, nodeId, configuration }).message}`,
    );
  }
  refuseUnlessLeft({ directory, nodeId, configuration });
  const segmentBytes = reader.header?.capacityBytes;
  assert(configuration !== undefined, "who is in no configuration was refused");
  assert(segmentBytes !== undefined, "a configuration was read from a segment");
  await refuseWithoutSnapshot(folder, { clusterId, snapshot: positions.snapshot });
  const snapshotIndex = positions.snapshot?.index ?? 0;
  const entries = found.entries.list().filter((entry) => entry.index > snapshotIndex);
  return { record, clusterId, positions, entries, configuration, segmentBytes };
}

function refuseUnlessLeft(known: {
  readonly directory: string;
  readonly nodeId: NodeId;
  readonly configuration: Configuration | undefined;
}): void {
  const { configuration, directory, nodeId } = known;
  if (configuration === undefined) {
    throw new RecoveryRefusedError(
      `The log of ${directory} names no member of a cluster: it holds no state that a new cluster could begin with.`,
    );
  }
  if (!configuration.members.some(({ id }) => id === nodeId)) {
    throw new RecoveryRefusedError(
      `The node of ${directory} was removed from its cluster: it does not know what came after. Use a node that was a member to the end.`,
    );
  }
  if (isSoleVoter(configuration, nodeId)) {
    throw new NothingToRecoverError(
      `The node of ${directory} is the only voter of its cluster already: nothing is lost. Start it.`,
    );
  }
}

/** The log alone is not the state: what it begins after must be there, and read to its end. */
async function refuseWithoutSnapshot(
  folder: OfflineFolder,
  known: { readonly clusterId: string; readonly snapshot: SnapshotMeta | undefined },
): Promise<void> {
  const { clusterId, snapshot } = known;
  if (snapshot === undefined) return;
  try {
    const stored = await readSnapshot(snapshotsOf(folder).load(snapshotName(snapshot)));
    if (stored.clusterId !== clusterId || stored.meta.index !== snapshot.index) {
      throw new DamagedDataError("It is another one than its name says.");
    }
    for await (const piece of stored.content) assert(piece.byteLength >= 0, "it reads");
  } catch (error) {
    const isMissing = error instanceof DiskError && error.code === "not-found";
    if (!isMissing && !(error instanceof DamagedDataError)) throw error;
    throw new RecoveryRefusedError(
      `The log of ${folder.directory} goes on from snapshot ${snapshot.hash} at entry ${snapshot.index}, and that can't be read: ${error.message} Put it back, or use another node that is left.`,
    );
  }
}

/** Of attempts that a crash ended before they counted. */
async function putLeftoversAside(folder: OfflineFolder, aside: string): Promise<void> {
  const { disk, directory } = folder;
  for (const name of await disk.list(directory)) {
    if (!isPreparedName(name)) continue;
    await moveFolder(disk, { from: `${directory}/${name}`, to: `${aside}/${name}` });
  }
}

/** Everything durable, in a folder of its own, before node.json says that it counts. */
async function prepare(
  folder: OfflineFolder & { readonly newClusterId: string },
  survivor: Survivor,
): Promise<void> {
  const { disk, directory, newClusterId: clusterId } = folder;
  const prepared = preparedFolder({ directory, clusterId });
  const identity = { clusterId, nodeId: survivor.record.nodeId, group: 0 };
  const from = snapshotsOf(folder);
  const to = new FilesystemPersister({ disk, directory: `${prepared}/snapshots` });
  await to.init(identity);
  await copySnapshot({ from, to, survivor, identity });
  const wal = `${prepared}/wal`;
  const log = await openLogStorage({
    disk,
    directory: wal,
    identity,
    incarnation: survivor.record.incarnation,
    limits: { segmentBytes: survivor.segmentBytes, reserveBytes: 0 },
  });
  try {
    for (const records of inBatches(recordsOf(survivor))) {
      await log.append({ records, commitIndex: survivor.positions.commitIndex });
    }
  } finally {
    await log.close();
  }
  await checkPrepared({ disk, wal }, { survivor, identity });
}

function snapshotsOf({ disk, directory }: OfflineFolder): FilesystemPersister {
  const { snapshots } = groupFolders({ directory, group: 0 });
  return new FilesystemPersister({ disk, directory: snapshots });
}

async function copySnapshot(copied: {
  readonly from: FilesystemPersister;
  readonly to: FilesystemPersister;
  readonly survivor: Survivor;
  readonly identity: StorageIdentity;
}): Promise<void> {
  const { from, to, survivor, identity } = copied;
  const meta = survivor.positions.snapshot;
  if (meta === undefined) return;
  const name = snapshotName(meta);
  const { content } = await readSnapshot(from.load(name));
  await to.store(name, snapshotChunks({ meta, identity, content }));
}

/**
 * The log as a node has it that got a snapshot and then entries. The configuration comes last, as if this
 * node had been elected once more and had written it: so its term is one of its own.
 */
function recordsOf(survivor: Survivor): readonly WalRecord[] {
  const { entries, positions, record } = survivor;
  const { snapshot } = positions;
  const { nodeId } = record;
  const term = termAfter(positions.hardState.term);
  const entry = {
    kind: "configuration" as const,
    index: indexAfter(positions.lastIndex),
    term,
    configuration: onlyVoter(survivor),
  };
  return [
    { kind: "hard-state", hardState: { term, votedFor: nodeId } },
    ...(snapshot === undefined
      ? []
      : [{ kind: "snapshot-mark" as const, mark: { snapshot, log: "discard" as const } }]),
    ...entries.map((kept) => ({ kind: "entry" as const, entry: kept })),
    { kind: "entry", entry },
  ];
}

/** The others are tombstones: their ids never come back, here either. */
function onlyVoter({ configuration, record: { nodeId } }: Survivor): Configuration {
  const members = configuration.members.filter(({ id }) => id === nodeId);
  const gone = configuration.members.flatMap(({ id }) => (id === nodeId ? [] : [id]));
  return makeConfiguration({
    voters: [nodeId],
    members,
    removed: [...configuration.removed, ...gone],
  });
}

const batchBytesAim = 1024 * 1024;

function* inBatches(records: readonly WalRecord[]): Iterable<readonly WalRecord[]> {
  let batch: WalRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    batch.push(record);
    bytes += record.kind === "entry" ? entryBytes(record.entry) : 0;
    if (bytes < batchBytesAim) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** What was written is read again before the old data gives way to it. */
async function checkPrepared(
  folder: { readonly disk: Disk; readonly wal: string },
  expected: { readonly survivor: Survivor; readonly identity: StorageIdentity },
): Promise<void> {
  const { disk, wal } = folder;
  const { identity, survivor } = expected;
  const owner = { identity, incarnation: survivor.record.incarnation };
  const reader = new LogReader({ disk, directory: wal, owner });
  const { damage, entries } = await readToDamage(reader, wal);
  assert(damage === undefined, "what was just written reads");
  assert(
    entries.list().length === survivor.entries.length + 1,
    "every entry is kept, and the configuration follows",
  );
  assert(
    reader.positions.lastIndex === indexAfter(survivor.positions.lastIndex),
    "the log ends with the new configuration",
  );
}

/** For the operator, before he decides. */
function whatMayBeLost(survivor: Survivor): readonly string[] {
  const { clusterId, configuration, positions, record } = survivor;
  const { commitIndex, last, lastIndex } = positions;
  const name = configuration.members.find(({ id }) => id === record.nodeId)?.name ?? record.nodeId;
  return [
    `The log of ${name} in cluster ${clusterId} ends at entry ${lastIndex} of term ${last.term}; up to entry ${commitIndex} all is known to be committed.`,
    `Whatever the lost nodes acknowledged after entry ${lastIndex} is lost for good, and nobody can tell what it was.`,
    ...(commitIndex < lastIndex
      ? [
          `Entries ${commitIndex + 1} to ${lastIndex} are kept and count from now on, whether they were acknowledged or not.`,
        ]
      : []),
    "If several nodes are left, use the one whose log ends in the latest term, and among those at the latest entry; this text, and rogerd inspect, say it of each.",
  ];
}

function whatNow(done: {
  readonly folder: OfflineFolder & { readonly newClusterId: string };
  readonly survivor: Survivor;
  readonly aside: string;
}): readonly string[] {
  const { aside, folder, survivor } = done;
  const { configuration, record } = survivor;
  const others = configuration.members.filter(({ id }) => id !== record.nodeId);
  return [
    `${folder.directory} is now the only voter of the new cluster ${folder.newClusterId}. The old data was set aside in ${aside}.`,
    "Start it as before. Nodes and clients of the old cluster do not talk with it: start clients anew, and let nodes in as new ones, each with an empty data directory (or after rogerd recover DIR --rejoin):",
    ...others.map((member) => `  ${addCommand(member)}`),
  ];
}
