// runs.ts — putting runs into their table and taking them out, with all that knows them. The only door to a
// record that lies there. Which key a run holds is not decided here (execution-key/grant.ts, end-hold.ts).

import { assert } from "../assert.ts";
import type { FencingToken, JobId, Key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { freeIfOwned } from "../queue-key/owned.ts";
import { type Session, sessionName } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import type { JobAsStarted } from "./job-start.ts";
import { newRun, type Run } from "./run.ts";

export interface AskedJob {
  readonly partition: Partition;
  readonly jobId: JobId;
}

export function findRun(state: State, { partition, jobId }: AskedJob): Run | undefined {
  return state.runs.find(nameIn(partition, jobId));
}

/** From now on the job runs; a queue key that is its own until it starts is free (SEMANTICS §3). */
export function beginRun(
  state: State,
  moment: Moment,
  begun: AskedJob & {
    readonly session: Session;
    readonly job: JobAsStarted;
    readonly executionKey: Key | null;
    readonly token: FencingToken;
    readonly ticket: number;
  },
): Run {
  const { partition, jobId, session, job, executionKey, token, ticket } = begun;
  const { unique } = job;
  if (unique?.until === "start") {
    freeIfOwned(state, { partition, key: unique.queueKey, owner: jobId });
  }
  const run = newRun({
    scope: partition.number,
    key: jobId,
    session: session.key,
    token,
    ticket,
    queue: job.queue,
    executionKey,
    queueKey: unique?.until === "finish" ? unique.queueKey : null,
    tags: job.tags,
    sinceWallMs: moment.wallMs,
  });
  state.runs.insert(run);
  state.sessions.willShowOtherwise(session);
  indexRun({ run, partition, session });
  return run;
}

/** In all that is derived. Tokens grow, so it comes last everywhere. */
export function indexRun(known: {
  readonly run: Run;
  readonly partition: Partition;
  readonly session: Session;
}): void {
  known.session.runs.set(known.run.token, known.run);
  known.partition.jobs.addRun(known.run);
}

export function removeRun(state: State, run: Run): void {
  const session = sessionOf(state, run);
  state.sessions.willShowOtherwise(session);
  session.runs.delete(run.token);
  partitionNumbered(state, run.scope).jobs.removeRun(run);
  state.runs.remove(run);
}

export function sessionOf(state: State, run: Run): Session {
  const session = state.sessions.find(sessionName(run.session));
  assert(session !== undefined, "a run has a session (I4)");
  return session;
}
