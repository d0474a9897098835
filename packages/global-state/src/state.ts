// state.ts — everything that the log has made, in one place: tables, counters, time.
// What is marked as derived follows from the tables; it is not encoded, and built anew after a
// restore (adopt.ts). Only apply.ts and the commands it calls change any of it.
import type { CancelMark } from "./cancel/cancel-mark.ts";
import { cancelMarkSpec } from "./cancel/cancel-mark.ts";
import { type CancelRule, cancelRuleSpec } from "./cancel/cancel-rule.ts";
import { Deadlines } from "./deadlines.ts";
import { Changes } from "./event/changes.ts";
import { type ExecutionKey, executionKeySpec } from "./execution-key/execution-key.ts";
import { type LimitRules, limitRulesSpec } from "./execution-key/limit-rules.ts";
import { type Waiter, waiterSpec } from "./execution-key/waiter.ts";
import { type FeatureLevel, featureLevelFirst } from "./feature-level.ts";
import type { LogTimeMs, OpenId, Revision } from "./ids.ts";
import { logTimeMs, revision } from "./ids.ts";
import type { Import } from "./import/import.ts";
import { type FinishedJob, finishedJobSpec } from "./job/finished-job.ts";
import { type Run, runSpec } from "./job/run.ts";
import type { Limits } from "./limits.ts";
import type { Notice } from "./notice.ts";
import type { Dropping } from "./partition/dropping.ts";
import { type Partition, partitionSpec } from "./partition/partition.ts";
import { type Pause, type PauseEnd, pauseSpec, type Stopping } from "./pause/pause.ts";
import { type ClaimEnd, type QueueKey, queueKeySpec } from "./queue-key/queue-key.ts";
import { type AnswerPage, answerPageSpec } from "./session/answered.ts";
import { type RememberedRequest, rememberedRequestSpec } from "./session/remembered-request.ts";
import { type Session, sessionSpec } from "./session/session.ts";
import { type RememberedEnding, waitEndingSpec } from "./session/wait-ending.ts";
import { Writer } from "./snapshot/writer.ts";
import type { Row } from "./table/row.ts";
import { Table, type TableSpec } from "./table/table.ts";

export interface Tables {
  readonly partitions: Table<Partition>;
  readonly sessions: Table<Session>;
  readonly answerPages: Table<AnswerPage>;
  readonly requests: Table<RememberedRequest>;
  readonly cancelMarks: Table<CancelMark>;
  readonly queueKeys: Table<QueueKey>;
  readonly executionKeys: Table<ExecutionKey>;
  readonly pauses: Table<Pause>;
  readonly cancelRules: Table<CancelRule>;
  readonly limitRules: Table<LimitRules>;
  readonly waiters: Table<Waiter>;
  readonly waitEndings: Table<RememberedEnding>;
  readonly runs: Table<Run>;
  readonly finishedJobs: Table<FinishedJob>;
}

/** What an entry brings with it, as `apply` has accepted it. */
export interface Moment {
  readonly revision: Revision;
  readonly term: number;
  readonly logTime: LogTimeMs;
  readonly wallMs: number;
  /** How much of what follows from calls and times may still be done in this entry (SEMANTICS §4.7). */
  readonly work: { left: number };
  readonly notices: Notice[];
}

/** Counters of the group: they only grow, and nothing resets them. */
export interface Counters {
  session: number;
  partition: number;
  token: number;
  ticket: number;
}

export type Due =
  | CancelMark
  | CancelRule
  | ClaimEnd
  | PauseEnd
  | Stopping
  | RememberedRequest
  | Waiter
  | ExecutionKey
  | LimitRules
  | FinishedJob
  | Session;

