// runs-check.ts — what holds between runs, keys, sessions and those who wait to start (SEMANTICS §4.1, §7: I3,
// I4, I5). Looks at every row: part of invariants.ts, for tests, the simulator and backups that are read.
import { assert } from "../assert.ts";
import { holderWith } from "../execution-key/execution-key.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import { selector } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { sessionName } from "../session/session.ts";
import type { State } from "../state.ts";
import { keyOfRun } from "./end-run.ts";
import { findFinishedJob } from "./finished-jobs.ts";
import type { Run } from "./run.ts";

const all = selector("*");

export function checkJobs(state: State): void {
  const tokens = new Set<number>();
  for (const run of state.runs.rows()) {
    const partition = partitionNumbered(state, run.scope);
    assert(!tokens.has(run.token), "a token is given once");
    tokens.add(run.token);
    checkRun(state, run, partition);
  }
  checkCounts(state);
  checkStarts(state);
}

function checkRun(state: State, run: Run, partition: Partition): void {
  const session = state.sessions.find(sessionName(run.session));
  assert(session?.runs.get(run.token) === run, "a run has a session (I4)");
  assert(run.token <= state.counters.token, "a token was drawn");
  assert(run.ticket <= state.counters.ticket, "a ticket was drawn");
  assert(partition.jobs.runsOf(run.queue).get(run.token) === run, "a run is found by its queue");
  const { key: jobId } = run;
  assert(partition.jobs.startOf(jobId) === undefined, "a job runs or waits, not both");
  const finished = findFinishedJob(state, { partition, jobId });
  assert(finished === undefined, "a job that is done does not run");
  if (run.executionKey === null) return;
  const row = keyOfRun(state, { run, executionKey: run.executionKey });
  const holder = holderWith(row, run.token);
  const isIts = holder.owner === jobId && holder.session === run.session;
  assert(isIts, "a run with a key is its holder (I4)");
  checkAhead(row.line.items(), run);
}

/** Who waits before a holder came back with the ticket of a run that was taken over. */
function checkAhead(waiters: Iterable<Waiter>, run: Run): void {
  for (const waiter of waiters) {
    if (waiter.key > run.ticket) return;
    assert(waiter.arrival > waiter.key, "who holds a key came before who waits for it (I5)");
  }
}

function checkCounts(state: State): void {
  let inSessions = 0;
  let inPartitions = 0;
  let remembered = 0;
  for (const session of state.sessions.rows()) {
    inSessions += session.runs.size;
    checkOrder(session.runs.keys());
    checkOrder(session.holds.keys());
  }
  for (const partition of state.partitions.rows()) {
    inPartitions += partition.jobs.runCount;
    checkOrder(partition.jobs.runsOf(all).keys());
    remembered += partition.finishedJobs;
  }
  const { count } = state.runs;
  assert(inSessions === count && inPartitions === count, "a run is known to all that look for it");
  assert(remembered === state.finishedJobs.count, "finished jobs are counted");
  for (const row of state.finishedJobs.rows()) {
    assert(row.place >= 0, "a finished job waits to be forgotten");
  }
}

function checkStarts(state: State): void {
  let waiting = 0;
  for (const waiter of state.waiters.rows()) {
    if (waiter.job === null) continue;
    waiting += 1;
    const { jobs } = partitionNumbered(state, waiter.scope);
    assert(jobs.startOf(waiter.owner) === waiter, "a job waits to start once (SEMANTICS §4.1)");
    const ofQueue = jobs.startsOf(waiter.job.queue).get(waiter.arrival);
    assert(ofQueue === waiter, "a waiting start is found by its queue");
  }
  for (const { jobs } of state.partitions.rows()) {
    waiting -= jobs.startCount;
    checkOrder(jobs.startsOf(all).keys());
  }
  assert(waiting === 0, "a partition knows who waits to start");
}

function checkOrder(numbers: Iterable<number>): void {
  let last = 0;
  for (const number of numbers) {
    assert(number > last, "what is derived has the order of its numbers");
    last = number;
  }
}
