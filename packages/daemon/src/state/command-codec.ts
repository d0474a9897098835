// command-codec.ts — what a log entry says ↔ its bytes (the payload of a Raft command entry).
// Byte 0 is the version; then one flat array: log time, wall time, count, and for each submission
// the command's number, its origin, its arguments. Numbers are given once and never used again:
// these bytes are read for ever. What can't be read halts the node and is never skipped.
import {
  type FeatureLevel,
  featureLevelLast,
  type GroupWrite,
  isKnownFeatureLevel,
  type JobId,
  jobId,
  key,
  type LogEntry,
  logTimeMs,
  type Origin,
  openId,
  type PartitionId,
  type PartitionWrite,
  partitionId,
  type Selector,
  type Submission,
  selector,
  sessionId,
  type Write,
} from "@rogerd/global-state";
import { FlatReader, type FlatValue, MalformedError, packFlat } from "../flat-codec.ts";
import { cancelNumbers, isOfCancel, pushOfCancel, readOfCancel } from "./cancel-codec.ts";
import {
  executionKeyNumbers,
  isOfExecutionKey,
  pushOfExecutionKey,
  readOfExecutionKey,
} from "./execution-key-codec.ts";
import { importNumbers, isOfImport, pushOfImport, readOfImport } from "./import-codec.ts";
import {
  isOfJob,
  jobNumbers,
  jobNumbersInLog,
  numberOfJob,
  pushOfJob,
  readOfJob,
} from "./job-codec.ts";
import {
  isOfPartitionItself,
  partitionNumbers,
  pushOfPartitionItself,
  readOfPartitionItself,
} from "./partition-codec.ts";
import {
  isOfQueueKey,
  pushOfQueueKey,
  queueKeyNumbers,
  readOfQueueKey,
} from "./queue-key-codec.ts";
import { pushOfRelease, readOfRelease, releaseNumber } from "./release-codec.ts";

/** What a proposer decides of an entry; revision and term come with its place in the log. */
export type EntryContent = Pick<LogEntry, "logTime" | "wallMs" | "submissions">;

/** An entry that this version can't read: it must halt, never skip (exit 65). */
export class UnreadableEntryError extends Error {
  override readonly name = "UnreadableEntryError";
}

export const entryVersion = 1;

const numbers = {
  "session.open": 1,
  "session.close": 2,
  "session.expire": 3,
  "partition.start": 10,
  "partition.stop": 11,
  ...partitionNumbers,
  ...executionKeyNumbers,
  "roger.cancelJob": 20,
  "roger.isCancelled": 21,
  "roger.isQueued": 22,
  "roger.removeQueued": 23,
  "roger.isExecuting": 24,
  "roger.removeExecuted": 25,
  "roger.queuePause": 26,
  "roger.queueResume": 27,
  ...queueKeyNumbers,
  ...cancelNumbers,
  "queue.pause": 50,
  "queue.resume": 51,
  ...importNumbers,
  ...jobNumbers,
  "admin.leapTokens": 63,
  "admin.raiseFeatureLevel": 64,
  "admin.release": releaseNumber,
} as const satisfies Record<Write["name"], number>;

type Opening = Omit<Extract<GroupWrite, { name: "session.open" }>["args"], "keyDelayMs">;

/** Commands of their own in the log: with `ifAbsent`; with an end, or one that stops; with `keyDelayMs`; more in job-codec.ts. */
const startIfAbsent = 12;
const pauseMore = 52;
const openWithDelay = 4;

const originNumbers = { none: 0, session: 1, request: 2 } as const;

export function encodeEntry(entry: EntryContent): Uint8Array {
  const values: FlatValue[] = [entry.logTime, entry.wallMs, entry.submissions.length];
  for (const { origin, write } of entry.submissions) {
    values.push(numberOf(write));
    pushOrigin(values, origin);
    if (isOfGroup(write)) pushOfGroup(values, write);
    else pushOfPartition(values, write);
  }
  return packFlat({ header: [entryVersion], values });
}

/** Throws UnreadableEntryError. */
export function decodeEntry(payload: Uint8Array): EntryContent {
  const version = payload[0];
  if (version !== entryVersion) {
    throw new UnreadableEntryError(
      `its version is ${version ?? "missing"}, this rogerd reads version ${entryVersion}: ` +
        "start the newer rogerd that wrote it",
    );
  }
  try {
    return readEntry(new FlatReader(payload.subarray(1)));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UnreadableEntryError(error.message, { cause: error });
  }
}

function readEntry(reader: FlatReader): EntryContent {
  const logTime = logTimeMs(reader.count("log time"));
  const wallMs = reader.finite("wall time");
  const submissions = reader.list("submissions", { countMax: 2 ** 20 }, () =>
    readSubmission(reader),
  );
  reader.end();
  return { logTime, wallMs, submissions };
}

