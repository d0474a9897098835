// prepare-new-cluster.ts — the log and the snapshot of the node that is left, written anew as those of a new
// cluster with one voter, in a folder of their own. Nothing of it counts yet: new-cluster-switch.ts.

import { assert } from "../../core/assert.ts";
import { type Configuration, makeConfiguration } from "../../core/configuration.ts";
import { type Entry, entryBytes } from "../../core/entry.ts";
import { indexAfter, termAfter } from "../../core/ids.ts";
import { digestHex } from "../checksum.ts";
import { type Disk } from "../disk.ts";
import { preparedFolder } from "../new-cluster-switch.ts";
import { FilesystemPersister } from "../snapshot/filesystem-persister.ts";
import { snapshotName } from "../snapshot/snapshot-set.ts";
import { readSnapshot, snapshotChunks } from "../snapshot/snapshot-stream.ts";
import { type StorageIdentity, type WalRecord } from "../storage.ts";
import { encodeRecord } from "../wal/entry-codec.ts";
import { LogReader } from "../wal/log-reader.ts";
import { openLogStorage } from "../wal/open-log-storage.ts";
import { type OfflineFolder, readToDamage } from "./offline-folder.ts";
import { snapshotsOf } from "./older-snapshot.ts";
import type { Survivor } from "./survivor.ts";

/** Everything durable, in a folder of its own, before node.json says that it counts. */
export async function prepareNewCluster(
  folder: OfflineFolder & { readonly newClusterId: string; readonly firstCommand: Uint8Array },
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
  const records = recordsOf(survivor, folder.firstCommand);
  const log = await openLogStorage({
    disk,
    directory: wal,
    identity,
    incarnation: survivor.record.incarnation,
    limits: { segmentBytes: survivor.segmentBytes, reserveBytes: 0 },
  });
  try {
    for (const batch of inBatches(records)) {
      await log.append({ records: batch, commitIndex: survivor.positions.commitIndex });
    }
  } finally {
    await log.close();
  }
  const entries = records.flatMap((record) => (record.kind === "entry" ? [record.entry] : []));
  await checkPrepared({ disk, wal }, { survivor, identity, entries });
}

async function copySnapshot(copied: {
  readonly from: FilesystemPersister;
  readonly to: FilesystemPersister;
  readonly survivor: Survivor;
  readonly identity: StorageIdentity;
}): Promise<void> {
  const { from, to, survivor, identity } = copied;
  const meta = survivor.snapshot;
  if (meta === undefined) return;
  const name = snapshotName(meta);
  const { content } = await readSnapshot(from.load(name));
  await to.store(name, snapshotChunks({ meta, identity, content }));
}

/**
 * The log as a node has it that got a snapshot and then entries. The configuration comes next, as if this
 * node had been elected once more and had written it: so its term is one of its own.
 */
function recordsOf(survivor: Survivor, firstCommand: Uint8Array): readonly WalRecord[] {
  const { entries, positions, record, snapshot } = survivor;
  const { nodeId } = record;
  const term = termAfter(positions.hardState.term);
  const index = indexAfter(positions.lastIndex);
  const added: readonly Entry[] = [
    { index, term, kind: "configuration", configuration: onlyVoter(survivor) },
    { index: indexAfter(index), term, kind: "command", payload: firstCommand },
  ];
  return [
    { kind: "hard-state", hardState: { term, votedFor: nodeId } },
    ...(snapshot === undefined
      ? []
      : [{ kind: "snapshot-mark" as const, mark: { snapshot, log: "discard" as const } }]),
    ...[...entries, ...added].map((entry) => ({ kind: "entry" as const, entry })),
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

/** Equal where every entry is, as the log has it. */
function contentOf(entries: readonly Entry[]): string {
  const lines = entries.map((entry) => {
    const { index, payload, term, type } = encodeRecord({ kind: "entry", entry }, entry.term);
    return `${index} ${term} ${type} ${digestHex(payload)}`;
  });
  return lines.join("\n");
}

/** What was written is read again before the old data gives way to it. */
async function checkPrepared(
  folder: { readonly disk: Disk; readonly wal: string },
  expected: {
    readonly survivor: Survivor;
    readonly identity: StorageIdentity;
    readonly entries: readonly Entry[];
  },
): Promise<void> {
  const { disk, wal } = folder;
  const { identity, survivor } = expected;
  const owner = { identity, incarnation: survivor.record.incarnation };
  const reader = new LogReader({ disk, directory: wal, owner });
  const { damage, entries } = await readToDamage(reader, wal);
  assert(damage === undefined, "what was just written reads");
  assert(
    contentOf(entries.list()) === contentOf(expected.entries),
    "every entry is kept as it was, and the new ones follow",
  );
}
