// push-check.ts — is this decoded value what a session may be told? And how a wait ended, which answers to
// `session.sync` say, too.
import type { WaitEnding } from "@rogerd/global-state";
import type { Pushes } from "./frame.ts";
import { requestsPerFrameMax } from "./limits.ts";
import {
  isCount,
  isList,
  isMap,
  isText,
  Mismatch,
  mismatch,
  type PlainMap,
} from "./plain-value.ts";
import type { HoldEnded, Push, RunFenced, RunToStop, WaitEnded } from "./push.ts";
import { isToken, textLengthMax } from "./result-fields.ts";

export function checkPushes({ session, pushes: list }: PlainMap): Pushes | Mismatch {
  if (!isCount(session)) return mismatch("session", "must be a whole number");
  if (!isList(list)) return mismatch("pushes", "must be a list");
  if (list.length > requestsPerFrameMax) {
    return mismatch("pushes", `must be at most ${requestsPerFrameMax}`);
  }
  const pushes: Push[] = [];
  for (let at = 0; at < list.length; at += 1) {
    const push = checkPush(list[at]);
    if (push instanceof Mismatch) return push.within(`pushes[${at}]`);
    // What a newer daemon tells beside is left alone.
    if (push !== undefined) pushes.push(push);
  }
  return { kind: "pushes", session, pushes };
}

function checkPush(value: unknown): Push | undefined | Mismatch {
  if (!isMap(value)) return mismatch("push", "must be a map");
  const { kind, revision, n } = value;
  if (!isCount(revision)) return mismatch("revision", "must be a whole number");
  if (!isCount(n)) return mismatch("n", "must be a whole number");
  const at = { revision, n };
  switch (kind) {
    case "waitEnded":
      return checkWaitEnded(value, at);
    case "holdEnded":
      return checkHoldEnded(value, at);
    case "runFenced":
      return checkRunFenced(value, at);
    case "runToStop":
      return checkRunToStop(value, at);
    default:
      return typeof kind === "string" ? undefined : mismatch("kind", "must be a text");
  }
}

type At = Pick<Push, "revision" | "n">;

function checkWaitEnded({ seq, ticket, ending }: PlainMap, at: At): WaitEnded | Mismatch {
  if (!isCount(seq)) return mismatch("seq", "must be a whole number");
  if (!isCount(ticket)) return mismatch("ticket", "must be a whole number");
  const checked = checkEnding(ending);
  if (checked instanceof Mismatch) return checked;
  return { kind: "waitEnded", ...at, seq, ticket, ending: checked };
}

export function checkEnding(value: unknown): WaitEnding | Mismatch {
  if (!isMap(value)) return mismatch("ending", "must be a map");
  const { kind, token } = value;
  switch (kind) {
    case "granted":
    case "started":
      return isToken(token) ? { kind, token } : mismatch("token", "must be a whole number from 1");
    case "cancelled":
    case "paused":
    case "timed_out":
    case "taken_over":
    case "dropped":
      return { kind };
    default:
      return mismatch("ending.kind", "is not a known way to end");
  }
}

function checkHoldEnded(value: PlainMap, at: At): HoldEnded | Mismatch {
  const { partition, key, token, cause } = value;
  if (!isText(partition, textLengthMax)) return mismatch("partition", "must be a text");
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  if (!isCount(token)) return mismatch("token", "must be a whole number");
  if (cause !== "removed" && cause !== "held_too_long" && cause !== "dropped") {
    return mismatch("cause", "is not a known cause");
  }
  return { kind: "holdEnded", ...at, partition, key, token, cause };
}

function checkRunFenced(value: PlainMap, at: At): RunFenced | Mismatch {
  const run = checkRunNamed(value);
  if (run instanceof Mismatch) return run;
  const { cause } = value;
  switch (cause) {
    case "taken_over":
    case "removed":
    case "held_too_long":
    case "dropped":
      return { kind: "runFenced", ...at, ...run, cause };
    default:
      return mismatch("cause", "is not a known cause");
  }
}

function checkRunToStop(value: PlainMap, at: At): RunToStop | Mismatch {
  const run = checkRunNamed(value);
  if (run instanceof Mismatch) return run;
  const { cause, by, reason } = value;
  if (cause !== "cancelled" && cause !== "paused") return mismatch("cause", "is not a known cause");
  if (!isText(by, textLengthMax)) return mismatch("by", "must be a text");
  if (!isText(reason, textLengthMax)) return mismatch("reason", "must be a text");
  return { kind: "runToStop", ...at, ...run, cause, by, reason };
}

function checkRunNamed({
  partition,
  jobId,
  token,
}: PlainMap): Pick<RunFenced, "partition" | "jobId" | "token"> | Mismatch {
  if (!isText(partition, textLengthMax)) return mismatch("partition", "must be a text");
  if (!isText(jobId, textLengthMax)) return mismatch("jobId", "must be a text");
  if (!isCount(token)) return mismatch("token", "must be a whole number");
  return { partition, jobId, token };
}
