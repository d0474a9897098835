// job.ts — what users say and hear about jobs that start (SEMANTICS §3): how they ask, and what it comes to. How
// a wait ends is learned by holdings.ts, what a run is stands in run.ts.
import type { Freeing, Grant, Wanted } from "./acquisition.ts";
import type { Reply } from "./call.ts";
import { type CallOptions, unexpected } from "./caller.ts";
import { nameOf } from "./execution-key.ts";
import { checkTexts, checkWait, millisOf, wrongGiven } from "./given.ts";
import type { FinishOptions, JobFinished, JobOutcome, Run } from "./run.ts";

export interface JobStart {
  readonly queue: string;
  /** The job owns it; free once it starts, or `finish`, the default, once it has finished. */
  readonly queueKey?: string;
  /** Only with a `queueKey`. */
  readonly uniqueUntil?: "start" | "finish";
  /** No two jobs with the same one run at the same time. */
  readonly executionKey?: string;
  /**
   * Only with an `executionKey`. `wait`, the default: stands in line for it, first come, first served. `reject`: is
   * told that it is busy.
   */
  readonly onBusy?: "wait" | "reject";
  /** Only where it may stand in line: for how long; default: until it starts or the session ends. */
  readonly waitTimeoutMs?: number;
  /** Takes the wait or the run of another session, whose run is fenced. */
  readonly takeover?: boolean;
  /** For cancel rules. */
  readonly tags?: readonly string[];
  /** For cancel rules. */
  readonly enqueuedAt?: Date;
}

export type JobStarted =
  | Run
  /** By a mark or a rule: acknowledge its message. */
  | { readonly status: "cancelled"; readonly revision: number }
  /** Put its message back. `queues`: the selectors that are paused; none: it stood in line when it was paused. */
  | { readonly status: "paused"; readonly queues: readonly string[]; readonly revision: number }
  | {
      readonly status: "busy";
      readonly holders: number;
      readonly waiters: number;
      readonly retryAfterMs: number;
      readonly revision: number;
    }
  /** In this session or another one. */
  | { readonly status: "already_running"; readonly by: number; readonly revision: number }
  | {
      readonly status: "already_waiting";
      readonly by: number;
      readonly ticket: number;
      readonly revision: number;
    }
  /** It was finished with `rememberMs`: acknowledge its message. */
  | {
      readonly status: "already_finished";
      readonly outcome: "completed" | "cancelled" | "dead";
      readonly revision: number;
    }
  /** It stood in line for `waitTimeoutMs`. */
  | { readonly status: "timed_out" }
  /** By `withdrawExecutionKey`. */
  | { readonly status: "withdrawn" }
  /** Another session stands in its place. */
  | { readonly status: "taken_over"; readonly revision: number };

export interface AskedJob extends JobStart {
  readonly partition: string;
  readonly jobId: string;
}

/** What partitions need to know of jobs. */
export interface Jobs {
  start(asked: AskedJob, options: CallOptions): Promise<JobStarted>;
}

/** Who waits for a key in the name of a job is the same owner, whatever it waits for. */
function nameOfJob({ partition, jobId, executionKey }: AskedJob): string {
  checkTexts({ partition, "args.jobId": jobId, "args.executionKey": executionKey ?? "" });
  return executionKey === undefined
    ? JSON.stringify([partition, jobId])
    : nameOf({ partition, key: executionKey, owner: jobId });
}

/** `granted`: what its user gets. */
export function wantedJob(asked: AskedJob, granted: (grant: Grant) => Run): Wanted<JobStarted> {
  const { partition, jobId, executionKey, waitTimeoutMs } = asked;
  const onBusy = asked.onBusy ?? "wait";
  const isPatient = executionKey !== undefined && onBusy === "wait";
  checkUses(asked, { isPatient });
  const finish = finishing(asked, { outcome: "retry", options: { keepQueueKey: true } });
  return {
    name: nameOfJob(asked),
    to: "start",
    command: "job.start",
    partition,
    args: argsOf(asked, onBusy),
    isPatient,
    waitTimeoutMs,
    timedOut: { status: "timed_out" },
    withdrawn: { status: "withdrawn" },
    giveBack: { ...givingBack(asked, finish), key: executionKey, owner: jobId },
    granted,
    answered,
    ended: ({ kind }, revision) => {
      switch (kind) {
        case "cancelled":
        case "taken_over":
          return { status: kind, revision };
        case "paused":
          return { status: "paused", queues: [], revision };
        case "timed_out":
          return { status: "timed_out" };
        default:
          return undefined;
      }
    },
  };
}

/** A node refuses it, too; who is not told takes it for what he asked for. */
function checkUses(asked: AskedJob, { isPatient }: { readonly isPatient: boolean }): void {
  const { executionKey, onBusy, queueKey, uniqueUntil, waitTimeoutMs } = asked;
  checkWait(waitTimeoutMs, { isPatient });
  if (uniqueUntil !== undefined && queueKey === undefined) {
    throw wrongGiven("args.uniqueUntil", "is of no use: there is no queue key");
  }
  if (onBusy !== undefined && executionKey === undefined) {
    throw wrongGiven("args.onBusy", "is of no use: there is no execution key");
  }
}

/** Withdrawing finishes what has started, too (SEMANTICS §3). */
function givingBack({ partition, jobId, executionKey }: AskedJob, finish: Freeing): Freeing {
  if (executionKey === undefined) return finish;
  const args = { key: executionKey, owner: jobId };
  return { ...finish, command: "executionKey.withdraw", partition, args };
}

function argsOf(asked: AskedJob, onBusy: "wait" | "reject"): Readonly<Record<string, unknown>> {
  const { jobId, queue, queueKey, executionKey, takeover, tags, enqueuedAt } = asked;
  const uniqueUntil = asked.uniqueUntil ?? "finish";
  return {
    jobId,
    queue,
    ...(queueKey === undefined ? {} : { queueKey, uniqueUntil }),
    ...(executionKey === undefined ? {} : { executionKey, onBusy }),
    ...(takeover === undefined ? {} : { takeover }),
    ...(tags === undefined ? {} : { tags }),
    ...(enqueuedAt === undefined ? {} : { enqueuedAt: millisOf("args.enqueuedAt", enqueuedAt) }),
  };
}

function answered({ result, revision }: Reply): JobStarted | undefined {
  switch (result.status) {
    case "cancelled":
      return { status: "cancelled", revision };
    case "paused":
    case "busy":
    case "already_running":
    case "already_waiting":
    case "already_finished":
      return { ...result, revision };
    default:
      return undefined;
  }
}

export function finishing(
  asked: AskedJob,
  how: {
    readonly outcome: JobOutcome;
    readonly options: FinishOptions;
    /** Of the run that is meant; absent: whichever runs in this session. */
    readonly token?: number;
  },
): Freeing {
  const { outcome, options, token } = how;
  const { keepQueueKey, rememberMs } = options;
  const args = {
    jobId: asked.jobId,
    ...(token === undefined ? {} : { token }),
    outcome,
    ...(keepQueueKey === undefined ? {} : { keepQueueKey }),
    ...(rememberMs === undefined ? {} : { rememberMs }),
  };
  return { name: nameOfJob(asked), command: "job.finish", partition: asked.partition, args };
}

export function finishedOf(reply: Reply): JobFinished {
  const { result, revision } = reply;
  if (result.status === "not_running") return { status: "not_running", revision };
  if (result.status !== "finished") throw unexpected("job.finish", reply);
  const { cancel, remembered } = result;
  return { status: "finished", cancel, remembered, revision };
}
