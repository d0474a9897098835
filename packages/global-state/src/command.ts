// command.ts — every command: its name on the wire and in the log, and its arguments (SEMANTICS §1, §3).
// `Write` goes through the log; `Read` never does. Values here are checked (see parse-command.ts):
// what is malformed never becomes a Command.
import type { LimitRule } from "./execution-key/limit-rules.ts";
import type { FeatureLevel } from "./feature-level.ts";
import type { ForcedRelease } from "./force-release.ts";
import type {
  FencingToken,
  JobId,
  Key,
  LogTimeMs,
  OpenId,
  PartitionId,
  Revision,
  Selector,
  SessionId,
} from "./ids.ts";
import type { JobFinish } from "./job/job-finish.ts";
import type { JobStart } from "./job/job-start.ts";
import type {
  PartitionDefault,
  PartitionLimit,
  SettingsChange,
} from "./partition/partition-settings.ts";
import type { SyncPlace } from "./session/sync-cursor.ts";

/** Commands of one partition that change it. */
interface PartitionWriteArgs {
  /** `ifAbsent`: one that was stopped stays stopped. */
  "partition.start": { readonly ifAbsent?: true };
  "partition.stop": Record<string, never>;
  /** At least one of them says something. From the second feature level on, as is the next one. */
  "partition.update": {
    readonly limits: SettingsChange<PartitionLimit>;
    readonly defaults: SettingsChange<PartitionDefault>;
  };
  "partition.drop": Record<string, never>;
  "roger.cancelJob": { readonly jobId: JobId };
  /** Form 3; without `remove` it is a read. */
  "roger.isCancelled": { readonly jobId: JobId; readonly remove: true };
  "roger.isQueued": { readonly key: Key; readonly add: true };
  "roger.removeQueued": { readonly key: Key };
  "roger.isExecuting": { readonly key: Key; readonly add: true };
  "roger.removeExecuted": { readonly key: Key };
  "roger.queuePause": { readonly queue: Selector };
  "roger.queueResume": { readonly queue: Selector };
  "cancel.mark": {
    readonly jobIds: readonly JobId[];
    readonly by: string;
    readonly reason: string;
    readonly ttlMs: number | undefined;
  };
  "cancel.clear": { readonly jobIds: readonly JobId[] };
  /** Which jobs: at least one of the first three is there, and all that is there must hold. */
  "cancel.addRule": {
    readonly queue?: string;
    readonly jobIdPrefix?: string;
    readonly tag?: string;
    /** Wall time. */
    readonly enqueuedBefore?: number;
    readonly by: string;
    readonly reason: string;
    readonly ttlMs: number | undefined;
  };
  "cancel.removeRule": { readonly rule: string };
  "queueKey.claim": {
    readonly key: Key;
    readonly owner: JobId;
    /** Undefined: until it is released. */
    readonly ttlMs: number | undefined;
    /** Until it is confirmed it lasts so long; undefined: it needs no confirmation. */
    readonly provisionalMs: number | undefined;
    readonly onConflict: OnConflict;
  };
  "queueKey.confirm": { readonly key: Key; readonly owner: JobId };
  "queueKey.extend": { readonly key: Key; readonly owner: JobId; readonly ttlMs: number };
  "queueKey.release": { readonly key: Key; readonly owner: JobId };
  "queue.pause": {
    readonly selector: Selector;
    readonly by: string;
    readonly reason: string;
    /** Wall time; absent: until it is resumed. */
    readonly until?: number;
    /** Absent: what runs goes on. */
    readonly mode?: "stop";
  };
  "executionKey.acquire": {
    readonly key: Key;
    readonly owner: JobId;
    readonly mode: "try" | "wait";
    /** Of the log's time; undefined: as long as the session lives. */
    readonly waitTimeoutMs: number | undefined;
  };
  "executionKey.withdraw": { readonly key: Key; readonly owner: JobId };
  "executionKey.release": {
    readonly key: Key;
    readonly owner: JobId;
    readonly token: FencingToken;
  };
  /** All rules of the partition; each prefix once. */
  "executionKey.setRules": { readonly rules: readonly LimitRule[] };
  "queue.resume": { readonly selector: Selector };
  /** By force, whoever has it. */
  "admin.release": ForcedRelease;
  "job.start": JobStart;
  "job.finish": JobFinish;
  "job.finishAndStart": { readonly finish: JobFinish; readonly start: JobStart };
}

/** What a claim does to a queue key that is another's. */
export type OnConflict = "reject" | "replace" | "replaceAndCancel" | "extend";

