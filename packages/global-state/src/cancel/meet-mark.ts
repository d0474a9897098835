// meet-mark.ts — what a mark meets in the entry that makes it (SEMANTICS §4.5): who waits waits no more, and who
// runs is told to stop. Only this makes a mark `delivered`.
import { freeUnique } from "../execution-key/cancelled-owner.ts";
import { settle, takeWork } from "../execution-key/settle.ts";
import { endWait, keyOf, leaveLine, sessionOfWaiter } from "../execution-key/wait.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import { findRun } from "../job/runs.ts";
import { tellToStop } from "../job/tell-session.ts";
import type { Partition } from "../partition/partition.ts";
import type { MarkedJob } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { type CancelMark, moveMark } from "./cancel-mark.ts";

interface Meeting {
  readonly partition: Partition;
  readonly mark: CancelMark;
}

export function meetMark(
  state: State,
  moment: Moment,
  meeting: Meeting,
): Pick<MarkedJob, "running" | "waiting"> {
  const { partition, mark } = meeting;
  const run = findRun(state, { partition, jobId: mark.key });
  const isWaiting = partition.waitsOf.has(mark.key);
  if (run === undefined && !isWaiting) return {};
  if (mark.state === "pending") {
    state.cancelMarks.touch(mark);
    moveMark(mark, "delivered");
  }
  if (run !== undefined) tellToStop(state, moment, { run, cause: "cancelled", wanted: mark });
  if (isWaiting) endWaits(state, moment, meeting);
  return { ...(run && { running: true }), ...(isWaiting && { waiting: true }) };
}

/**
 * A job waits to start once: that ends here, whatever else the entry has done. One that waits for many keys beside
 * that may be too much for an entry; then the grant finds the mark.
 */
function endWaits(state: State, moment: Moment, { partition, mark }: Meeting): void {
  const start = partition.jobs.startOf(mark.key);
  if (start !== undefined) endCancelled(state, moment, { partition, waiter: start });
  for (const waiter of partition.waitsOf.get(mark.key) ?? []) {
    if (moment.work.left === 0) break;
    endCancelled(state, moment, { partition, waiter });
  }
}

function endCancelled(
  state: State,
  moment: Moment,
  ended: { readonly partition: Partition; readonly waiter: Waiter },
): void {
  const { partition, waiter } = ended;
  takeWork(moment);
  const row = keyOf(state, waiter);
  const session = sessionOfWaiter(state, waiter);
  const { owner, job } = waiter;
  leaveLine(state, { row, waiter, session });
  freeUnique(state, { partition, owner, job });
  endWait(state, moment, { waiter, session, ending: { kind: "cancelled" } });
  settle(state, moment, row);
}
