// finished-jobs.ts — remembering that a job is done, and forgetting it in time. A full table is no reason not
// to finish: then it is not remembered, and its finish says so (SEMANTICS §2).

import type { JobId } from "../ids.ts";
import { after } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { limitOf } from "../partition/partition-settings.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { FinalOutcome } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { type FinishedJob, newFinishedJob } from "./finished-job.ts";

export function findFinishedJob(
  state: State,
  place: { readonly partition: Partition; readonly jobId: JobId },
): FinishedJob | undefined {
  return state.finishedJobs.find(nameIn(place.partition, place.jobId));
}

export function rememberFinished(
  state: State,
  moment: Moment,
  done: {
    readonly partition: Partition;
    readonly jobId: JobId;
    readonly outcome: FinalOutcome;
    readonly rememberMs: number;
  },
): "remembered" | "no-room" {
  const { partition, jobId, outcome, rememberMs } = done;
  if (partition.finishedJobs >= limitOf(state, { partition, limit: "finishedJobs" })) {
    return "no-room";
  }
  const row = newFinishedJob({
    scope: partition.number,
    key: jobId,
    outcome,
    atWallMs: moment.wallMs,
    untilWallMs: moment.wallMs + rememberMs,
    expiresAt: after(moment.logTime, rememberMs),
  });
  state.finishedJobs.insert(row);
  state.deadlines.add(row);
  partition.finishedJobs += 1;
  return "remembered";
}

export function forgetFinished(state: State, row: FinishedJob): void {
  state.deadlines.remove(row);
  state.finishedJobs.remove(row);
  partitionNumbered(state, row.scope).finishedJobs -= 1;
}
