// why-answer.ts — the answer to `why`, read without believing it: as JSON has it, times in UTC, and what is
// not there null.
import {
  type ExecutionKey,
  type Holder,
  type QueueKey,
  readExecutionKey,
  readHolders,
  readQueueKey,
} from "./key-item.ts";
import { type FinishedJob, type Run, readFinishedJob, readRun } from "./run-item.ts";
import { numberAt, objectAt, objectsAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

/** Somebody in line. */
export interface Waiter {
  readonly owner: string;
  readonly session: number | null;
  readonly ticket: number | null;
  /** To start a job; else for the key alone. */
  readonly toStart: boolean;
}

export interface Wait extends Waiter {
  readonly key: string;
  readonly limit: number | null;
  readonly holders: readonly Holder[];
  /** How many stand before it; the first of them. */
  readonly ahead: number;
  readonly before: readonly Waiter[];
  readonly delayedForMs: number | null;
  readonly endsInMs: number | null;
}

export interface Mark {
  readonly by: string;
  readonly reason: string;
  readonly at: string | null;
  readonly state: string | null;
}

export interface Pause {
  readonly selector: string;
  readonly by: string;
  readonly reason: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly mode: string;
}

export interface WhyJob {
  readonly jobId: string;
  /** `running`, `waiting`, `cancelled`, `finished` or `unknown`. */
  readonly because: string;
  readonly run: Run | null;
  readonly waits: readonly Wait[];
  readonly mark: Mark | null;
  /** The id of a rule that cancels it. */
  readonly rule: string | null;
  readonly pause: Pause | null;
  readonly finished: FinishedJob | null;
}

export interface WhyKey {
  readonly key: string;
  readonly executionKey: ExecutionKey | null;
  readonly delayedForMs: number | null;
  /** The first in line. */
  readonly line: readonly Waiter[];
  readonly queueKey: QueueKey | null;
}

export function readWhyJob(from: WireObject): WhyJob {
  return {
    jobId: textAt(from, "jobId") ?? "",
    because: textAt(from, "because") ?? "unknown",
    run: orNull(objectAt(from, "run"), readRun),
    waits: objectsAt(from, "waits").map(readWait),
    mark: orNull(objectAt(from, "mark"), readMark),
    rule: orNull(objectAt(from, "rule"), (rule) => textAt(rule, "rule") ?? null),
    pause: orNull(objectAt(from, "pause"), readPause),
    finished: orNull(objectAt(from, "finished"), readFinishedJob),
  };
}

export function readWhyKey(from: WireObject): WhyKey {
  return {
    key: textAt(from, "key") ?? "",
    executionKey: orNull(objectAt(from, "executionKey"), readExecutionKey),
    delayedForMs: numberAt(from, "delayedForMs") ?? null,
    line: objectsAt(from, "line").map(readWaiter),
    queueKey: orNull(objectAt(from, "queueKey"), readQueueKey),
  };
}

function orNull<Value>(
  from: WireObject | undefined,
  read: (from: WireObject) => Value,
): Value | null {
  return from === undefined ? null : read(from);
}

function readWaiter(from: WireObject): Waiter {
  return {
    owner: textAt(from, "owner") ?? "",
    session: numberAt(from, "session") ?? null,
    ticket: numberAt(from, "ticket") ?? null,
    toStart: from["toStart"] === true,
  };
}

function readWait(from: WireObject): Wait {
  return {
    ...readWaiter(from),
    key: textAt(from, "key") ?? "",
    limit: numberAt(from, "limit") ?? null,
    holders: readHolders(from),
    ahead: numberAt(from, "ahead") ?? 0,
    before: objectsAt(from, "before").map(readWaiter),
    delayedForMs: numberAt(from, "delayedForMs") ?? null,
    endsInMs: numberAt(from, "endsInMs") ?? null,
  };
}

function readMark(from: WireObject): Mark {
  return {
    by: textAt(from, "by") ?? "",
    reason: textAt(from, "reason") ?? "",
    at: timeAt(from, "at"),
    state: textAt(from, "state") ?? null,
  };
}

function readPause(from: WireObject): Pause {
  return {
    selector: textAt(from, "selector") ?? "",
    by: textAt(from, "by") ?? "",
    reason: textAt(from, "reason") ?? "",
    since: timeAt(from, "since"),
    until: timeAt(from, "until"),
    mode: textAt(from, "mode") ?? "drain",
  };
}
