// answer-size.ts — how many bytes an answer counts for (SEMANTICS §6): a rule, not a measurement, so
// that every node refuses at the same number. Never below what a snapshot writes for the answer.
import { unreachable } from "../assert.ts";
import type { Write } from "../command.ts";
import { nameBytesMax } from "../names.ts";
import type { Outcome, QueueKeyStanding, Refusal, Result, StartResult } from "../result.ts";
import { utf8Length } from "../snapshot/writer.ts";

const fixedBytes = 32;
const bytesPerJob = 4;
/** Times, and the length of the owner's name. */
const standingBytes = 32;
/** The longest path and reason that a refusal carries, which are all ours, with room to spare. */
const refusalTextBytesMax = 512;

export function answerSize(outcome: Outcome): number {
  if (outcome.kind === "refusal") return fixedBytes + refusalSize(outcome.refusal);
  return fixedBytes + resultSize(outcome.result);
}

/** What the answer to this write will count for at most; known before it is executed. */
export function answerSizeMax(write: Write): number {
  const anyAnswer = fixedBytes + nameBytesMax + refusalTextBytesMax;
  if (write.name === "job.finishAndStart") return anyAnswer + fixedBytes;
  if (write.name !== "cancel.mark" && write.name !== "cancel.clear") return anyAnswer;
  return anyAnswer + jobsSize(write.args.jobIds);
}

function resultSize(result: Result): number {
  switch (result.status) {
    case "marked":
    case "cleared":
      return jobsSize(result.jobs.map((job) => job.jobId));
    case "rule_added":
      return utf8Length(result.rule);
    case "paused":
      return queuesSize(result.queues);
    case "both":
      return fixedBytes + startSize(result.start);
    case "duplicate":
      return standingSize(result);
    case "replaced":
      return standingSize(result.previous);
    case "not_owner":
      return result.claim === null ? 0 : standingSize(result.claim);
    default:
      return 0;
  }
}

function startSize(start: StartResult | Refusal): number {
  if ("code" in start) return refusalSize(start);
  return start.status === "paused" ? queuesSize(start.queues) : 0;
}

/** A start names one pause that keeps it. */
function queuesSize(queues: readonly string[]): number {
  let size = 0;
  for (const queue of queues) size += utf8Length(queue);
  return size;
}

function standingSize({ owner }: QueueKeyStanding): number {
  return standingBytes + (owner === null ? 0 : utf8Length(owner));
}

function jobsSize(jobIds: readonly string[]): number {
  let size = 0;
  for (const jobId of jobIds) size += utf8Length(jobId) + bytesPerJob;
  return size;
}

function refusalSize(refusal: Refusal): number {
  switch (refusal.code) {
    case "not_started":
      return utf8Length(refusal.partition);
    case "quota_exceeded":
      return utf8Length(refusal.limit);
    case "invalid_argument":
      return utf8Length(refusal.path) + utf8Length(refusal.reason);
    case "session_expired":
    case "overloaded":
      return 0;
    default:
      return unreachable(refusal);
  }
}