/** Commands of the whole group. */
interface GroupWriteArgs {
  "session.open": {
    readonly openId: OpenId;
    readonly name: string;
    readonly ttlMs: number | undefined;
    /** From the second feature level on. */
    readonly keyDelayMs?: number;
  };
  "session.close": Record<string, never>;
  /** Proposed by the leader only; `decidedInTerm` must be the entry's own term, or it does nothing. */
  "session.expire": { readonly session: SessionId; readonly decidedInTerm: number };
  /** An operator's restore of a backup, in steps (import/import-plan.ts). Repeating one is harmless. */
  "admin.importBegin": {
    readonly id: string;
    /** Of the backup: its log time, and the counters that it drew from. */
    readonly logTime: LogTimeMs;
    readonly counters: {
      readonly session: number;
      readonly partition: number;
      readonly token: number;
    };
  };
  "admin.importRows": {
    readonly id: string;
    readonly step: number;
    readonly table: ImportedTable;
    readonly version: number;
    readonly bytes: Uint8Array;
  };
  /** The first command of a cluster that begins with what one node of a lost one had. */
  "admin.leapTokens": Record<string, never>;
  /** Proposed by the leader only, once every member knows that level. It is never lowered. */
  "admin.raiseFeatureLevel": { readonly level: FeatureLevel };
  "admin.importEnd": { readonly id: string; readonly steps: number; readonly rows: number };
}

/** What a backup brings along: all but sessions and what is remembered for retries. */
export type ImportedTable =
  | "partitions"
  | "cancelMarks"
  | "queueKeys"
  | "executionKeys"
  | "pauses"
  | "cancelRules"
  /** From the second feature level on; execution keys that are not as those of the first were. */
  | "limitRules"
  | "delayedKeys"
  | "finishedJobs";

interface PartitionReadArgs {
  "roger.isCancelled": { readonly jobId: JobId };
  "roger.isQueued": { readonly key: Key };
  "roger.isExecuting": { readonly key: Key };
  "roger.queueGetPaused": Record<string, never>;
  "cancel.check": { readonly jobId: JobId };
  /** The one object of that name. */
  get: { readonly kind: ListKind; readonly name: string };
  /** Why a job does not run, or why a key is not free. */
  why: { readonly jobId: JobId } | { readonly key: Key };
  /** At most `limit` (≤ 1 000) objects whose name starts with `prefix`, from `cursor` on. */
  list: {
    readonly kind: ListKind;
    readonly prefix: string;
    readonly limit: number;
    readonly cursor: string | undefined;
  };
}

export type ListKind =
  | "cancelMarks"
  | "queueKeys"
  | "executionKeys"
  | "pauses"
  | "cancelRules"
  | "runs"
  | "finishedJobs";

interface GroupReadArgs {
  /** Of the session that asks; `from`: undefined for the first page. */
  "session.sync": { readonly session: SessionId; readonly from: SyncPlace | undefined };
  "partition.list": PageArgs;
  /** `prefix` is of what clients call themselves. */
  "session.list": PageArgs;
}

interface PageArgs {
  readonly prefix: string;
  readonly limit: number;
  readonly cursor: string | undefined;
}

type OfPartition<Args> = {
  [Name in keyof Args]: {
    readonly name: Name;
    readonly partition: PartitionId;
    readonly args: Args[Name];
  };
}[keyof Args];

type OfGroup<Args> = {
  [Name in keyof Args]: { readonly name: Name; readonly args: Args[Name] };
}[keyof Args];

export type PartitionWrite = OfPartition<PartitionWriteArgs>;
export type GroupWrite = OfGroup<GroupWriteArgs>;
export type Write = PartitionWrite | GroupWrite;
export type PartitionRead = OfPartition<PartitionReadArgs>;
export type GroupRead = OfGroup<GroupReadArgs>;
export type Read = PartitionRead | GroupRead;
export type ListRead = Extract<Read, { name: "list" | "partition.list" | "session.list" }>;

export function isListRead(read: Read): read is ListRead {
  return read.name === "list" || read.name === "partition.list" || read.name === "session.list";
}

/** Who asks, and under which number: what makes a retry the same call (SEMANTICS §6). */
export type Origin =
  | {
      readonly kind: "session";
      readonly session: SessionId;
      readonly sequence: number;
      /** The client needs no answer below this number. */
      readonly floor: number;
    }
  | { readonly kind: "request"; readonly requestId: string }
  /** `session.open`, whose openId is its own number; the leader's own commands; curl without an id. */
  | { readonly kind: "none" };

export interface Submission {
  readonly origin: Origin;
  readonly write: Write;
}

/** One entry of the log as the state machine sees it. No submissions: a tick, or a term's first entry. */
export interface LogEntry {
  readonly revision: Revision;
  readonly term: number;
  readonly logTime: LogTimeMs;
  /** Milliseconds since 1970 of the leader that made it; only ever shown. */
  readonly wallMs: number;
  readonly submissions: readonly Submission[];
}
