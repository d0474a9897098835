// survivor.ts — the node that is left when a majority is lost for good: what its folder holds, read whole, or
// why no new cluster can begin with it. Never writes.

import { assert } from "../../core/assert.ts";
import { type Configuration, isSoleVoter } from "../../core/configuration.ts";
import { type Entry } from "../../core/entry.ts";
import { type NodeId } from "../../core/ids.ts";
import { type SnapshotMeta } from "../../core/message.ts";
import { type Damage, damagedDataError } from "../damage.ts";
import { groupFolders, type NodeRecord, readIdentity } from "../data-folder.ts";
import { type LogPositions } from "../log-positions.ts";
import { forgottenName } from "../forgotten-note.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { LogReader } from "../wal/log-reader.ts";
import { gapBeforeLog, newestConfiguration } from "../wal/recovery.ts";
import {
  NothingToRecoverError,
  type OfflineFolder,
  RecoveryRefusedError,
  readToDamage,
} from "./offline-folder.ts";
import { type Beginning, inWords, readWholeSnapshot } from "./older-snapshot.ts";

/** The node that is left, as its log leaves it. */
export interface Survivor {
  readonly record: NodeRecord;
  readonly clusterId: string;
  readonly positions: LogPositions;
  /** What the entries go on from; not always the one that the log names (older-snapshot.ts). */
  readonly snapshot: SnapshotMeta | undefined;
  /** After the snapshot. */
  readonly entries: readonly Entry[];
  readonly configuration: Configuration;
  /** As its settings had it. */
  readonly segmentBytes: number;
  /** Its state was found to differ from that of others. */
  readonly isDiverged: boolean;
  /** Its log was found to have lost what it had acknowledged. */
  readonly hasForgotten: boolean;
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
  const unreadable = await unreadableSnapshot(folder, left);
  refuseUnlessLeft({ directory: folder.directory, nodeId, configuration, unreadable });
  assert(configuration !== undefined, "who is in no configuration was refused");
  if (unreadable !== undefined) {
    throw new RecoveryRefusedError(`${unreadable} Put it back, or use another node that is left.`);
  }
  return survivorOf(folder, { ...left, configuration, snapshot: left.reader.positions.snapshot });
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

/** `snapshot` was read: it is whole. */
export async function survivorOf(
  folder: OfflineFolder,
  left: LogLeft & Beginning & { readonly configuration: Configuration },
): Promise<Survivor> {
  const { clusterId, configuration, reader, record, snapshot } = left;
  const { positions } = reader;
  const segmentBytes = reader.header?.capacityBytes;
  assert(segmentBytes !== undefined, "a configuration was read from a segment");
  const snapshotIndex = snapshot?.index ?? 0;
  const entries = left.entries.filter((entry) => entry.index > snapshotIndex);
  const notes = await notesOf(folder);
  const log = { record, clusterId, positions, snapshot, entries };
  return { ...log, configuration, segmentBytes, ...notes };
}

function refuseUnlessLeft(known: {
  readonly directory: string;
  readonly nodeId: NodeId;
  readonly configuration: Configuration | undefined;
  readonly unreadable: string | undefined;
}): void {
  const { configuration, directory, nodeId, unreadable } = known;
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
    if (unreadable !== undefined) {
      throw new RecoveryRefusedError(
        `The node of ${directory} is the only voter of its cluster: no majority is lost. ${unreadable} Put it back, or see what can be kept without it: rogerd recover ${directory} --accept-tail-loss`,
      );
    }
    throw new NothingToRecoverError(
      `The node of ${directory} is the only voter of its cluster already: nothing is lost. Start it.`,
    );
  }
}

/** Written by whoever compares the states of the nodes, and by a node whose leader knew better; here only told. */
async function notesOf({
  disk,
  directory,
}: OfflineFolder): Promise<Pick<Survivor, "isDiverged" | "hasForgotten">> {
  const { group, wal } = groupFolders({ directory, group: 0 });
  const isDiverged = (await disk.list(group)).includes("diverged.json");
  return { isDiverged, hasForgotten: (await disk.list(wal)).includes(forgottenName) };
}

/** A sentence about the snapshot that the log goes on from; undefined: it is whole, or there is none. */
export async function unreadableSnapshot(
  folder: OfflineFolder,
  { clusterId, reader }: Pick<LogLeft, "clusterId" | "reader">,
): Promise<string | undefined> {
  const { snapshot } = reader.positions;
  if (snapshot === undefined) return undefined;
  const read = await readWholeSnapshot(folder, { clusterId, name: snapshotName(snapshot) });
  if (read.kind === "whole") return undefined;
  return `The log of ${folder.directory} goes on from ${inWords(snapshot)}, and that can't be read: ${read.reason}`;
}
