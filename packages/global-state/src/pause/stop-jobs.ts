// stop-jobs.ts — a pause that stops begins: who waits to start from its queues leaves the line, and who runs is told
// (SEMANTICS §4.6). More than one entry may do is left to further ones, waits first, so that no job that is still
// in line starts unseen; new ones are kept out by the pause itself.
import { assert } from "../assert.ts";
import { settle, takeWork } from "../execution-key/settle.ts";
import { endWait, keyOf, leaveLine, sessionOfWaiter } from "../execution-key/wait.ts";
import type { Run } from "../job/run.ts";
import { tellToStop } from "../job/tell-session.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import { newStopping, type Pause, type Stopping } from "./pause.ts";

export function beginToStop(state: State, moment: Moment, pause: Pause): void {
  assert(pause.mode === "stop" && pause.stopping === undefined, "a pause begins to stop once");
  state.pauses.touch(pause);
  pause.stopping = newStopping(pause, { toldThrough: 0 });
  state.deadlines.add(pause.stopping);
  stopSome(state, moment, { pause, stopping: pause.stopping });
}

export function goOnStopping(state: State, moment: Moment, stopping: Stopping): void {
  const pause = state.pauses.find(stopping);
  assert(pause?.stopping === stopping, "what is due belongs to a pause");
  stopSome(state, moment, { pause, stopping });
}

interface Sweep {
  readonly pause: Pause;
  readonly stopping: Stopping;
}

function stopSome(state: State, moment: Moment, sweep: Sweep): void {
  const { pause, stopping } = sweep;
  state.pauses.touch(pause);
  const isDone = endWaits(state, moment, pause) && tellRuns(state, moment, sweep);
  if (!isDone) return;
  state.deadlines.remove(stopping);
  pause.stopping = undefined;
}

/** Whether none is left. */
function endWaits(state: State, moment: Moment, pause: Pause): boolean {
  const { jobs } = partitionNumbered(state, pause.scope);
  const starts = jobs.startsOf(pause.key);
  for (const waiter of starts.values()) {
    if (moment.work.left === 0) return false;
    takeWork(moment);
    const row = keyOf(state, waiter);
    const session = sessionOfWaiter(state, waiter);
    leaveLine(state, { row, waiter, session });
    endWait(state, moment, { waiter, session, ending: { kind: "paused" } });
    settle(state, moment, row);
  }
  return true;
}

/** Whether all are told. */
function tellRuns(state: State, moment: Moment, { pause, stopping }: Sweep): boolean {
  stopping.runs ??= runsAfter(state, { pause, token: stopping.toldThrough });
  while (moment.work.left > 0) {
    const { value: run, done } = stopping.runs.next();
    if (done === true) return true;
    takeWork(moment);
    tellToStop(state, moment, { run, cause: "paused", wanted: pause });
    stopping.toldThrough = run.token;
  }
  return false;
}

function runsAfter(
  state: State,
  from: { readonly pause: Pause; readonly token: number },
): Iterator<Run> {
  const { jobs } = partitionNumbered(state, from.pause.scope);
  return laterThan(jobs.runsOf(from.pause.key).values(), from.token);
}

function* laterThan(runs: Iterable<Run>, token: number): Generator<Run, undefined> {
  for (const run of runs) if (run.token > token) yield run;
  return undefined;
}
