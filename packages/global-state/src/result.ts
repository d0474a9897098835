// result.ts — what each command can answer, told apart by `status` (SEMANTICS §3).
// A business outcome is a result. A refusal changed nothing; it was decided by `apply`, is the same
// on every node, and is kept for retries like a result.
import type { FencingToken, SessionId } from "./ids.ts";
import type { WaitEnding } from "./notice.ts";
import type { PartitionDefaults, PartitionLimits } from "./partition/partition-settings.ts";

export interface CancelMarkItem {
  readonly jobId: string;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970, as the leader's clock said; for showing. */
  readonly at: number;
  readonly state: "pending" | "delivered" | "acknowledged" | "consumed" | "too_late";
}

/** Null: that does not matter. */
export interface CancelRuleItem {
  /** Its id. */
  readonly rule: string;
  readonly queue: string | null;
  readonly jobIdPrefix: string | null;
  readonly tag: string | null;
  readonly enqueuedBefore: number | null;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** About when it ends, as the leader's clock said. */
  readonly expiresAt: number;
  /** How many jobs it has cancelled. */
  readonly hits: number;
}

/** Whose a queue key is; Roger's form knows no owner, and such a key no end. */
export type QueueKeyStanding =
  | { readonly owner: null; readonly since: number }
  | {
      readonly owner: string;
      readonly since: number;
      /** About when it is free again, as the leader's clock said; null: when somebody frees it. */
      readonly expiresAt: number | null;
    };

/** `provisional`: its owner has not confirmed it yet. */
export type QueueKeyItem = { readonly key: string } & (
  | Extract<QueueKeyStanding, { owner: null }>
  | (Extract<QueueKeyStanding, { owner: string }> & { readonly provisional: boolean })
);

export interface HolderItem {
  readonly owner: string | null;
  /** Who has an owner lives by a session. */
  readonly session?: number;
  readonly token: number;
  readonly since: number;
}

export interface ExecutionKeyItem {
  readonly key: string;
  readonly limit: number;
  readonly holders: readonly HolderItem[];
  /** Absent: nobody waits. */
  readonly waiters?: number;
}

export interface PauseItem {
  readonly selector: string;
  readonly by: string;
  readonly reason: string;
  readonly since: number;
  /** Absent: new starts wait, and what runs goes on. */
  readonly mode?: "stop";
  /** About when it ends by itself, as the leader's clock has it; absent: when somebody resumes. */
  readonly until?: number;
}

export interface RunItem {
  readonly jobId: string;
  readonly session: number;
  readonly token: number;
  readonly queue: string;
  readonly since: number;
  /** Absent: it holds none. */
  readonly executionKey?: string;
  /** That its finish frees; absent: none. */
  readonly queueKey?: string;
  readonly tags?: readonly string[];
}

export interface FinishedJobItem {
  readonly jobId: string;
  readonly outcome: FinalOutcome;
  readonly at: number;
  /** About when it is forgotten, as the leader's clock said. */
  readonly rememberedUntil: number;
}

export interface PartitionItem {
  readonly partition: string;
  readonly started: boolean;
  readonly since: number;
  /** Of its own; absent: it has none. What is not named is as the cluster has it. */
  readonly limits?: PartitionLimits;
  readonly defaults?: PartitionDefaults;
}

export interface SessionListItem {
  readonly session: number;
  /** What its client calls itself. */
  readonly client: string;
  readonly ttlMs: number;
  /** Keys that it holds, those of its runs among them; lines that it stands in; jobs that it runs. */
  readonly holds: number;
  readonly waits: number;
  readonly runs: number;
  /** Added by a leader that counts its lease, and no part of the state. */
  readonly leaseLeftMs?: number;
}

export type ListedItem =
  | SessionListItem
  | CancelMarkItem
  | CancelRuleItem
  | QueueKeyItem
  | ExecutionKeyItem
  | PauseItem
  | RunItem
  | FinishedJobItem
  | PartitionItem;

export interface WaiterItem {
  readonly owner: string;
  readonly session: number;
  readonly ticket: number;
  /** To start a job; else for the key alone. */
  readonly toStart: boolean;
}

