// slot.ts — is there room for one more under a key, and what becomes of who asks: it holds the key, stands in
// its line, or is told that the key is busy (SEMANTICS §3). Nobody overtakes: with room but others in line,
// it is busy. First it is seen what it will be, and nothing changes; then it is done.

import { quotaExceeded } from "../decision.ts";
import type { JobId, Key } from "../ids.ts";
import type { JobAsStarted } from "../job/job-start.ts";
import { after, never } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { limitOf } from "../partition/partition-settings.ts";
import type { Busy, Refusal, Waiting } from "../result.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { type ExecutionKey, isDelayed, newExecutionKey } from "./execution-key.ts";
import type { Holder } from "./holders.ts";
import { grantTo } from "./grant.ts";
import { type LimitRule, ruleFor } from "./limit-rules.ts";
import { awaitTurn, settle } from "./settle.ts";
import { joinLine } from "./wait.ts";
import type { Waiter } from "./waiter.ts";

export interface AskedSlot {
  readonly partition: Partition;
  readonly key: Key;
  readonly onBusy: "wait" | "reject";
}

export type Slot =
  /** Undefined: the key has no record yet. */
  | { readonly kind: "free"; readonly row: ExecutionKey | undefined }
  | { readonly kind: "in-line"; readonly row: ExecutionKey }
  | { readonly kind: "none"; readonly decision: Busy | Refusal };

export function slotFor(state: State, moment: Moment, asked: AskedSlot): Slot {
  const { partition, key } = asked;
  const row = state.executionKeys.find(nameIn(partition, key));
  if (row === undefined) {
    const current = partition.executionKeys;
    const limit = "executionKeys";
    if (current < limitOf(state, { partition, limit })) return { kind: "free", row };
    return { kind: "none", decision: quotaExceeded({ limit, current }) };
  }
  const rule = ruleFor(partition, key);
  if (hasRoom(row, rule)) return { kind: "free", row };
  const most = limitOf(state, { partition, limit: "waitersPerKey" });
  const lineMax = Math.min(rule.maxWaiters ?? most, most);
  // A full line is an answer: the key is busy, also for who would wait.
  if (asked.onBusy === "reject" || row.line.size >= lineMax) {
    return { kind: "none", decision: busy(row, moment) };
  }
  const refusal = waitRefusal(state, partition);
  return refusal === undefined ? { kind: "in-line", row } : { kind: "none", decision: refusal };
}

export function waitRefusal(state: State, partition: Partition): Refusal | undefined {
  const current = partition.waiters.size;
  const isFull = current >= limitOf(state, { partition, limit: "waiters" });
  return isFull ? quotaExceeded({ limit: "waiters", current }) : undefined;
}

function hasRoom(row: ExecutionKey, rule: LimitRule): boolean {
  return row.line.size === 0 && row.holders.count < rule.limit && !isDelayed(row);
}

export interface Asker {
  readonly partition: Partition;
  readonly key: Key;
  readonly owner: JobId;
  readonly asking: Asking;
}

/** The slot is free. */
export function takeSlot(
  state: State,
  moment: Moment,
  taking: Asker & { readonly row: ExecutionKey | undefined },
): Holder {
  const { partition, key, owner } = taking;
  const { session } = taking.asking;
  const row = taking.row ?? addKey(state, { partition, key });
  const { maxHoldMs } = ruleFor(partition, row.key);
  state.executionKeys.touch(row);
  const holder = grantTo(state, moment, { row, owner, session, maxHoldMs });
  settle(state, moment, row);
  return holder;
}

function addKey(
  state: State,
  { partition, key }: { readonly partition: Partition; readonly key: Key },
): ExecutionKey {
  const { hash, scope } = nameIn(partition, key);
  const row = newExecutionKey({ hash, scope, key });
  state.executionKeys.insert(row);
  partition.executionKeys += 1;
  return row;
}

/** There is room in the line. */
export function standInLine(
  state: State,
  moment: Moment,
  standing: Asker & {
    readonly row: ExecutionKey;
    readonly job: JobAsStarted | null;
    readonly waitTimeoutMs: number | undefined;
  },
): Waiting {
  const { partition, row, owner, asking, job } = standing;
  const expiresAt = waitEnd(moment, standing.waitTimeoutMs);
  const waiter = joinLine(state, { partition, row, owner, ...asking, expiresAt, job });
  state.executionKeys.touch(row);
  row.limit = ruleFor(partition, row.key).limit;
  awaitTurn(state, row);
  return waiting(waiter);
}

export function waitEnd(moment: Moment, waitTimeoutMs: number | undefined): Waiter["expiresAt"] {
  return waitTimeoutMs === undefined ? never : after(moment.logTime, waitTimeoutMs);
}

export function waiting(waiter: Waiter): Waiting {
  return { status: "waiting", ticket: waiter.key, position: waiter.position };
}

/** A key that is held has no known end: ask again after that. */
const retryAfterMs = 1_000;

/** What is said of a held key is a guess; of a delayed one it is the time. */
export function busy(row: ExecutionKey, moment: Moment): Busy {
  const delayMs = isDelayed(row) ? Math.max(1, row.delayedUntil - moment.logTime) : 0;
  return {
    status: "busy",
    holders: row.holders.count,
    waiters: row.line.size,
    retryAfterMs: row.holders.count === 0 && delayMs > 0 ? delayMs : retryAfterMs,
  };
}
