// survivor.ts — the node that is left when a majority is lost for good: what its folder holds, read whole, or
// why no new cluster can begin with it. Never writes.

import { assert } from "../../core/assert.ts";
import { type Configuration, isSoleVoter } from "../../core/configuration.ts";
import { type Entry } from "../../core/entry.ts";
import { type NodeId } from "../../core/ids.ts";
import { type SnapshotMeta } from "../../core/message.ts";
import { type Damage, damagedDataError } from "../damage.ts";
import { groupFolders, type NodeRecord, readIdentity } from "../data-folder.ts";
import { DiskError } from "../disk.ts";
import { type LogPositions } from "../log-positions.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { readSnapshot } from "../snapshot/snapshot-stream.ts";
import { DamagedDataError } from "../storage.ts";
import { LogReader } from "../wal/log-reader.ts";
import { gapBeforeLog, newestConfiguration } from "../wal/recovery.ts";
import {
  NothingToRecoverError,
  type OfflineFolder,
  RecoveryRefusedError,
  readToDamage,
} from "./offline-folder.ts";

/** The node that is left, as its log leaves it. */
export interface Survivor {
  readonly record: NodeRecord;
  readonly clusterId: string;
  readonly positions: LogPositions;
  /** After the snapshot. */
  readonly entries: readonly Entry[];
  readonly configuration: Configuration;
  /** As its settings had it. */
  readonly segmentBytes: number;
  /** Its state was found to differ from that of others. */
  readonly isDiverged: boolean;
}

/** Rejects with RecoveryRefusedError. */
export async function readSurvivor(folder: OfflineFolder): Promise<Survivor> {
  const left = await readLogLeft(folder, "it holds no state that a new cluster could begin with");
  const { configuration, damage, nodeId, wal } = left;
  if (damage !== undefined) {
    const known = { directory: wal, nodeId, configuration: await left.newestConfiguration() };
    throw new RecoveryRefusedError(
      `A new cluster begins only with a log that is whole. ${damagedDataError(damage, known).message}`,
    );
  }
  refuseUnlessLeft({ directory: folder.directory, nodeId, configuration });
  assert(configuration !== undefined, "who is in no configuration was refused");
  return survivorOf(folder, { ...left, configuration });
}

/** What a start would read, whole or up to the first damage. */
export interface LogLeft {
  readonly record: NodeRecord;
  readonly clusterId: string;
  readonly nodeId: NodeId;
  readonly wal: string;
  readonly reader: LogReader;
  readonly entries: readonly Entry[];
  /** In force where it ends. */
  readonly configuration: Configuration | undefined;
  /** That the log begins too late is damage, too. */
  readonly damage: Damage | undefined;
  readonly gap: Damage | undefined;
  /** Of the whole log: what is whole behind the damage counts. */
  newestConfiguration(): Promise<Configuration | undefined>;
}

/** `otherwise`: what a folder of no cluster means here. */
export async function readLogLeft(folder: OfflineFolder, otherwise: string): Promise<LogLeft> {
  const { disk, directory } = folder;
  const record = await readIdentity(folder);
  if (record === undefined || record.clusterId === null) {
    throw new NothingToRecoverError(`${directory} belongs to no cluster: ${otherwise}.`);
  }
  const { clusterId, nodeId, incarnation } = record;
  const { wal } = groupFolders({ directory, group: 0 });
  const owner = { identity: { clusterId, nodeId, group: 0 }, incarnation };
  const reader = new LogReader({ disk, directory: wal, owner });
  const { damage, entries } = await readToDamage(reader, wal);
  const { snapshot } = reader.positions;
  const gap = gapBeforeLog(reader.positions, wal);
  return {
    record,
    clusterId,
    nodeId,
    wal,
    reader,
    entries: entries.list(),
    configuration: entries.configuration(snapshot?.configuration),
    damage: damage ?? gap,
    gap,
    newestConfiguration: () => newestConfiguration({ disk, directory: wal, reader, entries }),
  };
}

/** Rejects with RecoveryRefusedError if the snapshot that the log goes on from can't be read. */
export async function survivorOf(
  folder: OfflineFolder,
  left: LogLeft & { readonly configuration: Configuration },
): Promise<Survivor> {
  const { clusterId, configuration, reader, record } = left;
  const { positions } = reader;
  const segmentBytes = reader.header?.capacityBytes;
  assert(segmentBytes !== undefined, "a configuration was read from a segment");
  await refuseWithoutSnapshot(folder, { clusterId, snapshot: positions.snapshot });
  const snapshotIndex = positions.snapshot?.index ?? 0;
  const entries = left.entries.filter((entry) => entry.index > snapshotIndex);
  const isDiverged = await hasDivergenceNote(folder);
  return { record, clusterId, positions, entries, configuration, segmentBytes, isDiverged };
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

/** Written by whoever compares the states of the nodes; here it is only told. */
async function hasDivergenceNote({ disk, directory }: OfflineFolder): Promise<boolean> {
  const { group } = groupFolders({ directory, group: 0 });
  return (await disk.list(group)).includes("diverged.json");
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

export function snapshotsOf({ disk, directory }: OfflineFolder): FilesystemPersister {
  const { snapshots } = groupFolders({ directory, group: 0 });
  return new FilesystemPersister({ disk, directory: snapshots });
}
