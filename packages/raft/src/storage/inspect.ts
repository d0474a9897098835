// inspect.ts — a data folder in words: whose it is, every batch and record of its log, its snapshots,
// and the state that a start would find. Works on damaged folders and says where the damage is.
// Changes nothing but the lock.

import { unreachable } from "../core/assert.ts";
import type { HardState } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { ForgottenLogError } from "../core/forgotten-log.ts";
import { type DataFolder, groupFolders, type NodeRecord, readIdentity } from "./data-folder.ts";
import { type Disk, DiskError } from "./disk.ts";
import { lockFolder, type ProcessFacts } from "./folder-lock.ts";
import { refuseForgotten } from "./forgotten-note.ts";
import type { LogPositions } from "./log-positions.ts";
import { isFolder } from "./small-file.ts";
import { FilesystemPersister } from "./snapshot/filesystem-persister.ts";
import { readSnapshot } from "./snapshot/snapshot-stream.ts";
import { DamagedDataError, type WalRecord } from "./storage.ts";
import { type LogEvent, LogReader } from "./wal/log-reader.ts";

/** One line at a time. Locks the folder while it reads; rejects with FolderTakenError. */
export async function* inspectFolder(
  folder: DataFolder & { readonly process: ProcessFacts },
): AsyncIterable<string> {
  if (!(await isFolder(folder))) {
    yield `${folder.directory}: there is no such folder`;
    return;
  }
  const lock = await lockFolder(folder);
  try {
    yield* identityLines(folder);
    const { wal, snapshots } = groupFolders({ directory: folder.directory, group: 0 });
    yield* forgottenLines({ disk: folder.disk, directory: wal });
    yield* orNothing(logLines({ disk: folder.disk, directory: wal }), "log: there is none");
    const snapshotFolder = { disk: folder.disk, directory: snapshots };
    yield* orNothing(snapshotLines(snapshotFolder), "snapshots: there are none");
  } finally {
    await lock.release();
  }
}

async function* identityLines(folder: DataFolder): AsyncIterable<string> {
  try {
    const record = await readIdentity(folder);
    yield record === undefined ? "node.json: there is none" : identityLine(record);
  } catch (error) {
    if (!(error instanceof DamagedDataError)) throw error;
    yield `DAMAGE: ${error.message}`;
  }
}

function identityLine(record: NodeRecord): string {
  const cluster = record.clusterId === null ? "no cluster yet" : `cluster ${record.clusterId}`;
  return `node.json: node ${record.nodeId} of ${cluster}, start ${record.incarnation}`;
}

/** What is left of such a log reads as a whole one. */
async function* forgottenLines(folder: {
  readonly disk: Disk;
  readonly directory: string;
}): AsyncIterable<string> {
  try {
    await refuseForgotten(folder);
  } catch (error) {
    const isKnown = error instanceof ForgottenLogError || error instanceof DamagedDataError;
    if (!isKnown) throw error;
    yield `DAMAGE: ${error.message}`;
  }
}

/** A folder that is not there is no damage. */
async function* orNothing(lines: AsyncIterable<string>, nothing: string): AsyncIterable<string> {
  try {
    yield* lines;
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "not-found") throw error;
    yield nothing;
  }
}

async function* logLines(folder: DataFolder): AsyncIterable<string> {
  const reader = new LogReader({ ...folder, owner: undefined });
  let isDamaged = false;
  for await (const event of reader.events()) {
    yield* eventLines(event);
    isDamaged ||= event.kind === "damage";
  }
  yield* stateLines(reader.positions, isDamaged ? "before the damage" : "at the end");
}

function* eventLines(event: LogEvent): Iterable<string> {
  switch (event.kind) {
    case "segment": {
      const { header } = event;
      const { nodeId, clusterId } = header.identity;
      yield `segment ${event.file.path}: ${header.capacityBytes} bytes, after entry ${header.before.index} of term ${header.before.term}`;
      yield `  written by start ${header.incarnation} of node ${nodeId} of cluster ${clusterId}; ${pledgeText(header.hardState)}`;
      return;
    }
    case "batch": {
      const { head, end, offset } = event;
      yield `  batch ${head.sequence} at byte ${offset}: ${head.bytes} bytes, durable through batch ${end.durableThrough}, committed through ${end.commitIndex}`;
      for (const record of event.records) yield `    ${recordText(record)}`;
      if (event.isSeal) yield "    end of the segment: the log goes on in the next one";
      return;
    }
    case "torn":
      yield `  torn write from byte ${event.offset} to ${event.through} of ${event.file.path}: it was never synced, the next start drops it`;
      return;
    case "unused":
      yield `segment ${event.file.path}: ${event.file.bytes.byteLength} bytes, made ahead, not used yet`;
      return;
    case "damage": {
      const { damage } = event;
      const at = damage.offset === undefined ? "" : ` at byte ${damage.offset}`;
      const index = damage.index === undefined ? "" : `, log index ${damage.index}`;
      yield `DAMAGE in ${damage.file}${at}${index}: ${damage.what}`;
    }
  }
}

function recordText(record: WalRecord): string {
  switch (record.kind) {
    case "hard-state":
      return pledgeText(record.hardState);
    case "truncate":
      return `entries from ${record.from} on are removed`;
    case "entry":
      return entryText(record.entry);
    case "snapshot-mark": {
      const { snapshot, log } = record.mark;
      const rest = log === "keep" ? "the log stays" : "it replaces the log";
      return `snapshot ${snapshot.hash} holds the state up to entry ${snapshot.index} of term ${snapshot.term}; ${rest}`;
    }
    default:
      return unreachable(record);
  }
}

function entryText(entry: Entry): string {
  const position = `entry ${entry.index} of term ${entry.term}`;
  if (entry.kind === "command") return `${position}: command, ${entry.payload.byteLength} bytes`;
  if (entry.kind === "noop") return `${position}: a leader's first`;
  const { voters, votersOutgoing, learners } = entry.configuration;
  const outgoing = votersOutgoing.length === 0 ? "" : `, outgoing ${votersOutgoing.join(" ")}`;
  const learning = learners.length === 0 ? "" : `, learners ${learners.join(" ")}`;
  return `${position}: configuration, voters ${voters.join(" ")}${outgoing}${learning}`;
}

function pledgeText(hardState: HardState): string {
  const vote = hardState.votedFor === undefined ? "no vote" : `vote for ${hardState.votedFor}`;
  return `term ${hardState.term}, ${vote}`;
}

function* stateLines(positions: LogPositions, where: string): Iterable<string> {
  const { base, last, commitIndex, snapshot, hardState } = positions;
  yield `state ${where}: ${pledgeText(hardState)}; log after ${base.index} up to ${last.index} of term ${last.term}; committed through at least ${commitIndex}`;
  yield snapshot === undefined
    ? "a start loads no snapshot"
    : `a start loads snapshot ${snapshot.hash} at entry ${snapshot.index} of term ${snapshot.term}`;
}

async function* snapshotLines(folder: DataFolder): AsyncIterable<string> {
  const persister = new FilesystemPersister(folder);
  const names = await persister.list();
  if (names.length === 0) yield "snapshots: there are none";
  for (const name of names) {
    const title = `snapshot ${name.hash} at entry ${name.index} of term ${name.term}`;
    try {
      const { content } = await readSnapshot(persister.load(name));
      let bytes = 0;
      for await (const piece of content) bytes += piece.byteLength;
      yield `${title}: whole, ${bytes} bytes of content`;
    } catch (error) {
      if (!(error instanceof DamagedDataError)) throw error;
      yield `DAMAGE in ${title}: ${error.message}`;
    }
  }
}