function readSubmission(reader: FlatReader): Submission {
  const number = reader.count("command");
  const origin = readOrigin(reader);
  const write = readOfGroup(reader, number) ?? readOfPartition(reader, number);
  if (write === undefined) {
    throw new UnreadableEntryError(
      `it holds command ${number}, which this rogerd does not know: start the newer one that wrote it`,
    );
  }
  return { origin, write };
}

function pushOrigin(values: FlatValue[], origin: Origin): void {
  values.push(originNumbers[origin.kind]);
  if (origin.kind === "session") values.push(origin.session, origin.sequence, origin.floor);
  if (origin.kind === "request") values.push(origin.requestId);
}

function readOrigin(reader: FlatReader): Origin {
  const number = reader.count("origin");
  if (number === originNumbers.none) return { kind: "none" };
  if (number === originNumbers.request) return { kind: "request", requestId: readText(reader) };
  if (number !== originNumbers.session) throw new MalformedError(`origin ${number} is not known`);
  return {
    kind: "session",
    session: sessionId(reader.count("session")),
    sequence: reader.count("sequence"),
    floor: reader.count("floor"),
  };
}

function numberOf(write: Write): number {
  if (write.name === "partition.start" && write.args.ifAbsent === true) return startIfAbsent;
  if (write.name === "queue.pause" && !isPlain(write.args)) return pauseMore;
  if (write.name === "session.open" && write.args.keyDelayMs !== undefined) return openWithDelay;
  if (!isOfGroup(write) && isOfJob(write)) return numberOfJob(write);
  return numbers[write.name];
}

type PauseArgs = Extract<PartitionWrite, { name: "queue.pause" }>["args"];

function isPlain({ until, mode }: PauseArgs): boolean {
  return until === undefined && mode === undefined;
}

function isOfGroup(write: Write): write is GroupWrite {
  return !("partition" in write);
}

function pushOfGroup(values: FlatValue[], write: GroupWrite): void {
  if (isOfImport(write)) return pushOfImport(values, write);
  switch (write.name) {
    case "session.open":
      values.push(write.args.openId, write.args.name, write.args.ttlMs ?? null);
      if (write.args.keyDelayMs !== undefined) values.push(write.args.keyDelayMs);
      return;
    case "session.close":
    case "admin.leapTokens":
      return;
    case "session.expire":
      values.push(write.args.session, write.args.decidedInTerm);
      return;
    case "admin.raiseFeatureLevel":
      values.push(write.args.level);
  }
}

function readOfGroup(reader: FlatReader, number: number): GroupWrite | undefined {
  switch (number) {
    case numbers["session.open"]:
      return { name: "session.open", args: readOpening(reader) };
    case openWithDelay: {
      const opening = readOpening(reader);
      const keyDelayMs = reader.count("keyDelayMs");
      return { name: "session.open", args: { ...opening, keyDelayMs } };
    }
    case numbers["session.close"]:
      return { name: "session.close", args: {} };
    case numbers["admin.leapTokens"]:
      return { name: "admin.leapTokens", args: {} };
    case numbers["admin.raiseFeatureLevel"]:
      return { name: "admin.raiseFeatureLevel", args: { level: readLevel(reader) } };
    case numbers["session.expire"]:
      return {
        name: "session.expire",
        args: {
          session: sessionId(reader.count("session")),
          decidedInTerm: reader.count("decidedInTerm"),
        },
      };
    default:
      return readOfImport(reader, number);
  }
}

function readOpening(reader: FlatReader): Opening {
  return {
    openId: openId(readText(reader)),
    name: readText(reader),
    ttlMs: reader.optional(() => reader.count("ttlMs")),
  };
}

/** Who does not know the rules that hold from here on must not go on. */
function readLevel(reader: FlatReader): FeatureLevel {
  const level = reader.count("feature level");
  if (isKnownFeatureLevel(level)) return level;
  throw new UnreadableEntryError(
    `it raises the feature level to ${level}, this rogerd knows up to ${featureLevelLast}: start the newer one that wrote it`,
  );
}

