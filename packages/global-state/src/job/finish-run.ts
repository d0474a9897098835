// finish-run.ts — what the finish of a run settles, in this order and in one entry: the run is gone, its key is
// freed and granted on, the queue key and the mark are settled, and the job is remembered (SEMANTICS §3).
import { moveMark } from "../cancel/cancel-mark.ts";
import { findMark } from "../cancel/marks.ts";
import type { Partition } from "../partition/partition.ts";
import { freeIfOwned } from "../queue-key/owned.ts";
import type { FinishResult, JobOutcome } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { endRun } from "./end-run.ts";
import { rememberFinished } from "./finished-jobs.ts";
import type { JobFinish } from "./job-finish.ts";
import type { Run } from "./run.ts";
import type { AskedJob } from "./runs.ts";

interface Finishing {
  readonly partition: Partition;
  readonly run: Run;
  readonly finish: Omit<JobFinish, "jobId" | "token">;
}

export function finishRun(state: State, moment: Moment, finishing: Finishing): FinishResult {
  const { partition, run, finish } = finishing;
  const { key: jobId, queueKey } = run;
  const { outcome, keepQueueKey, rememberMs } = finish;
  endRun(state, moment, { run, cause: "released" });
  if (queueKey !== null && !keepQueueKey) {
    freeIfOwned(state, { partition, key: queueKey, owner: jobId });
  }
  const cancel = settleMark(state, { partition, jobId, outcome });
  if (rememberMs === undefined || outcome === "retry") return { status: "finished", cancel };
  const memory = rememberFinished(state, moment, { partition, jobId, outcome, rememberMs });
  return { status: "finished", cancel, remembered: memory === "remembered" };
}

/** A job that is to be started again will be refused: so the cancel is in time (SEMANTICS §4.5). */
const becomes = {
  completed: "too_late",
  dead: "too_late",
  cancelled: "acknowledged",
  retry: "acknowledged",
} as const satisfies Record<JobOutcome, string>;

/** It stays, and still refuses starts. */
function settleMark(
  state: State,
  of: AskedJob & { readonly outcome: JobOutcome },
): "acknowledged" | "too_late" | "none" {
  const mark = findMark(state, of);
  if (mark === undefined) return "none";
  const to = becomes[of.outcome];
  if (mark.state !== "pending" && mark.state !== "delivered") return to;
  state.cancelMarks.touch(mark);
  moveMark(mark, to);
  return to;
}
