// read-backup.ts — a backup file back to a state. Trusts nothing: each chunk, the whole, the root of the
// state and what holds between its tables are checked before anybody may use it.
import { DamagedSnapshotError, GlobalState } from "@rogerd/global-state";
import {
  chunkBytes,
  chunkFrameBytes,
  DamagedDataError,
  SnapshotChecker,
  snapshotChunkBytesMax,
} from "@rogerd/raft";
import { parseJsonBytes } from "../http/json-body.ts";
import {
  type BackupHeader,
  headerBytesMax,
  readHeaderLine,
  type Sum,
  sumBytes,
} from "./backup-file.ts";
import { ByteQueue } from "./byte-queue.ts";

export interface ReadBackup {
  readonly header: BackupHeader;
  readonly state: GlobalState;
  /** The state hash at its revision. */
  readonly root: string;
  readonly bytes: number;
}

export interface BackupSource {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sum: Sum;
  readonly digest: (bytes: Uint8Array) => Uint8Array;
}

/** `message` is the end of a sentence that begins with the name of the file. */
export class DamagedBackupError extends Error {
  override readonly name = "DamagedBackupError";
}

/** Throws DamagedBackupError. */
export async function readBackup(source: BackupSource): Promise<ReadBackup> {
  const queue = new ByteQueue(source.bytes);
  try {
    return await read(queue, source);
  } catch (error) {
    if (error instanceof DamagedDataError || error instanceof DamagedSnapshotError) {
      throw new DamagedBackupError(`is damaged: ${error.message.replace(/\.$/, "")}`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    await queue.close();
  }
}

async function read(queue: ByteQueue, { sum, digest }: BackupSource): Promise<ReadBackup> {
  const header = await readHeaderFrom(queue, sum);
  const state = new GlobalState({ digest });
  const restoration = state.beginRestore();
  const checker = new SnapshotChecker();
  while (!checker.isWhole) {
    const chunk = await takeChunk(queue);
    sum.add(chunk);
    for (const piece of checker.add(chunk)) restoration.add(piece);
  }
  const given = await queue.take(sumBytes);
  if (given === undefined) throw endsEarly();
  if (!isSame(given, sum.value()))
    throw new DamagedBackupError("is damaged: its checksum is wrong");
  if ((await queue.take(1)) !== undefined) {
    throw new DamagedBackupError("is damaged: it goes on after its checksum");
  }
  const root = restoration.finish();
  const { meta } = checker;
  if (meta?.hash !== root || state.revision !== header.revision || state.term !== header.term) {
    throw new DamagedBackupError("is damaged: its first line is about another state");
  }
  state.checkInvariants();
  return { header, state, root, bytes: queue.taken };
}

async function readHeaderFrom(queue: ByteQueue, sum: Sum): Promise<BackupHeader> {
  const line = await queue.takeLine(headerBytesMax);
  if (line === undefined) throw new DamagedBackupError("is no backup of a rogerd");
  sum.add(line);
  const parsed = parseJsonBytes(line);
  if (parsed.kind === "wrong") throw new DamagedBackupError("is no backup of a rogerd");
  const read = readHeaderLine(parsed.value);
  if (read.kind === "wrong") throw new DamagedBackupError(read.what);
  return read.header;
}

async function takeChunk(queue: ByteQueue): Promise<Uint8Array> {
  const frame = await queue.look(chunkFrameBytes);
  if (frame === undefined) throw endsEarly();
  const length = chunkBytes(frame);
  if (length > snapshotChunkBytesMax) {
    throw new DamagedBackupError("is damaged: a chunk is longer than any");
  }
  const chunk = await queue.take(length);
  if (chunk === undefined) throw endsEarly();
  return chunk;
}

function endsEarly(): DamagedBackupError {
  return new DamagedBackupError("is damaged: it ends too early");
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => other[at] === byte);
}
