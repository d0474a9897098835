// start.ts — `job.start`: one entry decides whether a job may run, in this order: is it cancelled, is its queue
// paused, does it run or wait already, is its key free? (SEMANTICS §3). Then it runs, or waits in line.
// Not re-entrant: a job is at most once running or waiting in its partition (SEMANTICS §4.1).

import { quotaExceeded } from "../decision.ts";
import { freeUnique, takeCancel } from "../execution-key/cancelled-owner.ts";
import { limitOf } from "../partition/partition-settings.ts";
import { pauseInForce } from "../pause/pauses.ts";
import type { Refusal, StartResult } from "../result.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { findFinishedJob } from "./finished-jobs.ts";
import { runsInSession } from "../session/only-in-session.ts";
import { placeFor, type Starting, takePlace } from "./place.ts";
import { findRun } from "./runs.ts";
import { takeOverRun, takeOverWait } from "./take-over.ts";

export function startJob(
  state: State,
  moment: Moment,
  asked: Omit<Starting, "asking"> & { readonly asking: Asking | undefined },
): StartResult | Refusal {
  const { partition, start, asking } = asked;
  if (asking === undefined) return runsInSession;
  const { jobId, job } = start;
  if (takeCancel(state, { partition, owner: jobId, job }) === "cancelled") {
    return { status: "cancelled" };
  }
  const pause = pauseInForce(partition, job.queue);
  if (pause !== undefined) return { status: "paused", queues: [pause.key] };
  return startAdmitted(state, moment, { partition, start, asking });
}

function startAdmitted(state: State, moment: Moment, starting: Starting): StartResult | Refusal {
  const { partition, start, asking } = starting;
  const { jobId, job } = start;
  const session = asking.session.key;
  const run = findRun(state, { partition, jobId });
  if (run !== undefined) {
    const by = run.session;
    if (!start.takeover || by === session) return { status: "already_running", by };
    return takeOverRun(state, moment, { starting, run });
  }
  const waiter = partition.jobs.startOf(jobId);
  if (waiter !== undefined) {
    const { session: by, key: ticket } = waiter;
    if (!start.takeover || by === session) return { status: "already_waiting", by, ticket };
    return takeOverWait(state, moment, { starting, waiter });
  }
  const finished = findFinishedJob(state, { partition, jobId });
  if (finished !== undefined) {
    // Queued once more since: nobody else would ever free it.
    freeUnique(state, { partition, owner: jobId, job });
    return { status: "already_finished", outcome: finished.outcome };
  }
  return startNew(state, moment, starting);
}

function startNew(state: State, moment: Moment, starting: Starting): StartResult | Refusal {
  const { partition } = starting;
  const current = partition.jobs.runCount + partition.jobs.startCount;
  if (current >= limitOf(state, { partition, limit: "runs" }))
    return quotaExceeded({ limit: "runs", current });
  const place = placeFor(state, moment, starting);
  return place.kind === "none" ? place.decision : takePlace(state, moment, { starting, place });
}
