// result-check.ts — is this decoded value what a command can answer? One check per status.
import type { ClearedJob, MarkedJob } from "@rogerd/global-state";
import { checkCancelMark } from "./cancel-mark-check.ts";
import { checkCancelRule, checkEnd, checkItem, checkStanding } from "./item-check.ts";
import { checkJobResult } from "./job-result-check.ts";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import type { Result } from "./result.ts";
import { each, isSessionId, isToken, textLengthMax } from "./result-fields.ts";
import { checkSynced } from "./sync-result-check.ts";
import { checkWhyJob, checkWhyKey } from "./why-check.ts";

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
    case "watching":
      return checkWatching(value);
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
    case "got":
      return checkGot(value);
    case "why_job":
      return checkWhyJob(value);
    case "why_key":
      return checkWhyKey(value);
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

function checkWatching({ revision }: PlainMap): Result | Mismatch {
  if (!isCount(revision)) return mismatch("result.revision", "must be a whole number");
  return { status: "watching", revision };
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

function checkGot({ item }: PlainMap): Result | Mismatch {
  if (item === null || item === undefined) return { status: "got", item: null };
  const checked = checkItem(item);
  return checked instanceof Mismatch
    ? checked.within("result.item")
    : { status: "got", item: checked };
}

function checkList({ items, next }: PlainMap): Result | Mismatch {
  const checked = each(items, "result.items", checkItem);
  if (checked instanceof Mismatch) return checked;
  if (next === null || next === undefined) return { status: "list", items: checked, next: null };
  if (!isText(next, textLengthMax)) return mismatch("result.next", "must be a text or null");
  return { status: "list", items: checked, next };
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
