// event.ts — what an entry changed, told to whoever watches (SEMANTICS §3, `watch`): one event for each
// thing that is another one after a call than before it. A list at a revision and the events after it
// make the list of any later revision (I11).
import type {
  CancelMarkItem,
  CancelRuleItem,
  FinishedJobItem,
  HolderItem,
  PartitionItem,
  PauseItem,
  QueueKeyItem,
  RunItem,
} from "../result.ts";

/** What comes before the dot is what a watch can ask for. */
export const eventKinds = [
  "partition",
  "session",
  "cancel",
  "queueKey",
  "executionKey",
  "job",
  "queue",
] as const;
export type EventKind = (typeof eventKinds)[number];

export type EventType =
  | "partition.started"
  | "partition.stopped"
  | "partition.updated"
  /** With all that is in it; what that was is told as it is emptied, perhaps in later entries. */
  | "partition.dropped"
  | "session.opened"
  | "session.ended"
  | "cancel.marked"
  | "cancel.changed"
  | "cancel.cleared"
  | "cancel.ruleAdded"
  | "cancel.ruleChanged"
  | "cancel.ruleRemoved"
  | "queueKey.taken"
  | "queueKey.changed"
  | "queueKey.freed"
  /** Somebody holds it who did not, or nobody any more; `changed`: another one holds it, or one of several. */
  | "executionKey.taken"
  | "executionKey.changed"
  | "executionKey.freed"
  | "executionKey.waiting"
  | "executionKey.waitEnded"
  | "executionKey.rulesChanged"
  | "job.started"
  /** Its session ended it. */
  | "job.finished"
  /** Somebody else did: whatever the job does now is too late. */
  | "job.fenced"
  /** That it is done. */
  | "job.remembered"
  | "job.forgotten"
  | "queue.paused"
  | "queue.changed"
  | "queue.resumed";

export interface SessionItem {
  readonly session: number;
  readonly client: string;
  readonly ttlMs: number;
}

export interface WaiterItem {
  readonly key: string;
  readonly owner: string;
  readonly session: number;
  readonly ticket: number;
}

export interface LimitRulesItem {
  readonly rules: readonly { readonly prefix: string; readonly limit: number }[];
}

/** Who holds an execution key. Of one that several hold an event says what has changed, not all that there are. */
export interface KeyHoldersItem {
  readonly key: string;
  /** The first ones, in the order of their tokens; at most `holdersToldMax`. */
  readonly holders: readonly HolderItem[];
  /** How many hold it; where several do, or did before. */
  readonly held?: number;
  /** Likewise: who holds it and did not before, and who held it and does not any more. */
  readonly came?: readonly HolderItem[];
  readonly went?: readonly HolderItem[];
}

/** An event grows with what has changed, never with how many hold a key. */
export const holdersToldMax = 16;

/** As a list shows it; of an execution key only who holds it. */
export type EventItem =
  | PartitionItem
  | SessionItem
  | CancelMarkItem
  | CancelRuleItem
  | QueueKeyItem
  | KeyHoldersItem
  | WaiterItem
  | LimitRulesItem
  | RunItem
  | FinishedJobItem
  | PauseItem;

export interface StateEvent {
  readonly revision: number;
  /** Its place among the events of the revision, from 0. */
  readonly n: number;
  readonly type: EventType;
  /** Null: it is of the whole group. */
  readonly partition: string | null;
  /** Of the partition, session, job, rule, key or queue. */
  readonly name: string;
  /** As it is now; null: it is gone. */
  readonly item: EventItem | null;
  /** As it was, if it is gone. */
  readonly was: EventItem | null;
  /** The command that did it; `time`: it was due. */
  readonly cause: string;
  /** Whose call that was; null: an operator's route, or nobody's. */
  readonly by: { readonly session: number } | { readonly requestId: string } | null;
  /** Milliseconds since 1970, as the leader's clock said; for showing. */
  readonly at: number;
  readonly logTimeMs: number;
}
