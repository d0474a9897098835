// mark-cancelled.ts — `cancel.mark` and `roger.cancelJob`: from now on these jobs are cancelled,
// whether anybody has seen them or not; those that run or wait are met at once (SEMANTICS §3). A full table
// refuses the whole call.

import { type Decision, isRefusal, ok, quotaExceeded } from "../decision.ts";
import type { JobId } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import { limitOf, markTtlMsOf } from "../partition/partition-settings.ts";
import type { MarkedJob, Refusal } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { findMark, markJob } from "./marks.ts";
import { meetMark } from "./meet-mark.ts";

export interface Cancelling {
  readonly jobIds: readonly JobId[];
  readonly by: string;
  readonly reason: string;
  readonly ttlMs: number | undefined;
}

export function markCancelled(
  state: State,
  moment: Moment,
  cancelling: { readonly partition: Partition; readonly args: Cancelling },
): Decision {
  const { partition, args } = cancelling;
  const { by, reason } = args;
  const refusal = marksRefusal(state, cancelling);
  if (refusal !== undefined) return refusal;
  const ttlMs = args.ttlMs ?? markTtlMsOf(state, partition);
  const jobs = args.jobIds.map((jobId): MarkedJob => {
    const { mark, outcome } = markJob(state, moment, { partition, jobId, by, reason, ttlMs });
    return { jobId, outcome, ...meetMark(state, moment, { partition, mark }) };
  });
  return { status: "marked", jobs };
}

/** Why these jobs can't all be marked; undefined: they can. */
export function marksRefusal(
  state: State,
  cancelling: { readonly partition: Partition; readonly args: Pick<Cancelling, "jobIds"> },
): Refusal | undefined {
  const { partition } = cancelling;
  const current = partition.cancelMarks;
  const most = limitOf(state, { partition, limit: "cancelMarks" });
  const added = countNew(state, cancelling);
  // A limit that was lowered refuses what is new, not what is marked already.
  const isTooMany = added > 0 && current + added > most;
  return isTooMany ? quotaExceeded({ limit: "cancelMarks", current }) : undefined;
}

/** How many marks the call would add; looked up one by one only when it could be too many. */
function countNew(
  state: State,
  cancelling: { readonly partition: Partition; readonly args: Pick<Cancelling, "jobIds"> },
): number {
  const { partition, args } = cancelling;
  const count = args.jobIds.length;
  if (partition.cancelMarks + count <= limitOf(state, { partition, limit: "cancelMarks" })) {
    return count;
  }
  const isNew = (jobId: JobId): boolean => findMark(state, { partition, jobId }) === undefined;
  return new Set(args.jobIds.filter(isNew)).size;
}

/** Roger's form 1. */
export function cancelJob(
  state: State,
  moment: Moment,
  cancelling: { readonly partition: Partition; readonly jobId: JobId },
): Decision {
  const args = { jobIds: [cancelling.jobId], by: "", reason: "", ttlMs: undefined };
  const decision = markCancelled(state, moment, { partition: cancelling.partition, args });
  return isRefusal(decision) ? decision : ok;
}
