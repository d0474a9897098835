// job-result-check.ts — is this decoded value what `job.*` can answer, or what a list shows of jobs? Part of
// result-check.ts.
import type {
  FinalOutcome,
  FinishedJobItem,
  FinishResult,
  Refusal,
  RunItem,
  StartResult,
} from "@rogerd/global-state";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import type { Result } from "./result.ts";
import { each, isSessionId, isToken, textLengthMax } from "./result-fields.ts";

export function checkJobResult(value: PlainMap): Result | Mismatch {
  switch (value["status"]) {
    case "finished":
    case "not_running":
      return checkFinishResult(value);
    case "both":
      return checkBoth(value);
    default:
      return checkStartResult(value);
  }
}

function checkBoth({ finish, start }: PlainMap): Result | Mismatch {
  if (!isMap(finish)) return mismatch("result.finish", "must be a map");
  if (!isMap(start)) return mismatch("result.start", "must be a map");
  const finished = checkFinishResult(finish);
  if (finished instanceof Mismatch) return finished;
  const started = "code" in start ? checkRefusal(start) : checkStartResult(start);
  if (started instanceof Mismatch) return started;
  return { status: "both", finish: finished, start: started };
}

/** What the state may refuse after a finish that stands. */
function checkRefusal({ code, limit, current }: PlainMap): Refusal | Mismatch {
  if (code !== "quota_exceeded") return mismatch("result.start.code", "is not a known code");
  if (!isText(limit, textLengthMax)) return mismatch("result.start.limit", "must be a text");
  if (!isCount(current)) return mismatch("result.start.current", "must be a whole number");
  return { code, limit, current };
}

function checkFinishResult(value: PlainMap): FinishResult | Mismatch {
  const { status, cancel, remembered } = value;
  if (status === "not_running") return { status };
  if (status !== "finished") return unknownStatus;
  if (cancel !== "acknowledged" && cancel !== "too_late" && cancel !== "none") {
    return mismatch("result.cancel", "must be acknowledged, too_late or none");
  }
  if (remembered === undefined || remembered === null) return { status, cancel };
  if (typeof remembered !== "boolean") {
    return mismatch("result.remembered", "must be true or false");
  }
  return { status, cancel, remembered };
}

const unknownStatus = mismatch("result.status", "is not a known status");

function checkStartResult(value: PlainMap): StartResult | Mismatch {
  switch (value["status"]) {
    case "started":
      return checkStarted(value);
    case "busy":
      return checkBusy(value);
    case "waiting":
      return checkWaiting(value);
    case "cancelled":
      return { status: "cancelled" };
    case "paused":
      return checkPaused(value);
    case "already_running":
    case "already_waiting":
      return checkAlreadyThere(value);
    case "already_finished":
      return checkAlreadyFinished(value);
    default:
      return unknownStatus;
  }
}

function checkStarted({ token }: PlainMap): StartResult | Mismatch {
  if (!isToken(token)) return mismatch("result.token", "must be a whole number from 1");
  return { status: "started", token };
}

function checkBusy({ holders, waiters, retryAfterMs }: PlainMap): StartResult | Mismatch {
  if (!isCount(holders)) return mismatch("result.holders", "must be a whole number");
  if (!isCount(waiters)) return mismatch("result.waiters", "must be a whole number");
  if (!isCount(retryAfterMs)) return mismatch("result.retryAfterMs", "must be a whole number");
  return { status: "busy", holders, waiters, retryAfterMs };
}

function checkWaiting({ ticket, position }: PlainMap): StartResult | Mismatch {
  if (!isCount(ticket)) return mismatch("result.ticket", "must be a whole number");
  if (!isCount(position)) return mismatch("result.position", "must be a whole number");
  return { status: "waiting", ticket, position };
}

function checkPaused({ queues }: PlainMap): StartResult | Mismatch {
  const checked = each(queues, "result.queues", (queue) =>
    isText(queue, textLengthMax) ? queue : mismatch("queue", "must be a text"),
  );
  return checked instanceof Mismatch ? checked : { status: "paused", queues: checked };
}

function checkAlreadyThere({ status, by, ticket }: PlainMap): StartResult | Mismatch {
  if (!isSessionId(by)) return mismatch("result.by", "must be a whole number from 1");
  if (status === "already_running") return { status, by };
  if (!isCount(ticket)) return mismatch("result.ticket", "must be a whole number");
  return { status: "already_waiting", by, ticket };
}

function checkAlreadyFinished({ outcome }: PlainMap): StartResult | Mismatch {
  if (!isFinalOutcome(outcome)) return mismatch("result.outcome", "is not a known outcome");
  return { status: "already_finished", outcome };
}

const finalOutcomes: readonly string[] = [
  "completed",
  "cancelled",
  "dead",
] satisfies readonly FinalOutcome[];

function isFinalOutcome(value: unknown): value is FinalOutcome {
  return typeof value === "string" && finalOutcomes.includes(value);
}

export function checkRun(value: PlainMap): RunItem | Mismatch {
  const { jobId, session, token, queue, since, executionKey, queueKey, tags } = value;
  if (!isText(jobId, textLengthMax)) return mismatch("jobId", "must be a text");
  if (!isCount(session)) return mismatch("session", "must be a whole number");
  if (!isCount(token)) return mismatch("token", "must be a whole number");
  if (!isText(queue, textLengthMax)) return mismatch("queue", "must be a text");
  if (!isCount(since)) return mismatch("since", "must be a time");
  const keys = checkKeys({ executionKey, queueKey });
  if (keys instanceof Mismatch) return keys;
  const run = { jobId, session, token, queue, since, ...keys };
  if (tags === undefined || tags === null) return run;
  const checked = each(tags, "tags", (tag) =>
    isText(tag, textLengthMax) ? tag : mismatch("tag", "must be a text"),
  );
  return checked instanceof Mismatch ? checked : { ...run, tags: checked };
}

function checkKeys(
  keys: Readonly<Record<"executionKey" | "queueKey", unknown>>,
): Pick<RunItem, "executionKey" | "queueKey"> | Mismatch {
  const checked: { executionKey?: string; queueKey?: string } = {};
  for (const name of ["executionKey", "queueKey"] as const) {
    const value = keys[name];
    if (value === undefined || value === null) continue;
    if (!isText(value, textLengthMax)) return mismatch(name, "must be a text");
    checked[name] = value;
  }
  return checked;
}

export function checkFinishedJob(value: PlainMap): FinishedJobItem | Mismatch {
  const { jobId, outcome, at, rememberedUntil } = value;
  if (!isText(jobId, textLengthMax)) return mismatch("jobId", "must be a text");
  if (!isFinalOutcome(outcome)) return mismatch("outcome", "is not a known outcome");
  if (!isCount(at)) return mismatch("at", "must be a time");
  if (!isCount(rememberedUntil)) return mismatch("rememberedUntil", "must be a time");
  return { jobId, outcome, at, rememberedUntil };
}