export interface State extends Tables {
  readonly limits: Limits;
  featureLevel: FeatureLevel;
  revision: Revision;
  term: number;
  logTime: LogTimeMs;
  readonly counters: Counters;
  import: Import | undefined;
  /** Derived. */
  readonly deadlines: Deadlines<Due>;
  /** Derived: the partitions that are being emptied; due at once, and not among all else (tick.ts). */
  readonly droppings: Deadlines<Dropping>;
  /** Derived. */
  readonly sessionsByOpenId: Map<OpenId, Session>;
  /** Derived: rows of other tables know their partition by its number. */
  readonly partitionsByNumber: Map<number, Partition>;
  /** Derived: bytes of the answers that all sessions keep. */
  answersBytes: number;
  /** Derived: bytes of the answers in `requests`. */
  requestsBytes: number;
  /** Of the last entry; gone after a restore, as they are hints. */
  notices: readonly Notice[];
  /** What the last entry changed. */
  readonly changes: Changes;
}

export interface Positions {
  readonly featureLevel: FeatureLevel;
  readonly revision: Revision;
  readonly term: number;
  readonly logTime: LogTimeMs;
  readonly counters: Counters;
}

/** The names of the tables in the order in which a snapshot has them. */
export const tableOrder: readonly (keyof Tables)[] = [
  "partitions",
  "sessions",
  "answerPages",
  "requests",
  "cancelMarks",
  "queueKeys",
  "executionKeys",
  "pauses",
  "cancelRules",
  "limitRules",
  "waiters",
  "waitEndings",
  "runs",
  "finishedJobs",
];

/** Those of the first level, then what later ones brought: a snapshot has no others than its level's. */
const tablesOfFirstLevel = 8;

export function tablesOf(level: FeatureLevel): readonly (keyof Tables)[] {
  return level === featureLevelFirst ? tableOrder.slice(0, tablesOfFirstLevel) : tableOrder;
}

export function emptyState(limits: Limits): State {
  const start = {
    featureLevel: featureLevelFirst,
    revision: revision(0),
    term: 0,
    logTime: logTimeMs(0),
  };
  const counters = { session: 0, partition: 0, token: 0, ticket: 0 };
  return stateWith({ limits, positions: { ...start, counters }, bucketCounts: () => 1 });
}

/** Empty tables of the given sizes at the given positions. */
export function stateWith(parts: {
  readonly limits: Limits;
  readonly positions: Positions;
  readonly import?: Import | undefined;
  readonly bucketCounts: (name: keyof Tables) => number;
}): State {
  const writer = new Writer();
  const table = <Kind extends Row>(name: keyof Tables, spec: TableSpec<Kind>): Table<Kind> =>
    new Table(spec, { writer, buckets: parts.bucketCounts(name) });
  const tables: Tables = {
    partitions: table("partitions", partitionSpec),
    sessions: table("sessions", sessionSpec),
    answerPages: table("answerPages", answerPageSpec),
    requests: table("requests", rememberedRequestSpec),
    cancelMarks: table("cancelMarks", cancelMarkSpec),
    queueKeys: table("queueKeys", queueKeySpec),
    executionKeys: table("executionKeys", executionKeySpec),
    pauses: table("pauses", pauseSpec),
    cancelRules: table("cancelRules", cancelRuleSpec),
    limitRules: table("limitRules", limitRulesSpec),
    waiters: table("waiters", waiterSpec),
    waitEndings: table("waitEndings", waitEndingSpec),
    runs: table("runs", runSpec),
    finishedJobs: table("finishedJobs", finishedJobSpec),
  };
  return {
    ...tables,
    limits: parts.limits,
    featureLevel: parts.positions.featureLevel,
    revision: parts.positions.revision,
    term: parts.positions.term,
    logTime: parts.positions.logTime,
    counters: { ...parts.positions.counters },
    import: parts.import,
    deadlines: new Deadlines<Due>(),
    droppings: new Deadlines<Dropping>(),
    sessionsByOpenId: new Map(),
    partitionsByNumber: new Map(),
    answersBytes: 0,
    requestsBytes: 0,
    notices: [],
    changes: new Changes(tables),
  };
}
