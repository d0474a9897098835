// recovery.ts — a start: what of the log is kept, what is dropped, when to refuse (RAFT E4).
// Dropped is only a last write that was never synced. Everything else that is not as it must be is
// a DamagedDataError: never skipped, never shortened, never replaced by something older.

import type { Configuration } from "../../core/configuration.ts";
import type { Incarnation } from "../../core/ids.ts";
import { type Damage, type DamagedNode, damagedDataError } from "../damage.ts";
import type { Disk } from "../disk.ts";
import { KeptEntries } from "../kept-entries.ts";
import type { LogPositions } from "../log-positions.ts";
import { isNoSpace } from "../space-reserve.ts";
import type { Recovered, StorageIdentity } from "../storage.ts";
import { zeroRange } from "../zero-file.ts";
import { configurationsBehind } from "./behind-damage.ts";
import { type LogEvent, LogReader, type LogTail } from "./log-reader.ts";
import type { Chain } from "./record.ts";

/** A used segment, and what decides when it may go. */
export interface UsedSegment {
  readonly path: string;
  readonly sequence: number;
  /** The end of the log before it. */
  readonly beforeIndex: number;
  /** The highest index any entry in it has or had; 0 if it holds none. */
  highestIndex: number;
}

export interface RecoveredLog {
  readonly recovered: Recovered;
  readonly positions: LogPositions;
  readonly chain: Chain;
  readonly nextBatch: number;
  /** Undefined in an empty folder. */
  readonly tail: LogTail | undefined;
  /** In order; the last one is the tail's, if it has a header. */
  readonly used: readonly UsedSegment[];
  /** The segment that holds the newest snapshot mark. */
  readonly markedIn: number | undefined;
  /** Made ahead, beside the tail. */
  readonly spares: readonly { readonly sequence: number; readonly bytes: number }[];
}

export interface RecoveryParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly identity: StorageIdentity;
  readonly incarnation: Incarnation;
}

/** Reads all, repairs a torn tail, and makes sure that what was found is durable. */
export async function recoverLog(parts: RecoveryParts): Promise<RecoveredLog> {
  const { disk, directory } = parts;
  const reader = new LogReader({ disk, directory, owner: parts });
  const found = await readAll(reader, parts);
  if (found.torn !== undefined) await dropTorn(parts, found.torn);
  await syncFound(parts, found);
  const { positions } = reader;
  return {
    recovered: {
      hardState: positions.hardState,
      snapshot: positions.snapshot,
      entries: found.entries.list(),
      base: positions.base,
      commitIndex: positions.commitIndex,
    },
    positions,
    chain: reader.chain,
    nextBatch: reader.nextBatch,
    tail: reader.tail,
    used: found.used,
    markedIn: found.markedIn,
    spares: found.spares,
  };
}

interface Found {
  readonly entries: KeptEntries;
  readonly used: UsedSegment[];
  readonly spares: { readonly sequence: number; readonly bytes: number }[];
  markedIn: number | undefined;
  torn: (LogEvent & { readonly kind: "torn" }) | undefined;
}

async function readAll(reader: LogReader, parts: RecoveryParts): Promise<Found> {
  const { directory } = parts;
  const found: Found = {
    entries: new KeptEntries(),
    used: [],
    spares: [],
    markedIn: undefined,
    torn: undefined,
  };
  const known = async (): Promise<DamagedNode> => ({
    directory,
    nodeId: parts.identity.nodeId,
    configuration: await newestConfiguration({ ...parts, reader, entries: found.entries }),
  });
  for await (const event of reader.events()) {
    if (event.kind === "damage") throw damagedDataError(event.damage, await known());
    note(found, event, reader.tail);
  }
  const gap = gapBeforeLog(reader.positions, directory);
  if (gap !== undefined) throw damagedDataError(gap, await known());
  return found;
}

/** Of a damaged log: the last one behind the damage, if any is whole there; else the last one before it. */
export async function newestConfiguration(log: {
  readonly disk: Disk;
  readonly directory: string;
  readonly reader: LogReader;
  readonly entries: KeptEntries;
}): Promise<Configuration | undefined> {
  const { directory, disk, entries, reader } = log;
  const behind = await configurationsBehind({ disk, directory, tail: reader.tail });
  return behind.at(-1) ?? entries.configuration(reader.positions.snapshot?.configuration);
}