/** Why somebody does not hold a key yet. */
export interface WaitStanding extends WaiterItem {
  readonly key: string;
  readonly limit: number;
  /** The first hundred. */
  readonly holders: readonly HolderItem[];
  /** How many stand before it; the first ten of them. */
  readonly ahead: number;
  readonly before: readonly WaiterItem[];
  /** Of the log's time, at this revision; null: nothing puts the key off, it waits without an end. */
  readonly delayedForMs: number | null;
  readonly endsInMs: number | null;
}

export interface WhyJob {
  readonly status: "why_job";
  readonly jobId: string;
  /** The first of these that is so; `unknown`: nothing here keeps it from starting. */
  readonly because: "running" | "waiting" | "cancelled" | "finished" | "unknown";
  readonly run: RunItem | null;
  /** To start, then for keys; ten at most. */
  readonly waits: readonly WaitStanding[];
  readonly mark: CancelMarkItem | null;
  /** Without a mark: that cancels all jobs with such an id, or this one as it was started. */
  readonly rule: CancelRuleItem | null;
  /** Of the queue that it runs or waits in. */
  readonly pause: PauseItem | null;
  readonly finished: FinishedJobItem | null;
}

export interface WhyKey {
  readonly status: "why_key";
  readonly key: string;
  /** As an execution key; null: nobody holds it or waits for it. */
  readonly executionKey: ExecutionKeyItem | null;
  readonly delayedForMs: number | null;
  /** The first hundred in line. */
  readonly line: readonly WaiterItem[];
  /** As a queue key; null: it is free. */
  readonly queueKey: QueueKeyItem | null;
}

/** `retry`: it is to be started again. */
export type JobOutcome = FinalOutcome | "retry";
export type FinalOutcome = "completed" | "cancelled" | "dead";

/** What `job.finish` comes to. */
export type FinishResult =
  | {
      readonly status: "finished";
      /** What became of the job's mark; `none`: it has none. */
      readonly cancel: "acknowledged" | "too_late" | "none";
      /** False: there was no room to remember it. Absent: that was not asked. */
      readonly remembered?: boolean;
    }
  /** Not in this session, or no more: whatever it did is too late. */
  | { readonly status: "not_running" };

/** What `job.start` comes to; `by` is a session. */
export type StartResult =
  | { readonly status: "started"; readonly token: FencingToken }
  | Waiting
  | Busy
  | { readonly status: "cancelled" }
  /** By the pauses of these selectors. */
  | { readonly status: "paused"; readonly queues: readonly string[] }
  | { readonly status: "already_running"; readonly by: SessionId }
  | { readonly status: "already_waiting"; readonly by: SessionId; readonly ticket: number }
  | { readonly status: "already_finished"; readonly outcome: FinalOutcome };

/** How it ends is told by push or sync, under the number of the call. */
export interface Waiting {
  readonly status: "waiting";
  readonly ticket: number;
  readonly position: number;
}

export interface Busy {
  readonly status: "busy";
  readonly holders: number;
  readonly waiters: number;
  readonly retryAfterMs: number;
}

/** How a wait of the session ended, by the number of the call that was answered `waiting`. */
export interface SyncedEnding {
  readonly seq: number;
  readonly ticket: number;
  readonly ending: WaitEnding;
}

export interface SyncedWait {
  readonly partition: string;
  readonly key: string;
  readonly owner: string;
  /** Of the latest call that asked. */
  readonly seq: number;
  readonly ticket: number;
  /** What it is to do once it is granted: hold the key, or start its job. */
  readonly to: "hold" | "start";
}

export interface SyncedHold {
  readonly partition: string;
  readonly key: string;
  readonly owner: string;
  readonly token: number;
}

/** `mark`: its job is cancelled; `pause`: its queue is to stop. */
export interface SyncedRun extends RunItem {
  readonly partition: string;
  readonly mark?: CancelMarkItem;
  readonly pause?: PauseItem;
}

