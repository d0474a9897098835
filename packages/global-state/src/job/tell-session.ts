// tell-session.ts — what a session is told about a job that it runs: it is to stop, or it has lost it. A hint
// (SEMANTICS §4.9): the run itself changes elsewhere.
import { type HoldEnd, isTold } from "../execution-key/end-hold.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import type { Run } from "./run.ts";

export function tellFenced(
  state: State,
  moment: Moment,
  fenced: { readonly run: Run; readonly cause: HoldEnd },
): void {
  const { run, cause } = fenced;
  if (!isTold(cause)) return;
  const { session, token, key: jobId } = run;
  const partition = partitionNumbered(state, run.scope).key;
  moment.notices.push({ kind: "runFenced", session, partition, jobId, token, cause });
}

export function tellToStop(
  state: State,
  moment: Moment,
  told: {
    readonly run: Run;
    readonly cause: "cancelled" | "paused";
    /** Who wants it, and why. */
    readonly wanted: { readonly by: string; readonly reason: string };
  },
): void {
  const { cause } = told;
  const { session, token, key: jobId } = told.run;
  const { by, reason } = told.wanted;
  const partition = partitionNumbered(state, told.run.scope).key;
  const of = { session, partition, jobId, token };
  moment.notices.push({ kind: "runToStop", ...of, cause, by, reason });
}