function note(found: Found, event: LogEvent, tail: LogTail | undefined): void {
  if (event.kind === "torn") found.torn = event;
  if (event.kind === "unused" && event.file.sequence !== tail?.sequence) {
    found.spares.push({ sequence: event.file.sequence, bytes: event.file.bytes.byteLength });
  }
  if (event.kind === "segment") {
    const { path, sequence } = event.file;
    const beforeIndex = event.header.before.index;
    found.used.push({ path, sequence, beforeIndex, highestIndex: 0 });
  }
  if (event.kind !== "batch") return;
  const segment = found.used.at(-1);
  for (const record of event.records) {
    found.entries.apply(record);
    if (record.kind === "snapshot-mark") found.markedIn = event.file.sequence;
    if (record.kind === "entry" && segment !== undefined) {
      segment.highestIndex = Math.max(segment.highestIndex, record.entry.index);
    }
  }
}

/** What came before the log that is here must be in the snapshot that a start loads. */
export function gapBeforeLog(positions: LogPositions, directory: string): Damage | undefined {
  const covered = positions.snapshot?.index ?? 0;
  if (positions.base.index <= covered) return undefined;
  const what = `the log begins after entry ${positions.base.index}, but the newest snapshot mark covers only ${covered}`;
  return { what, file: directory, index: covered + 1, remedy: "rejoin" };
}

/**
 * The torn bytes are kept aside, then their place is zeroed and synced, so that the next batch is
 * written on zeros again: without that a later crash could not tell old sectors from new ones.
 */
async function dropTorn(
  parts: RecoveryParts,
  torn: LogEvent & { readonly kind: "torn" },
): Promise<void> {
  const { disk, directory } = parts;
  const { file, offset, through } = torn;
  await keepBrokenIfRoom({ disk, directory, file, offset, through });
  const open = await disk.open(file.path);
  try {
    await zeroRange(open, { from: offset, to: through });
    await open.syncData();
  } finally {
    await open.close();
  }
}

const brokenMax = 8;

interface BrokenRange {
  readonly disk: Disk;
  readonly directory: string;
  readonly file: { readonly path: string; readonly bytes: Uint8Array };
  readonly offset: number;
  readonly through: number;
}

/** A full disk must not keep a node from starting (D11): what was never synced may go without a copy. */
async function keepBrokenIfRoom(range: BrokenRange): Promise<void> {
  try {
    await keepBroken(range);
  } catch (error) {
    if (isNoSpace(error)) return;
    throw error;
  }
}

/** Copies a range to `NAME.OFFSET.N.broken`, for whoever wants to know. The newest few stay. */
export async function keepBroken(range: BrokenRange): Promise<string> {
  const { disk, directory, file, offset, through } = range;
  const broken = (await disk.list(directory)).filter((name) => name.endsWith(".broken"));
  const number = Math.max(0, ...broken.map(brokenNumber)) + 1;
  const oldest = broken.toSorted((left, right) => brokenNumber(left) - brokenNumber(right));
  for (const name of oldest.slice(0, Math.max(0, broken.length - brokenMax + 1))) {
    await disk.remove(`${directory}/${name}`);
  }
  const path = `${file.path}.${offset}.${number}.broken`;
  const copy = await disk.create(path);
  try {
    await copy.write({ at: 0, buffers: [file.bytes.subarray(offset, through)] });
    await copy.syncData();
  } finally {
    await copy.close();
  }
  await disk.syncDirectory(directory);
  return path;
}

function brokenNumber(name: string): number {
  return Number(/\.(\d+)\.broken$/.exec(name)?.[1] ?? 0);
}

/**
 * A process that was killed leaves writes that the system holds but the disk may not: they read as
 * valid. Nothing rests on them before they are synced. Only the last two segments can have such.
 */
async function syncFound(parts: RecoveryParts, found: Found): Promise<void> {
  for (const { path } of found.used.slice(-2)) {
    const file = await parts.disk.open(path);
    try {
      await file.syncData();
    } finally {
      await file.close();
    }
  }
  await parts.disk.syncDirectory(parts.directory);
}
