// item-check.ts — is this decoded value something that a list can show? One check per kind.
import type {
  CancelRuleItem,
  ExecutionKeyItem,
  HolderItem,
  ListedItem,
  PartitionItem,
  QueueKeyItem,
  QueueKeyStanding,
  SessionListItem,
} from "@rogerd/global-state";
import { checkCancelMark } from "./cancel-mark-check.ts";
import { checkFinishedJob, checkRun } from "./job-result-check.ts";
import { checkPause } from "./pause-check.ts";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import { each, isOptionalText, textLengthMax } from "./result-fields.ts";

/** Kinds are told apart by the field that names the thing, and those of a job by what else they say. */
export function checkItem(value: unknown): ListedItem | Mismatch {
  if (!isMap(value)) return mismatch("item", "must be a map");
  if ("jobId" in value) return checkJob(value);
  if ("rule" in value) return checkCancelRule(value);
  if ("selector" in value) return checkPause(value);
  if ("session" in value) return checkSession(value);
  if ("partition" in value) return checkPartition(value);
  return "holders" in value ? checkExecutionKey(value) : checkQueueKey(value);
}

function checkSession(value: PlainMap): SessionListItem | Mismatch {
  const { session, client, ttlMs, holds, waits, runs, leaseLeftMs } = value;
  if (!isText(client, textLengthMax)) return mismatch("client", "must be a text");
  if (!isCount(session)) return mismatch("session", "must be a whole number");
  if (!isCount(ttlMs)) return mismatch("ttlMs", "must be a whole number");
  if (!isCount(holds)) return mismatch("holds", "must be a whole number");
  if (!isCount(waits)) return mismatch("waits", "must be a whole number");
  if (!isCount(runs)) return mismatch("runs", "must be a whole number");
  const item = { session, client, ttlMs, holds, waits, runs };
  if (leaseLeftMs === undefined || leaseLeftMs === null) return item;
  return isCount(leaseLeftMs)
    ? { ...item, leaseLeftMs }
    : mismatch("leaseLeftMs", "must be a whole number");
}

function checkJob(value: PlainMap): ListedItem | Mismatch {
  if ("token" in value) return checkRun(value);
  return "outcome" in value ? checkFinishedJob(value) : checkCancelMark(value);
}

export function checkCancelRule(value: PlainMap): CancelRuleItem | Mismatch {
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

export function checkQueueKey(value: PlainMap): QueueKeyItem | Mismatch {
  const { key, provisional = false } = value;
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  const standing = checkStanding(value);
  if (standing instanceof Mismatch) return standing;
  if (typeof provisional !== "boolean") return mismatch("provisional", "must be true or false");
  return standing.owner === null ? { key, ...standing } : { key, ...standing, provisional };
}

export function checkStanding({ owner, since, expiresAt }: PlainMap): QueueKeyStanding | Mismatch {
  if (!isOptionalText(owner)) return mismatch("owner", "must be a text or null");
  if (!isCount(since)) return mismatch("since", "must be a time");
  if (owner === null) return { owner, since };
  const end = checkEnd(expiresAt);
  return end instanceof Mismatch ? end : { owner, since, expiresAt: end };
}

export function checkEnd(expiresAt: unknown): number | null | Mismatch {
  if (expiresAt === undefined || expiresAt === null) return null;
  return isCount(expiresAt) ? expiresAt : mismatch("expiresAt", "must be a time or null");
}

export function checkExecutionKey(value: PlainMap): ExecutionKeyItem | Mismatch {
  const { key, limit, holders, waiters } = value;
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  if (!isCount(limit)) return mismatch("limit", "must be a whole number");
  const checked = each(holders, "holders", checkHolder);
  if (checked instanceof Mismatch) return checked;
  if (waiters === undefined) return { key, limit, holders: checked };
  if (!isCount(waiters)) return mismatch("waiters", "must be a whole number");
  return { key, limit, holders: checked, waiters };
}

export function checkHolder(value: unknown): HolderItem | Mismatch {
  if (!isMap(value)) return mismatch("holder", "must be a map");
  const { owner, session, token, since } = value;
  if (!isOptionalText(owner)) return mismatch("owner", "must be a text or null");
  if (!isCount(token)) return mismatch("token", "must be a whole number");
  if (!isCount(since)) return mismatch("since", "must be a time");
  if (session === undefined) return { owner, token, since };
  if (!isCount(session)) return mismatch("session", "must be a whole number");
  return { owner, session, token, since };
}

function checkPartition(value: PlainMap): PartitionItem | Mismatch {
  const { partition, started, since } = value;
  if (!isText(partition, textLengthMax)) return mismatch("partition", "must be a text");
  if (typeof started !== "boolean") return mismatch("started", "must be true or false");
  if (!isCount(since)) return mismatch("since", "must be a time");
  const limits = checkSettings(value["limits"], "limits");
  if (limits instanceof Mismatch) return limits;
  const defaults = checkSettings(value["defaults"], "defaults");
  if (defaults instanceof Mismatch) return defaults;
  return {
    partition,
    started,
    since,
    ...(limits === undefined ? {} : { limits }),
    ...(defaults === undefined ? {} : { defaults }),
  };
}

/** By name; one that is not known here is a newer daemon's, and is shown as it is. */
function checkSettings(
  value: unknown,
  field: string,
): Readonly<Record<string, number>> | undefined | Mismatch {
  if (value === undefined || value === null) return undefined;
  if (!isMap(value)) return mismatch(field, "must be a map");
  const settings: Record<string, number> = {};
  for (const [name, setting] of Object.entries(value)) {
    if (!isCount(setting)) return mismatch(`${field}.${name}`, "must be a whole number");
    settings[name] = setting;
  }
  return settings;
}
