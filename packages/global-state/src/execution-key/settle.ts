// settle.ts — what follows when a key, its line or its rules have changed: who is next gets it in the same
// entry, in strict order of tickets (SEMANTICS §4.4), the key waits for its next time, or has no record any
// more. One entry asks at most so many; a key that could be granted and was not is due at once.
import { assert } from "../assert.ts";
import type { LogTimeMs } from "../ids.ts";
import { beginRun } from "../job/runs.ts";
import { never, notAtAll } from "../log-time.ts";
import type { Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import { takeCancel } from "./cancelled-owner.ts";
import { endHold } from "./end-hold.ts";
import { type ExecutionKey, isDelayed } from "./execution-key.ts";
import { grantTo } from "./grant.ts";
import { ruleFor } from "./limit-rules.ts";
import { endWait, leaveLine, sessionOfWaiter } from "./wait.ts";

/** To be called after every change of a key that is in its table. */
export function settle(state: State, moment: Moment, row: ExecutionKey): void {
  const partition = partitionNumbered(state, row.scope);
  state.executionKeys.touch(row);
  const { limit } = ruleFor(partition, row.key);
  row.limit = limit;
  // In a partition that is dropped nobody waits any more, though the line may still be there.
  if (partition.dropping === undefined) grantOn(state, moment, { partition, row });
  if (row.line.size === 0) row.limit = 1;
  if (row.holders.count === 0 && row.line.size === 0 && !isDelayed(row)) {
    return removeKey(state, { partition, row });
  }
  awaitTurn(state, row);
}

function grantOn(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly row: ExecutionKey },
): void {
  const { row } = asked;
  // What a single call sets free is granted on in its entry, whatever else the entry has done.
  for (let isFirst = true; isGrantable(row) && (isFirst || moment.work.left > 0); isFirst = false) {
    takeWork(moment);
    askFirst(state, moment, asked);
  }
}

/** Something about it is due: a delay is over, it was held too long, or there was too much to do at once. */
export function takeTurn(state: State, moment: Moment, row: ExecutionKey): void {
  state.executionKeys.touch(row);
  if (isDelayed(row) && row.delayedUntil <= moment.logTime) row.delayedUntil = notAtAll;
  const isOverdue = row.holders.soonestEnd <= moment.logTime;
  const holders = isOverdue ? [...row.holders] : [];
  const overdue = holders.filter(({ heldUntil }) => heldUntil <= moment.logTime);
  for (const holder of overdue) {
    if (moment.work.left === 0) break;
    takeWork(moment);
    endHold(state, moment, { row, holder, cause: "held_too_long" });
  }
  settle(state, moment, row);
}

export function takeWork(moment: Moment): void {
  moment.work.left = Math.max(0, moment.work.left - 1);
}

/** Somebody waits, there is room, and nothing is put off (I2: only until the entry is over). */
export function isGrantable(row: ExecutionKey): boolean {
  return row.line.size > 0 && row.holders.count < row.limit && !isDelayed(row);
}

/** A function of the record and its line alone, so that a restored state waits for the same time. */
export function dueAt(row: ExecutionKey): LogTimeMs {
  if (isGrantable(row)) return notAtAll;
  const { soonestEnd } = row.holders;
  return isDelayed(row) && row.delayedUntil < soonestEnd ? row.delayedUntil : soonestEnd;
}

export function awaitTurn(state: State, row: ExecutionKey): void {
  const due = dueAt(row);
  if (row.place >= 0 && due !== never) return state.deadlines.move(row, due);
  if (row.place >= 0) state.deadlines.remove(row);
  row.expiresAt = due;
  if (due !== never) state.deadlines.add(row);
}

/**
 * A mark or the end of its session may have come while it waited; not pauses: who waits was admitted
 * (SEMANTICS §4.4).
 */
function askFirst(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly row: ExecutionKey },
): void {
  const { partition, row } = asked;
  const waiter = row.line.first;
  assert(waiter !== undefined, "who is asked waits");
  assert(row.holders.count < row.limit, "a key is granted while it has room (I1)");
  const session = sessionOfWaiter(state, waiter);
  leaveLine(state, { row, waiter, session });
  if (session.ending !== "no") return;
  const { owner, job, key: ticket } = waiter;
  if (takeCancel(state, { partition, owner, job }) === "cancelled") {
    return endWait(state, moment, { waiter, session, ending: { kind: "cancelled" } });
  }
  const { maxHoldMs } = ruleFor(partition, row.key);
  const { token } = grantTo(state, moment, { row, owner, session, maxHoldMs });
  if (job === null) {
    return endWait(state, moment, { waiter, session, ending: { kind: "granted", token } });
  }
  const begun = { partition, jobId: owner, session, job, executionKey: row.key, token, ticket };
  beginRun(state, moment, begun);
  endWait(state, moment, { waiter, session, ending: { kind: "started", token } });
}

function removeKey(
  state: State,
  gone: { readonly partition: Partition; readonly row: ExecutionKey },
): void {
  if (gone.row.place >= 0) state.deadlines.remove(gone.row);
  state.executionKeys.remove(gone.row);
  gone.partition.executionKeys -= 1;
}
