// clear-marks.ts — `cancel.clear`: these jobs are not cancelled any more, whatever the state of their marks
// (SEMANTICS §4.5). What a mark has stopped already stays stopped.
import type { Decision } from "../decision.ts";
import type { JobId } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import type { ClearedJob } from "../result.ts";
import type { State } from "../state.ts";
import { findMark, removeMark } from "./marks.ts";

export function clearMarks(
  state: State,
  clearing: { readonly partition: Partition; readonly jobIds: readonly JobId[] },
): Decision {
  const { partition } = clearing;
  const jobs = clearing.jobIds.map((jobId): ClearedJob => {
    const mark = findMark(state, { partition, jobId });
    if (mark === undefined) return { jobId, outcome: "not_marked" };
    removeMark(state, mark);
    return { jobId, outcome: "cleared" };
  });
  return { status: "cleared", jobs };
}
