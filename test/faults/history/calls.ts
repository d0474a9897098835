// calls.ts — what the workloads ask and are answered, as begin and end lines carry it: the words that workloads and
// checkers share. An answer's revision stands in the line, beside the answer.
import type {
  ExecutionKeyAcquired,
  ExecutionKeyWithdrawn,
  JobFinished,
  JobOutcome,
  JobStart,
  JobStarted,
  KeyReleased,
  QueueKeyClaim,
  QueueKeyClaimed,
  QueueKeyDone,
} from "@rogerd/client";
import { objectOf, type RogerAnswer, type RogerCall } from "../../checkers/roger-models.ts";
import { possibleErrors } from "../../simulation/possible-errors.ts";
import { nowUs } from "./history-line.ts";

/** Codes of ends that faults, or the user himself, can bring about; any other one is a finding. */
export const possibleCodes: ReadonlySet<string> = new Set([
  ...possibleErrors,
  // The user did not want to know any more.
  "gave_up",
  // Of a watch that goes on where no node knows any more what happened.
  "compacted",
]);

/** Which of the times in which all processes of this machine do something together. */
export function epochNow(lengthMs: number): number {
  return Math.floor(nowUs() / 1_000 / lengthMs);
}

/** `paused of shared-7`, `cancel/name-1 of shared-7`: asks are a RogerCall, answers a RogerAnswer. */
export function rogerObject(partition: string, call: RogerCall): string {
  return `${objectOf(call)} of ${partition}`;
}
export type { RogerAnswer, RogerCall };

/** An answer without its revision; a grant tells its token. */
type Plain<Answer> = Answer extends { readonly token: number }
  ? { readonly status: "held" | "started"; readonly token: number }
  : Answer extends unknown
    ? Omit<Answer, "revision">
    : never;

/** Workload `keys`, in the partition of that name; object `key k1`. */
export type KeysAsks =
  | {
      readonly form: "acquire";
      readonly owner: string;
      readonly mode: "try" | "wait";
      readonly waitTimeoutMs?: number;
    }
  | { readonly form: "withdraw"; readonly owner: string }
  | { readonly form: "release"; readonly owner: string; readonly token: number };
export type KeysAnswer =
  | Plain<ExecutionKeyAcquired>
  | Plain<ExecutionKeyWithdrawn>
  | Plain<KeyReleased>;

/**
 * Workload `jobs`, in the partition of that name; object `job j-1`, of pauses and resumes `queue mail-7`. Cancels and
 * clears are of one job each. Workload `pauses`, in partitions of its own: `job j-1 of paused-7`, `queue * of paused-7`.
 */
export type JobsAsks =
  | ({ readonly form: "start" } & JobStart)
  | {
      readonly form: "finish";
      readonly token: number;
      readonly outcome: JobOutcome;
      readonly rememberMs?: number;
      readonly keepQueueKey?: boolean;
    }
  | { readonly form: "cancel"; readonly ttlMs: number }
  | { readonly form: "clear" }
  | { readonly form: "pause"; readonly mode: "drain" | "stop" }
  | { readonly form: "resume" };
export type JobsAnswer =
  | Plain<JobStarted>
  | Plain<JobFinished>
  /** Of cancel: `marked`, `already_marked`; of clear: `cleared`, `not_marked`. */
  | { readonly outcome: string }
  /** Of pause and resume. */
  | { readonly changed: boolean };

/**
 * Workload `claims`, in the partition of that name; object `queueKey q-7-1`. Nothing ends a claim of `q-…` but the
 * calls of this workload; those of `brief-…` have an end in time, too.
 */
export type ClaimsAsks =
  | ({ readonly form: "claim" } & QueueKeyClaim)
  | { readonly form: "confirm" | "release"; readonly owner: string }
  | { readonly form: "extend"; readonly owner: string; readonly ttlMs: number }
  | { readonly form: "look" };
export type ClaimsAnswer =
  | Plain<QueueKeyClaimed>
  | Plain<QueueKeyDone>
  /** Of look: null, it is free. */
  | { readonly owner: string | null; readonly provisional?: boolean };
