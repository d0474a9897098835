// cancelled-owner.ts — is the job cancelled that would get a key, by a mark or by a rule (SEMANTICS §4.4)? Of a
// job that only asks for a key no more is known than its id. The mark stays; the hit of a rule is counted.
import { cancelledBy, countHit } from "../cancel/cancelled-by.ts";
import type { JobId } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import type { State } from "../state.ts";

export function takeCancel(
  state: State,
  asked: { readonly partition: Partition; readonly owner: JobId },
): "cancelled" | "not-cancelled" {
  const job = { jobId: asked.owner, queue: undefined, tags: [], enqueuedAt: undefined };
  const cause = cancelledBy(state, asked.partition, job);
  if (cause === undefined) return "not-cancelled";
  countHit(state, cause);
  return "cancelled";
}
