// cancelled-by.ts — what keeps a job from starting, and from being granted what it waits for: its mark, or else
// the oldest rule that matches (SEMANTICS §4.4, §4.5). Asking changes nothing; who acts on a rule counts the hit.
import type { JobId } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import type { State } from "../state.ts";
import type { CancelMark } from "./cancel-mark.ts";
import type { CancelRule, RuleMatch } from "./cancel-rule.ts";
import { findMark } from "./marks.ts";

/** A job as its start describes it. */
export interface DescribedJob {
  readonly jobId: JobId;
  /** Undefined: not known, so no rule for a queue matches. */
  readonly queue: string | undefined;
  readonly tags: readonly string[];
  /** Wall time; undefined: not known, so no rule for jobs that were enqueued before some time matches. */
  readonly enqueuedAt: number | undefined;
}

export type CancelCause =
  | { readonly kind: "mark"; readonly mark: CancelMark }
  | { readonly kind: "rule"; readonly rule: CancelRule };

/** Undefined: it is not cancelled. Looks at no more than one mark and the rules of the partition. */
export function cancelledBy(
  state: State,
  partition: Partition,
  job: DescribedJob,
): CancelCause | undefined {
  const mark = findMark(state, { partition, jobId: job.jobId });
  if (mark !== undefined) return { kind: "mark", mark };
  const rule = partition.cancelRules.find(({ match }) => matches(match, job));
  return rule === undefined ? undefined : { kind: "rule", rule };
}

/** Once for each job that a cause has kept from running. */
export function countHit(state: State, cause: CancelCause): void {
  if (cause.kind === "mark") return;
  state.cancelRules.touch(cause.rule);
  cause.rule.hits += 1;
}

function matches(match: RuleMatch, job: DescribedJob): boolean {
  const { queue, jobIdPrefix, tag, enqueuedBefore } = match;
  if (queue !== null && job.queue !== queue) return false;
  if (jobIdPrefix !== null && !job.jobId.startsWith(jobIdPrefix)) return false;
  if (tag !== null && !job.tags.includes(tag)) return false;
  if (enqueuedBefore === null) return true;
  return job.enqueuedAt !== undefined && job.enqueuedAt < enqueuedBefore;
}
