// finish.ts — `job.finish`: a job is done, or is to be started again. By the session that runs it, and never
// refused by a bound; a stale one, of a run before this one, too, changes nothing and says so (SEMANTICS §4.3).
import type { Partition } from "../partition/partition.ts";
import type { FinishResult, Refusal } from "../result.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { finishRun } from "./finish-run.ts";
import type { JobFinish } from "./job-finish.ts";
import { runsInSession } from "../session/only-in-session.ts";
import { findRun } from "./runs.ts";

const notRunning: FinishResult = { status: "not_running" };

export function finishJob(
  state: State,
  moment: Moment,
  asked: {
    readonly partition: Partition;
    readonly finish: JobFinish;
    readonly asking: Asking | undefined;
  },
): FinishResult | Refusal {
  const { partition, finish, asking } = asked;
  if (asking === undefined) return runsInSession;
  const run = findRun(state, { partition, jobId: finish.jobId });
  if (run === undefined || run.session !== asking.session.key) return notRunning;
  if (finish.token !== undefined && run.token !== finish.token) return notRunning;
  return finishRun(state, moment, { partition, run, finish });
}