function pushOfPartition(values: FlatValue[], write: PartitionWrite): void {
  values.push(write.partition);
  if (isOfCancel(write)) return pushOfCancel(values, write);
  if (isOfQueueKey(write)) return pushOfQueueKey(values, write);
  if (isOfExecutionKey(write)) return pushOfExecutionKey(values, write);
  if (isOfJob(write)) return pushOfJob(values, write);
  if (isOfPartitionItself(write)) return pushOfPartitionItself(values, write);
  if (write.name === "admin.release") return pushOfRelease(values, write);
  switch (write.name) {
    case "partition.start":
    case "partition.stop":
      return;
    case "roger.cancelJob":
    case "roger.isCancelled":
      values.push(write.args.jobId);
      return;
    case "roger.isQueued":
    case "roger.removeQueued":
    case "roger.isExecuting":
    case "roger.removeExecuted":
      values.push(write.args.key);
      return;
    case "roger.queuePause":
    case "roger.queueResume":
      values.push(write.args.queue);
      return;
    case "queue.pause": {
      const { selector: queues, by, reason, until, mode } = write.args;
      values.push(queues, by, reason);
      if (!isPlain(write.args)) values.push(until ?? null, mode === "stop");
      return;
    }
    case "queue.resume":
      values.push(write.args.selector);
  }
}

function readOfPartition(reader: FlatReader, number: number): PartitionWrite | undefined {
  if (!numbersInPartition.has(number)) return undefined;
  const partition = partitionId(readText(reader));
  return (
    readRoger(reader, number, partition) ??
    readOfExecutionKey(reader, { number, partition }) ??
    readOfPartitionItself(reader, { number, partition }) ??
    readOwn(reader, number, partition) ??
    readOfCancel(reader, number, partition) ??
    readOfJob(reader, number, partition) ??
    readOfRelease(reader, number, partition) ??
    readOfQueueKey(reader, number, partition)
  );
}

/** Roger's forms. */
function readRoger(
  reader: FlatReader,
  number: number,
  partition: PartitionId,
): PartitionWrite | undefined {
  switch (number) {
    case numbers["roger.cancelJob"]:
      return { name: "roger.cancelJob", partition, args: readJob(reader) };
    case numbers["roger.isCancelled"]:
      return { name: "roger.isCancelled", partition, args: { ...readJob(reader), remove: true } };
    case numbers["roger.isQueued"]:
      return { name: "roger.isQueued", partition, args: { ...readKey(reader), add: true } };
    case numbers["roger.removeQueued"]:
      return { name: "roger.removeQueued", partition, args: readKey(reader) };
    case numbers["roger.isExecuting"]:
      return { name: "roger.isExecuting", partition, args: { ...readKey(reader), add: true } };
    case numbers["roger.removeExecuted"]:
      return { name: "roger.removeExecuted", partition, args: readKey(reader) };
    case numbers["roger.queuePause"]:
      return { name: "roger.queuePause", partition, args: { queue: selector(readText(reader)) } };
    case numbers["roger.queueResume"]:
      return { name: "roger.queueResume", partition, args: { queue: selector(readText(reader)) } };
    default:
      return undefined;
  }
}

function readOwn(
  reader: FlatReader,
  number: number,
  partition: PartitionId,
): PartitionWrite | undefined {
  switch (number) {
    case numbers["partition.start"]:
      return { name: "partition.start", partition, args: {} };
    case startIfAbsent:
      return { name: "partition.start", partition, args: { ifAbsent: true } };
    case numbers["partition.stop"]:
      return { name: "partition.stop", partition, args: {} };
    case numbers["queue.pause"]:
      return {
        name: "queue.pause",
        partition,
        args: { ...readSelector(reader), ...readReason(reader) },
      };
    case pauseMore:
      return { name: "queue.pause", partition, args: readPauseMore(reader) };
    case numbers["queue.resume"]:
      return { name: "queue.resume", partition, args: readSelector(reader) };
    default:
      return undefined;
  }
}

const numbersInPartition: ReadonlySet<number> = new Set([
  startIfAbsent,
  pauseMore,
  releaseNumber,
  ...jobNumbersInLog,
  ...Object.entries(numbers)
    .filter(([name]) => !/^(session|admin)\./.test(name))
    .map(([, number]) => number),
]);

function readJob(reader: FlatReader): { jobId: JobId } {
  return { jobId: jobId(readText(reader)) };
}

function readKey(reader: FlatReader): { key: ReturnType<typeof key> } {
  return { key: key(readText(reader)) };
}

function readPauseMore(reader: FlatReader): PauseArgs {
  const pause = { ...readSelector(reader), ...readReason(reader) };
  const until = reader.optional(() => reader.count("until"));
  const isStop = reader.flag("stop");
  return {
    ...pause,
    ...(until === undefined ? {} : { until }),
    ...(isStop ? { mode: "stop" } : {}),
  };
}

function readSelector(reader: FlatReader): { selector: Selector } {
  return { selector: selector(readText(reader)) };
}

function readReason(reader: FlatReader): { by: string; reason: string } {
  return { by: readText(reader), reason: readText(reader) };
}

/** Names were checked before they were logged; here only damage is looked for. */
function readText(reader: FlatReader): string {
  return reader.text("text", { charactersMax: 2 ** 20 });
}
