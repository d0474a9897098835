// why-check.ts — is this decoded value what `why` can answer? Part of result-check.ts, which knows the items.
import type { WaiterItem, WaitStanding, WhyJob, WhyKey } from "@rogerd/global-state";
import { checkCancelMark } from "./cancel-mark-check.ts";
import { checkCancelRule, checkExecutionKey, checkHolder, checkQueueKey } from "./item-check.ts";
import { checkFinishedJob, checkRun } from "./job-result-check.ts";
import { checkPause } from "./pause-check.ts";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import { each, isAbsent, textLengthMax } from "./result-fields.ts";

export function checkWhyJob(value: PlainMap): WhyJob | Mismatch {
  const { jobId, because } = value;
  if (!isText(jobId, textLengthMax)) return mismatch("result.jobId", "must be a text");
  if (!isReason(because)) return mismatch("result.because", "is not a known reason");
  const run = optional(value["run"], "result.run", checkRun);
  if (run instanceof Mismatch) return run;
  const waits = each(value["waits"], "result.waits", checkWait);
  if (waits instanceof Mismatch) return waits;
  const mark = optional(value["mark"], "result.mark", checkCancelMark);
  if (mark instanceof Mismatch) return mark;
  const rule = optional(value["rule"], "result.rule", checkCancelRule);
  if (rule instanceof Mismatch) return rule;
  const pause = optional(value["pause"], "result.pause", checkPause);
  if (pause instanceof Mismatch) return pause;
  const finished = optional(value["finished"], "result.finished", checkFinishedJob);
  if (finished instanceof Mismatch) return finished;
  return { status: "why_job", jobId, because, run, waits, mark, rule, pause, finished };
}

export function checkWhyKey(value: PlainMap): WhyKey | Mismatch {
  const { key } = value;
  if (!isText(key, textLengthMax)) return mismatch("result.key", "must be a text");
  const executionKey = optional(value["executionKey"], "result.executionKey", checkExecutionKey);
  if (executionKey instanceof Mismatch) return executionKey;
  const delayedForMs = optionalCount(value["delayedForMs"], "result.delayedForMs");
  if (delayedForMs instanceof Mismatch) return delayedForMs;
  const line = each(value["line"], "result.line", checkWaiter);
  if (line instanceof Mismatch) return line;
  const queueKey = optional(value["queueKey"], "result.queueKey", checkQueueKey);
  if (queueKey instanceof Mismatch) return queueKey;
  return { status: "why_key", key, executionKey, delayedForMs, line, queueKey };
}

function checkWait(value: unknown): WaitStanding | Mismatch {
  const waiter = checkWaiter(value);
  if (waiter instanceof Mismatch || !isMap(value)) {
    return waiter instanceof Mismatch ? waiter : mismatch("wait", "must be a map");
  }
  const { key, limit, ahead } = value;
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  if (!isCount(limit)) return mismatch("limit", "must be a whole number");
  if (!isCount(ahead)) return mismatch("ahead", "must be a whole number");
  const holders = each(value["holders"], "holders", checkHolder);
  if (holders instanceof Mismatch) return holders;
  const before = each(value["before"], "before", checkWaiter);
  if (before instanceof Mismatch) return before;
  const delayedForMs = optionalCount(value["delayedForMs"], "delayedForMs");
  if (delayedForMs instanceof Mismatch) return delayedForMs;
  const endsInMs = optionalCount(value["endsInMs"], "endsInMs");
  if (endsInMs instanceof Mismatch) return endsInMs;
  return { ...waiter, key, limit, holders, ahead, before, delayedForMs, endsInMs };
}

function checkWaiter(value: unknown): WaiterItem | Mismatch {
  if (!isMap(value)) return mismatch("waiter", "must be a map");
  const { owner, session, ticket, toStart } = value;
  if (!isText(owner, textLengthMax)) return mismatch("owner", "must be a text");
  if (!isCount(session)) return mismatch("session", "must be a whole number");
  if (!isCount(ticket)) return mismatch("ticket", "must be a whole number");
  if (typeof toStart !== "boolean") return mismatch("toStart", "must be true or false");
  return { owner, session, ticket, toStart };
}

const reasons: readonly string[] = [
  "running",
  "waiting",
  "cancelled",
  "finished",
  "unknown",
] satisfies readonly WhyJob["because"][];

function isReason(value: unknown): value is WhyJob["because"] {
  return typeof value === "string" && reasons.includes(value);
}

/** Null, or left out: there is none. */
function optional<Item>(
  value: unknown,
  path: string,
  check: (value: PlainMap) => Item | Mismatch,
): Item | null | Mismatch {
  if (isAbsent(value)) return null;
  if (!isMap(value)) return mismatch(path, "must be a map or null");
  const item = check(value);
  return item instanceof Mismatch ? item.within(path) : item;
}

function optionalCount(value: unknown, path: string): number | null | Mismatch {
  if (isAbsent(value)) return null;
  return isCount(value) ? value : mismatch(path, "must be a whole number or null");
}
