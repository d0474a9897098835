// why.ts — `why`: what keeps a job from running, and what keeps a key from being free, as far as the state
// knows: who holds, who stands before, since when, with which tokens and tickets (SEMANTICS §3). It judges
// nothing by a clock, and shows of long lines and of many holders the first ones.

import { markItem } from "../cancel/cancel-mark.ts";
import { ruleItem } from "../cancel/cancel-rule.ts";
import { type CancelCause, cancelledBy } from "../cancel/cancelled-by.ts";
import { type ExecutionKey, isDelayed } from "../execution-key/execution-key.ts";
import { executionKeyItem } from "../execution-key/item.ts";
import { keyOf } from "../execution-key/wait.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import type { JobId, Key, LogTimeMs, Selector } from "../ids.ts";
import { finishedJobItem } from "../job/finished-job.ts";
import { findFinishedJob } from "../job/finished-jobs.ts";
import { describedJob } from "../job/job-start.ts";
import { type Run, runItem } from "../job/run.ts";
import { findRun } from "../job/runs.ts";
import { never } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { pauseItem } from "../pause/pause.ts";
import { pauseInForce } from "../pause/pauses.ts";
import { queueKeyItem } from "../queue-key/queue-key.ts";
import { findQueueKey } from "../queue-key/queue-keys.ts";
import type { PauseItem, WaiterItem, WaitStanding, WhyJob, WhyKey } from "../result.ts";
import type { State } from "../state.ts";

const waitsShownMax = 10;
const beforeShownMax = 10;
const shownMax = 100;

export function whyJob(state: State, partition: Partition, jobId: JobId): WhyJob {
  const run = findRun(state, { partition, jobId });
  const start = partition.jobs.startOf(jobId);
  const cause = cancelledBy(state, partition, describedJob(jobId, start?.job ?? null));
  const finished = findFinishedJob(state, { partition, jobId });
  const waits = waitsOf(partition, { jobId, start }).map((waiter) =>
    waitStanding(state, partition, waiter),
  );
  const known = { run, waits, cause, finished };
  return {
    status: "why_job",
    jobId,
    because: becauseOf(known),
    run: run === undefined ? null : runItem(run),
    waits,
    mark: cause?.kind === "mark" ? markItem(cause.mark) : null,
    rule: cause?.kind === "rule" ? ruleItem(cause.rule) : null,
    pause: pauseOf(partition, run?.queue ?? start?.job?.queue),
    finished: finished === undefined ? null : finishedJobItem(finished),
  };
}

function becauseOf(known: {
  readonly run: Run | undefined;
  readonly waits: readonly WaitStanding[];
  readonly cause: CancelCause | undefined;
  readonly finished: object | undefined;
}): WhyJob["because"] {
  if (known.run !== undefined) return "running";
  if (known.waits.length > 0) return "waiting";
  if (known.cause !== undefined) return "cancelled";
  return known.finished === undefined ? "unknown" : "finished";
}

function pauseOf(partition: Partition, queue: Selector | undefined): PauseItem | null {
  const pause = queue === undefined ? undefined : pauseInForce(partition, queue);
  return pause === undefined ? null : pauseItem(pause);
}

function waitsOf(
  partition: Partition,
  of: { readonly jobId: JobId; readonly start: Waiter | undefined },
): readonly Waiter[] {
  const waits: Waiter[] = of.start === undefined ? [] : [of.start];
  for (const waiter of partition.waitsOf.get(of.jobId) ?? []) {
    if (waits.length === waitsShownMax) break;
    if (waiter !== of.start) waits.push(waiter);
  }
  return waits;
}

function waitStanding(state: State, partition: Partition, waiter: Waiter): WaitStanding {
  const row = keyOf(state, waiter);
  const before: WaiterItem[] = [];
  let ahead = 0;
  for (const other of row.line.items()) {
    if (other === waiter) break;
    if (ahead < beforeShownMax) before.push(waiterItem(other));
    ahead += 1;
  }
  const { limit, holders } = executionKeyItem(partition, row);
  return {
    ...waiterItem(waiter),
    key: row.key,
    limit,
    holders: holders.slice(0, shownMax),
    ahead,
    before,
    delayedForMs: delayOf(state, row),
    endsInMs: waiter.expiresAt === never ? null : timeUntil(state, waiter.expiresAt),
  };
}

function waiterItem({ owner, session, key: ticket, job }: Waiter): WaiterItem {
  return { owner, session, ticket, toStart: job !== null };
}

function delayOf(state: State, row: ExecutionKey): number | null {
  return isDelayed(row) ? timeUntil(state, row.delayedUntil) : null;
}

/** What is due and not taken out yet is still in force: 0. */
function timeUntil(state: State, time: LogTimeMs): number {
  return Math.max(0, time - state.logTime);
}

export function whyKey(state: State, partition: Partition, key: Key): WhyKey {
  const row = state.executionKeys.find(nameIn(partition, key));
  const queueKey = findQueueKey(state, { partition, key });
  return {
    status: "why_key",
    key,
    executionKey: row === undefined ? null : firstHolders(partition, row),
    delayedForMs: row === undefined ? null : delayOf(state, row),
    line: row === undefined ? [] : firstInLine(row),
    queueKey: queueKey === undefined ? null : queueKeyItem(queueKey),
  };
}

function firstHolders(partition: Partition, row: ExecutionKey): WhyKey["executionKey"] {
  const item = executionKeyItem(partition, row);
  return { ...item, holders: item.holders.slice(0, shownMax) };
}

function firstInLine(row: ExecutionKey): readonly WaiterItem[] {
  const line: WaiterItem[] = [];
  for (const waiter of row.line.items()) {
    if (line.length === shownMax) break;
    line.push(waiterItem(waiter));
  }
  return line;
}
