// cancelled-owner.ts — is the job cancelled that would start or get a key, by a mark or by a rule (SEMANTICS
// §4.4)? The mark stays; the hit of a rule is counted; the queue key is free, if it is the job's (§4.5).
import { cancelledBy, countHit } from "../cancel/cancelled-by.ts";
import type { JobId } from "../ids.ts";
import { describedJob, type JobAsStarted } from "../job/job-start.ts";
import type { Partition } from "../partition/partition.ts";
import { freeIfOwned } from "../queue-key/owned.ts";
import type { State } from "../state.ts";

/** `job`: null where it only asks for the key. */
export interface AskingOwner {
  readonly partition: Partition;
  readonly owner: JobId;
  readonly job: JobAsStarted | null;
}

export function takeCancel(state: State, asked: AskingOwner): "cancelled" | "not-cancelled" {
  const { partition, owner, job } = asked;
  const cause = cancelledBy(state, partition, describedJob(owner, job));
  if (cause === undefined) return "not-cancelled";
  countHit(state, cause);
  freeUnique(state, asked);
  return "cancelled";
}

export function freeUnique(state: State, { partition, owner, job }: AskingOwner): void {
  if (job === null || job.unique === null) return;
  freeIfOwned(state, { partition, key: job.unique.queueKey, owner });
}
