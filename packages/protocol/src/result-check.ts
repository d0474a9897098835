// result-check.ts — is this decoded value what a command can answer? One check per status.
import type {
  CancelRuleItem,
  ClearedJob,
  ExecutionKeyItem,
  ListedItem,
  MarkedJob,
  PartitionItem,
  QueueKeyItem,
  QueueKeyStanding,
} from "@rogerd/global-state";
import { checkCancelMark } from "./cancel-mark-check.ts";
import { checkFinishedJob, checkJobResult, checkRun } from "./job-result-check.ts";
import { checkPause } from "./pause-check.ts";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import type { Result } from "./result.ts";
import { each, isOptionalText, isSessionId, isToken, textLengthMax } from "./result-fields.ts";
import { checkSynced } from "./sync-result-check.ts";

export function checkResult(value: unknown): Result | Mismatch {
  if (!isMap(value)) return mismatch("result", "must be a map");
  switch (value["status"]) {
    case "ok":
      return { status: "ok" };
    case "member":
      return checkMember(value);
    case "changed":
      return checkChanged(value);
    case "opened":
      return checkOpened(value);
    case "kept":
      return checkKept(value);
    case "marked":
      return checkMarked(value);
    case "cleared":
      return checkCleared(value);
    case "rule_added":
      return checkRuleAdded(value);
    case "held":
      return checkHeld(value);
    case "released":
      return { status: "released" };
    case "withdrawn":
      return { status: "withdrawn" };
    case "not_held":
      return checkNotHeld(value);
    case "checked":
      return checkChecked(value);
    case "claimed":
    case "duplicate":
    case "replaced":
    case "done":
    case "not_owner":
      return checkClaimResult(value);
    case "list":
      return checkList(value);
    case "synced":
      return checkSynced(value);
    default:
      return checkJobResult(value);
  }
}

function checkMember({ before }: PlainMap): Result | Mismatch {
  if (typeof before !== "boolean") return mismatch("result.before", "must be true or false");
  return { status: "member", before };
}

function checkChanged({ changed }: PlainMap): Result | Mismatch {
  if (typeof changed !== "boolean") return mismatch("result.changed", "must be true or false");
  return { status: "changed", changed };
}

function checkOpened({ session, ttlMs }: PlainMap): Result | Mismatch {
  if (!isSessionId(session)) return mismatch("result.session", "must be a whole number from 1");
  if (!isCount(ttlMs)) return mismatch("result.ttlMs", "must be a whole number");
  return { status: "opened", session, ttlMs };
}

function checkKept({ session, leaseMs }: PlainMap): Result | Mismatch {
  if (!isSessionId(session)) return mismatch("result.session", "must be a whole number from 1");
  if (!isCount(leaseMs)) return mismatch("result.leaseMs", "must be a whole number");
  return { status: "kept", session, leaseMs };
}

function checkHeld({ token }: PlainMap): Result | Mismatch {
  if (!isToken(token)) return mismatch("result.token", "must be a whole number from 1");
  return { status: "held", token };
}

function checkNotHeld({ reason }: PlainMap): Result | Mismatch {
  if (reason === "not_holder" || reason === "other_token" || reason === "run") {
    return { status: "not_held", reason };
  }
  return mismatch("result.reason", "is not a known reason");
}

function checkMarked({ jobs }: PlainMap): Result | Mismatch {
  const checked = each(jobs, "result.jobs", checkMarkedJob);
  return checked instanceof Mismatch ? checked : { status: "marked", jobs: checked };
}

function checkMarkedJob(value: unknown): MarkedJob | Mismatch {
  if (!isMap(value)) return mismatch("job", "must be a map");
  const { jobId, outcome, running, waiting } = value;
  if (!isText(jobId, textLengthMax)) return mismatch("jobId", "must be a text");
  if (outcome !== "marked" && outcome !== "already_marked") {
    return mismatch("outcome", "must be marked or already_marked");
  }
  return {
    jobId,
    outcome,
    ...(running === true ? { running } : {}),
    ...(waiting === true ? { waiting } : {}),
  };
}

function checkCleared({ jobs }: PlainMap): Result | Mismatch {
  const checked = each(jobs, "result.jobs", checkClearedJob);
  return checked instanceof Mismatch ? checked : { status: "cleared", jobs: checked };
}

function checkClearedJob(value: unknown): ClearedJob | Mismatch {
  if (!isMap(value)) return mismatch("job", "must be a map");
  const { jobId, outcome } = value;
  if (!isText(jobId, textLengthMax)) return mismatch("jobId", "must be a text");
  if (outcome !== "cleared" && outcome !== "not_marked") {
    return mismatch("outcome", "must be cleared or not_marked");
  }
  return { jobId, outcome };
}

function checkRuleAdded({ rule }: PlainMap): Result | Mismatch {
  if (!isText(rule, textLengthMax)) return mismatch("result.rule", "must be a text");
  return { status: "rule_added", rule };
}

function checkChecked({ mark, rule }: PlainMap): Result | Mismatch {
  if (mark === null && isMap(rule)) {
    const checked = checkCancelRule(rule);
    if (checked instanceof Mismatch) return checked.within("result.rule");
    return { status: "checked", mark, rule: checked };
  }
  if (mark === null) return { status: "checked", mark: null };
  if (!isMap(mark)) return mismatch("result.mark", "must be a map or null");
  const checked = checkCancelMark(mark);
  return checked instanceof Mismatch ? checked : { status: "checked", mark: checked };
}

function checkList({ items, next }: PlainMap): Result | Mismatch {
  const checked = each(items, "result.items", checkItem);
  if (checked instanceof Mismatch) return checked;
  if (next === null || next === undefined) return { status: "list", items: checked, next: null };
  if (!isText(next, textLengthMax)) return mismatch("result.next", "must be a text or null");
  return { status: "list", items: checked, next };
}