/** To `session.sync`. */
export interface Synced {
  readonly status: "synced";
  readonly session: SessionId;
  readonly endings: readonly SyncedEnding[];
  readonly waits: readonly SyncedWait[];
  /** But for what runs hold. */
  readonly holds: readonly SyncedHold[];
  readonly runs: readonly SyncedRun[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

export type Result =
  | Synced
  | { readonly status: "ok" }
  /** Membership before the change (Roger's `:add` and `:remove`), or as read. */
  | { readonly status: "member"; readonly before: boolean }
  | { readonly status: "opened"; readonly session: SessionId; readonly ttlMs: number }
  | { readonly status: "changed"; readonly changed: boolean }
  | { readonly status: "claimed"; readonly expiresAt: number | null }
  | ({ readonly status: "duplicate" } & QueueKeyStanding)
  | {
      readonly status: "replaced";
      readonly previous: QueueKeyStanding;
      readonly expiresAt: number | null;
    }
  | { readonly status: "done" }
  /** To one who does not own the queue key, and so changed nothing; null: it is free. */
  | { readonly status: "not_owner"; readonly claim: QueueKeyStanding | null }
  | { readonly status: "marked"; readonly jobs: readonly MarkedJob[] }
  | { readonly status: "cleared"; readonly jobs: readonly ClearedJob[] }
  | { readonly status: "rule_added"; readonly rule: string }
  /** `rule`: it has no mark, but its id is one that the rule cancels. */
  | {
      readonly status: "checked";
      readonly mark: CancelMarkItem | null;
      readonly rule?: CancelRuleItem;
    }
  | { readonly status: "held"; readonly token: FencingToken }
  /** With the selectors of all pauses, also what is answered to Roger's form 12. */
  | StartResult
  | FinishResult
  /** To `job.finishAndStart`: the finish stands, whatever the start was answered. */
  | {
      readonly status: "both";
      readonly finish: FinishResult;
      readonly start: StartResult | Refusal;
    }
  | { readonly status: "released" }
  | { readonly status: "withdrawn" }
  | { readonly status: "not_held"; readonly reason: NotHeldReason }
  /** To an operator's restore: the step that is to come; all is there; or why not. */
  | { readonly status: "importing"; readonly next: number }
  | { readonly status: "imported" }
  | { readonly status: "not_imported"; readonly reason: NotImportedReason }
  /** Null: there is none of that name. */
  | { readonly status: "got"; readonly item: ListedItem | null }
  | WhyJob
  | WhyKey
  | {
      readonly status: "list";
      readonly items: readonly ListedItem[];
      readonly next: string | null;
    };

export type NotHeldReason =
  /** Not by this owner, or no more. */
  | "not_holder"
  /** By this owner, from another grant. */
  | "other_token"
  /** By its run: it is freed when that finishes. */
  | "run";

export type NotImportedReason =
  /** Something was put into this cluster already. */
  | "not_empty"
  | "another_import"
  | "not_begun"
  | "out_of_turn"
  | "unreadable"
  /** Steps or rows are missing. */
  | "incomplete";

export interface MarkedJob {
  readonly jobId: string;
  readonly outcome: "marked" | "already_marked";
  /** It runs, and its session is told. Absent: it does not. */
  readonly running?: true;
  /** It waited, and waits no more. Absent: it did not. */
  readonly waiting?: true;
}

export interface ClearedJob {
  readonly jobId: string;
  readonly outcome: "cleared" | "not_marked";
}

export type Refusal =
  | { readonly code: "not_started"; readonly partition: string }
  | { readonly code: "quota_exceeded"; readonly limit: string; readonly current: number }
  | { readonly code: "invalid_argument"; readonly path: string; readonly reason: string }
  | { readonly code: "session_expired"; readonly session: SessionId }
  /**
   * More than 4 096 numbers or 256 KiB of answers past the floor, or a partition that is to start while
   * a backup comes in: not executed, not kept.
   */
  | { readonly code: "overloaded" };

/** The answer to the n-th submission of an entry. */
export type Outcome =
  | {
      readonly kind: "result";
      readonly revision: number;
      readonly n: number;
      readonly result: Result;
    }
  | {
      readonly kind: "refusal";
      readonly revision: number;
      readonly n: number;
      readonly refusal: Refusal;
    };
