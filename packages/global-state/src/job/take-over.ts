// take-over.ts — a start with `takeover` of a job that another session runs or waits for: that session has lost
// it, and is told (SEMANTICS §4.2). A wait moves with its ticket. A run is fenced, and its slot gets a new token at
// once; or, where the old session asked for a delay, after that, before anybody who waits.
import { endHold } from "../execution-key/end-hold.ts";
import { type ExecutionKey, holderWith, isDelayed } from "../execution-key/execution-key.ts";
import { grantTo } from "../execution-key/grant.ts";
import { ruleFor } from "../execution-key/limit-rules.ts";
import { settle } from "../execution-key/settle.ts";
import { busy, waitEnd, waiting, waitRefusal } from "../execution-key/slot.ts";
import {
  endWait,
  joinLineAgain,
  keyOf,
  leaveLine,
  moveWait,
  sessionOfWaiter,
} from "../execution-key/wait.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import type { Refusal, StartResult } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { endRun, keyOfRun } from "./end-run.ts";
import type { WantedKey } from "./job-start.ts";
import { type Place, placeFor, type Starting, takePlace } from "./place.ts";
import type { Run } from "./run.ts";
import { beginRun, sessionOf } from "./runs.ts";

interface OverRun {
  readonly starting: Starting;
  readonly run: Run;
}

export function takeOverRun(state: State, moment: Moment, over: OverRun): StartResult | Refusal {
  const { starting, run } = over;
  const wanted = starting.start.executionKey;
  if (wanted !== undefined && wanted.key === run.executionKey) {
    const row = keyOfRun(state, { run, executionKey: wanted.key });
    return takeOverSlot(state, moment, { ...over, row, wanted });
  }
  const place = placeFor(state, moment, starting);
  if (place.kind === "none") return place.decision;
  endRun(state, moment, { run, cause: "taken_over" });
  return takePlace(state, moment, { starting, place });
}

type OverSlot = OverRun & { readonly row: ExecutionKey; readonly wanted: WantedKey };

/** Who takes it over has a place already: neither a rule nor a full line keeps it out. */
function takeOverSlot(state: State, moment: Moment, over: OverSlot): StartResult | Refusal {
  const { starting, run, row, wanted } = over;
  const isPutOff = isDelayed(row) || sessionOf(state, run).keyDelayMs > 0;
  if (isPutOff && wanted.onBusy === "reject") return busy(row, moment);
  const refusal = isPutOff ? waitRefusal(state, starting.partition) : undefined;
  if (refusal !== undefined) return refusal;
  endHold(state, moment, { row, holder: holderWith(row, run.token), cause: "taken_over" });
  return isPutOff ? waitForSlot(state, moment, over) : takeSlotAtOnce(state, moment, over);
}

function waitForSlot(state: State, moment: Moment, over: OverSlot): StartResult {
  const { starting, run, row, wanted } = over;
  const { partition, start, asking } = starting;
  const { jobId: owner, job } = start;
  const expiresAt = waitEnd(moment, wanted.waitTimeoutMs);
  const joining = { partition, row, owner, ...asking, expiresAt, job };
  const waiter = joinLineAgain(state, { joining, ticket: run.ticket });
  settle(state, moment, row);
  return waiting(waiter);
}

function takeSlotAtOnce(state: State, moment: Moment, over: OverSlot): StartResult {
  const { starting, run, row } = over;
  const { partition, start, asking } = starting;
  const { jobId, job } = start;
  const { session } = asking;
  const { maxHoldMs } = ruleFor(partition, row.key);
  const { token } = grantTo(state, moment, { row, owner: jobId, session, maxHoldMs });
  const { ticket } = run;
  beginRun(state, moment, { partition, jobId, session, job, executionKey: row.key, token, ticket });
  settle(state, moment, row);
  return { status: "started", token };
}

interface OverWait {
  readonly starting: Starting;
  readonly waiter: Waiter;
}

export function takeOverWait(state: State, moment: Moment, over: OverWait): StartResult | Refusal {
  const { starting, waiter } = over;
  const wanted = starting.start.executionKey;
  if (wanted !== undefined && wanted.key === waiter.executionKey) {
    return takeOverPlaceInLine(state, moment, { ...over, wanted });
  }
  const place = placeFor(state, moment, starting);
  if (place.kind === "none") return place.decision;
  return leaveForOther(state, moment, { ...over, place });
}

function leaveForOther(
  state: State,
  moment: Moment,
  over: OverWait & { readonly place: Place },
): StartResult {
  const { starting, waiter, place } = over;
  const row = keyOf(state, waiter);
  const session = sessionOfWaiter(state, waiter);
  leaveLine(state, { row, waiter, session });
  endWait(state, moment, { waiter, session, ending: { kind: "taken_over" } });
  settle(state, moment, row);
  return takePlace(state, moment, { starting, place });
}

/** Who does not want to wait takes no wait over. */
function takeOverPlaceInLine(
  state: State,
  moment: Moment,
  over: OverWait & { readonly wanted: WantedKey },
): StartResult {
  const { starting, waiter, wanted } = over;
  if (wanted.onBusy === "reject") return busy(keyOf(state, waiter), moment);
  const { partition, asking } = starting;
  const { job } = starting.start;
  const from = sessionOfWaiter(state, waiter);
  const { sequence } = waiter;
  const expiresAt = waitEnd(moment, wanted.waitTimeoutMs);
  moveWait(state, { waiter, from, partition, ...asking, expiresAt, job });
  const ended = { sequence, key: waiter.key };
  endWait(state, moment, { waiter: ended, session: from, ending: { kind: "taken_over" } });
  return waiting(waiter);
}