/** Kinds are told apart by the field that names the thing, and those of a job by what else they say. */
function checkItem(value: unknown): ListedItem | Mismatch {
  if (!isMap(value)) return mismatch("item", "must be a map");
  if ("jobId" in value) return checkJob(value);
  if ("rule" in value) return checkCancelRule(value);
  if ("selector" in value) return checkPause(value);
  if ("partition" in value) return checkPartition(value);
  return "holders" in value ? checkExecutionKey(value) : checkQueueKey(value);
}

function checkJob(value: PlainMap): ListedItem | Mismatch {
  if ("token" in value) return checkRun(value);
  return "outcome" in value ? checkFinishedJob(value) : checkCancelMark(value);
}

function checkCancelRule(value: PlainMap): CancelRuleItem | Mismatch {
  const { rule, queue, jobIdPrefix, tag, enqueuedBefore, by, reason, at, expiresAt, hits } = value;
  if (!isText(rule, textLengthMax)) return mismatch("rule", "must be a text");
  if (!isOptionalText(queue)) return mismatch("queue", "must be a text or null");
  if (!isOptionalText(jobIdPrefix)) return mismatch("jobIdPrefix", "must be a text or null");
  if (!isOptionalText(tag)) return mismatch("tag", "must be a text or null");
  if (enqueuedBefore !== null && !isCount(enqueuedBefore)) {
    return mismatch("enqueuedBefore", "must be a time or null");
  }
  if (!isText(by, textLengthMax)) return mismatch("by", "must be a text");
  if (!isText(reason, textLengthMax)) return mismatch("reason", "must be a text");
  if (!isCount(at)) return mismatch("at", "must be a time");
  if (!isCount(expiresAt)) return mismatch("expiresAt", "must be a time");
  if (!isCount(hits)) return mismatch("hits", "must be a whole number");
  return { rule, queue, jobIdPrefix, tag, enqueuedBefore, by, reason, at, expiresAt, hits };
}

function checkQueueKey(value: PlainMap): QueueKeyItem | Mismatch {
  const { key, provisional = false } = value;
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  const standing = checkStanding(value);
  if (standing instanceof Mismatch) return standing;
  if (typeof provisional !== "boolean") return mismatch("provisional", "must be true or false");
  return standing.owner === null ? { key, ...standing } : { key, ...standing, provisional };
}

function checkStanding({ owner, since, expiresAt }: PlainMap): QueueKeyStanding | Mismatch {
  if (!isOptionalText(owner)) return mismatch("owner", "must be a text or null");
  if (!isCount(since)) return mismatch("since", "must be a time");
  if (owner === null) return { owner, since };
  const end = checkEnd(expiresAt);
  return end instanceof Mismatch ? end : { owner, since, expiresAt: end };
}

function checkEnd(expiresAt: unknown): number | null | Mismatch {
  if (expiresAt === undefined || expiresAt === null) return null;
  return isCount(expiresAt) ? expiresAt : mismatch("expiresAt", "must be a time or null");
}

/** What the commands about owned queue keys come to. */
function checkClaimResult(value: PlainMap): Result | Mismatch {
  switch (value["status"]) {
    case "duplicate": {
      const standing = checkStanding(value);
      if (standing instanceof Mismatch) return standing.within("result");
      return { status: "duplicate", ...standing };
    }
    case "not_owner": {
      const { claim } = value;
      if (claim === null || claim === undefined) return { status: "not_owner", claim: null };
      const standing = isMap(claim) ? checkStanding(claim) : mismatch("claim", "must be a map");
      if (standing instanceof Mismatch) return standing.within("result.claim");
      return { status: "not_owner", claim: standing };
    }
    case "done":
      return { status: "done" };
    default:
      return checkClaimed(value);
  }
}

function checkClaimed({ status, expiresAt, previous }: PlainMap): Result | Mismatch {
  const end = checkEnd(expiresAt);
  if (end instanceof Mismatch) return end.within("result");
  if (status === "claimed") return { status, expiresAt: end };
  const standing = isMap(previous) ? checkStanding(previous) : mismatch("", "must be a map");
  if (standing instanceof Mismatch) return standing.within("result.previous");
  return { status: "replaced", previous: standing, expiresAt: end };
}

function checkExecutionKey(value: PlainMap): ExecutionKeyItem | Mismatch {
  const { key, limit, holders, waiters } = value;
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  if (!isCount(limit)) return mismatch("limit", "must be a whole number");
  const checked = each(holders, "holders", checkHolder);
  if (checked instanceof Mismatch) return checked;
  if (waiters === undefined) return { key, limit, holders: checked };
  if (!isCount(waiters)) return mismatch("waiters", "must be a whole number");
  return { key, limit, holders: checked, waiters };
}

function checkHolder(value: unknown): ExecutionKeyItem["holders"][number] | Mismatch {
  if (!isMap(value)) return mismatch("holder", "must be a map");
  const { owner, session, token, since } = value;
  if (!isOptionalText(owner)) return mismatch("owner", "must be a text or null");
  if (!isCount(token)) return mismatch("token", "must be a whole number");
  if (!isCount(since)) return mismatch("since", "must be a time");
  if (session === undefined) return { owner, token, since };
  if (!isCount(session)) return mismatch("session", "must be a whole number");
  return { owner, session, token, since };
}

function checkPartition({ partition, started, since }: PlainMap): PartitionItem | Mismatch {
  if (!isText(partition, textLengthMax)) return mismatch("partition", "must be a text");
  if (typeof started !== "boolean") return mismatch("started", "must be true or false");
  if (!isCount(since)) return mismatch("since", "must be a time");
  return { partition, started, since };
}
