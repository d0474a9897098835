// marks.ts — putting marks into the tables and taking them out, with all that counts them.
import { assert } from "../assert.ts";
import type { JobId } from "../ids.ts";
import { after } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import { type CancelMark, newMark } from "./cancel-mark.ts";

export function findMark(
  state: State,
  place: { partition: Partition; jobId: JobId },
): CancelMark | undefined {
  return state.cancelMarks.find(nameIn(place.partition, place.jobId));
}

/**
 * Marks a job, or keeps the mark it has, until at least `ttlMs` from now: an acknowledged cancel
 * holds for its own time, also when it was not the first (I6).
 */
export function markJob(
  state: State,
  moment: Moment,
  cancel: {
    readonly partition: Partition;
    readonly jobId: JobId;
    readonly by: string;
    readonly reason: string;
    readonly ttlMs: number;
  },
): { readonly mark: CancelMark; readonly outcome: "marked" | "already_marked" } {
  const { partition, jobId, by, reason } = cancel;
  const expiresAt = after(moment.logTime, cancel.ttlMs);
  const found = findMark(state, cancel);
  if (found === undefined) {
    const mark = newMark({ partition, jobId, by, reason, atWallMs: moment.wallMs, expiresAt });
    addMark(state, { mark, partition });
    return { mark, outcome: "marked" };
  }
  if (found.expiresAt < expiresAt) {
    state.cancelMarks.touch(found);
    state.deadlines.move(found, expiresAt);
  }
  return { mark: found, outcome: "already_marked" };
}

function addMark(state: State, added: { mark: CancelMark; partition: Partition }): void {
  state.cancelMarks.insert(added.mark);
  state.deadlines.add(added.mark);
  added.partition.cancelMarks += 1;
  assert(
    added.partition.cancelMarks <= state.limits.cancelMarksMax,
    "a full table of marks was refused before",
  );
}

export function removeMark(state: State, mark: CancelMark): void {
  state.deadlines.remove(mark);
  state.cancelMarks.remove(mark);
  partitionNumbered(state, mark.scope).cancelMarks -= 1;
}
