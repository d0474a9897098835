// watched-rows.ts — which tables are told of, and how a row of each looks to who watches. A row that counts
// as not there (a session that is ending, a partition that is dropped) looks like none. Answers kept, and what is derived, are nobody's
// business.
import { type CancelMark, markItem } from "../cancel/cancel-mark.ts";
import { type CancelRule, ruleItem } from "../cancel/cancel-rule.ts";
import type { ExecutionKey } from "../execution-key/execution-key.ts";
import { holderItem } from "../execution-key/item.ts";
import type { LimitRules } from "../execution-key/limit-rules.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import { type FinishedJob, finishedJobItem } from "../job/finished-job.ts";
import { type Run, runItem } from "../job/run.ts";
import { type Partition, partitionItem } from "../partition/partition.ts";
import { type Pause, pauseItem } from "../pause/pause.ts";
import { type QueueKey, queueKeyItem } from "../queue-key/queue-key.ts";
import type { Session } from "../session/session.ts";
import type { Row } from "../table/row.ts";
import { type EventItem, type EventType, holdersToldMax, type KeyHoldersItem } from "./event.ts";

/** Before and after; never both are absent. */
export interface Difference {
  readonly before: EventItem | undefined;
  readonly after: EventItem | undefined;
  /** The command that did it, and in which session. */
  readonly cause: string;
  readonly session: number | undefined;
}

export interface WatchedRows<Kind extends Row> {
  readonly itemOf: (row: Kind) => EventItem | undefined;
  /**
   * Where a row may be too large to be compared with what it was: how it looks now, with what the call has changed of
   * it; undefined: nothing. It knows that once.
   */
  readonly changedOf?: (row: Kind) => EventItem | undefined;
  readonly typeOf: (difference: Difference) => EventType;
  readonly nameOf: (row: Kind) => string;
}

const keyOf = ({ key }: Row): string => String(key);

/** Named for how it comes, how it changes, how it goes. */
function comesAndGoes(types: {
  readonly comes: EventType;
  readonly changes: EventType;
  readonly goes: EventType;
}): (difference: Difference) => EventType {
  return ({ before, after }) => {
    if (before === undefined) return types.comes;
    return after === undefined ? types.goes : types.changes;
  };
}

/** Undefined: there was none. */
function isStarted(item: EventItem | undefined): boolean | undefined {
  return item !== undefined && "started" in item ? item.started : undefined;
}

export const watchedPartitions: WatchedRows<Partition> = {
  itemOf: (row) => (row.dropping === undefined ? partitionItem(row) : undefined),
  typeOf: ({ before, after }) => {
    if (after === undefined) return "partition.dropped";
    if (isStarted(before) === isStarted(after)) return "partition.updated";
    return isStarted(after) ? "partition.started" : "partition.stopped";
  },
  nameOf: keyOf,
};

export const watchedSessions: WatchedRows<Session> = {
  itemOf: ({ shown, ending }) => (ending === "no" ? shown : undefined),
  typeOf: ({ after }) => (after === undefined ? "session.ended" : "session.opened"),
  nameOf: keyOf,
};

export const watchedMarks: WatchedRows<CancelMark> = {
  itemOf: markItem,
  typeOf: comesAndGoes({
    comes: "cancel.marked",
    changes: "cancel.changed",
    goes: "cancel.cleared",
  }),
  nameOf: keyOf,
};

export const watchedRules: WatchedRows<CancelRule> = {
  itemOf: ruleItem,
  typeOf: comesAndGoes({
    comes: "cancel.ruleAdded",
    changes: "cancel.ruleChanged",
    goes: "cancel.ruleRemoved",
  }),
  nameOf: keyOf,
};

export const watchedQueueKeys: WatchedRows<QueueKey> = {
  itemOf: queueKeyItem,
  typeOf: comesAndGoes({
    comes: "queueKey.taken",
    changes: "queueKey.changed",
    goes: "queueKey.freed",
  }),
  nameOf: keyOf,
};

function holdersOf(item: EventItem | undefined): number {
  return item !== undefined && "holders" in item ? item.holders.length : 0;
}

function holdersItem({ key, holders }: ExecutionKey): KeyHoldersItem {
  const { count } = holders;
  const first = holders.first(holdersToldMax).map(holderItem);
  return { key, holders: first, ...(count > 1 && { held: count }) };
}

/** Of a key that one holds, and one held, the item says all. */
function changedHoldersItem(row: ExecutionKey): KeyHoldersItem | undefined {
  const change = row.holders.takeChange();
  if (change === undefined) return undefined;
  const { came, went } = change;
  const held = row.holders.count;
  const item = holdersItem(row);
  if (Math.max(held, held - came.length + went.length) <= 1) return item;
  return { ...item, held, came: came.map(holderItem), went: went.map(holderItem) };
}

export const watchedExecutionKeys: WatchedRows<ExecutionKey> = {
  itemOf: holdersItem,
  changedOf: changedHoldersItem,
  typeOf: ({ before, after }) => {
    const [were, are] = [holdersOf(before), holdersOf(after)];
    if (were === 0 && are > 0) return "executionKey.taken";
    return were > 0 && are === 0 ? "executionKey.freed" : "executionKey.changed";
  },
  nameOf: keyOf,
};

export const watchedWaiters: WatchedRows<Waiter> = {
  itemOf: ({ executionKey: key, owner, session, key: ticket }) => ({ key, owner, session, ticket }),
  typeOf: ({ after }) => (after === undefined ? "executionKey.waitEnded" : "executionKey.waiting"),
  nameOf: ({ executionKey }) => executionKey,
};

export const watchedLimitRules: WatchedRows<LimitRules> = {
  itemOf: ({ rules }) => ({ rules: rules.map(({ prefix, limit }) => ({ prefix, limit })) }),
  typeOf: () => "executionKey.rulesChanged",
  nameOf: () => "*",
};

/** A started job that is withdrawn is finished, to be retried (SEMANTICS §3). */
const finishes: ReadonlySet<string> = new Set([
  "job.finish",
  "job.finishAndStart",
  "executionKey.withdraw",
]);

export const watchedRuns: WatchedRows<Run> = {
  itemOf: runItem,
  typeOf: ({ before, after, cause, session }) => {
    if (after !== undefined) return "job.started";
    // A takeover in the same call ends the run of another session.
    const isOwn = before !== undefined && "session" in before && before.session === session;
    if (!isOwn) return "job.fenced";
    return finishes.has(cause) ? "job.finished" : "job.fenced";
  },
  nameOf: keyOf,
};

export const watchedFinishedJobs: WatchedRows<FinishedJob> = {
  itemOf: finishedJobItem,
  typeOf: comesAndGoes({
    comes: "job.remembered",
    changes: "job.remembered",
    goes: "job.forgotten",
  }),
  nameOf: keyOf,
};

export const watchedPauses: WatchedRows<Pause> = {
  itemOf: pauseItem,
  typeOf: comesAndGoes({ comes: "queue.paused", changes: "queue.changed", goes: "queue.resumed" }),
  nameOf: keyOf,
};
