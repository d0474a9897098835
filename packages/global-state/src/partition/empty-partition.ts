// empty-partition.ts — a dropped partition is emptied: so many things an entry, in an order that is the same on every
// node (dropping.ts), and then it is gone. Nothing is granted on: who waited waits no more. Rows are looked for by walking
// through their table, where those of other partitions lie too; each bucket that is looked through is work,
// too, so a small partition among much else may take some entries.
import { assert, unreachable } from "../assert.ts";
import { removeMark } from "../cancel/marks.ts";
import { removeRule } from "../cancel/rules.ts";
import { endHold } from "../execution-key/end-hold.ts";
import type { ExecutionKey } from "../execution-key/execution-key.ts";
import { settle, takeWork } from "../execution-key/settle.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import { keyOf, leaveLine, sessionOfWaiter } from "../execution-key/wait.ts";
import { selector } from "../ids.ts";
import { endRun } from "../job/end-run.ts";
import { forgetFinished } from "../job/finished-jobs.ts";
import { notAtAll } from "../log-time.ts";
import { removePause } from "../pause/pauses.ts";
import { removeQueueKey } from "../queue-key/queue-keys.ts";
import { rememberEnding } from "../session/wait-ending.ts";
import type { Moment, State } from "../state.ts";
import { sortedRows } from "../table/bucket.ts";
import { hashesEnd, reversed } from "../table/hash.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";
import { type Dropping, type DropSection, dropSections } from "./dropping.ts";
import type { Partition } from "./partition.ts";

interface Emptying {
  readonly partition: Partition;
  readonly dropping: Dropping;
  /** So much of the entry's work is left to others. */
  readonly leave: number;
}

/** In further entries. Half of the work is for what else is due in them (tick.ts), and for their calls. */
function goOnDropping(state: State, moment: Moment, dropping: Dropping): void {
  const partition = state.partitions.find(dropping);
  assert(partition?.dropping === dropping, "what is being emptied is a partition");
  state.partitions.touch(partition);
  const leave = Math.floor((state.limits.workMax - 1) / 2);
  emptyPartition(state, moment, { partition, dropping, leave });
}

/**
 * At the beginning of an entry: one after the other, as long as there is work. How much of the work all else that is due
 * leaves to the calls of the entry: a partition that is too large for this one shares with both.
 */
export function emptyDropped(state: State, moment: Moment): number {
  for (let dropping = state.droppings.first(); moment.work.left > 0; ) {
    if (dropping === undefined) return 0;
    takeWork(moment);
    goOnDropping(state, moment, dropping);
    if (dropping.place >= 0) break;
    dropping = state.droppings.first();
  }
  return Math.floor(moment.work.left / 2);
}

/** The caller has touched the partition. */
export function emptyPartition(state: State, moment: Moment, emptying: Emptying): void {
  const { partition, dropping } = emptying;
  for (let at = dropSections[dropping.section]; at !== undefined; ) {
    if (!emptySection(state, moment, { emptying, section: at })) return;
    dropping.section += 1;
    dropping.from = 0;
    at = dropSections[dropping.section];
  }
  state.droppings.remove(dropping);
  state.partitions.remove(partition);
  state.partitionsByNumber.delete(partition.number);
}

/** Whether nothing of it is left. */
function emptySection(
  state: State,
  moment: Moment,
  at: { readonly emptying: Emptying; readonly section: DropSection },
): boolean {
  const { emptying } = at;
  const { partition } = emptying;
  switch (at.section) {
    case "waits":
      return endWaits(state, moment, emptying);
    case "runs":
      return endRuns(state, moment, emptying);
    case "executionKeys":
      return walk(moment, {
        emptying,
        table: state.executionKeys,
        isEmpty: () => partition.executionKeys === 0,
        free: (row) => freeKey(state, moment, { row, emptying }),
      });
    case "queueKeys":
      return walk(moment, {
        emptying,
        table: state.queueKeys,
        isEmpty: () => partition.queueKeys === 0,
        free: (row) => removeQueueKey(state, row),
      });
    case "cancelMarks":
      return walk(moment, {
        emptying,
        table: state.cancelMarks,
        isEmpty: () => partition.cancelMarks === 0,
        free: (row) => removeMark(state, row),
      });
    case "cancelRules":
      return walk(moment, {
        emptying,
        table: state.cancelRules,
        isEmpty: () => partition.cancelRules.length === 0,
        free: (row) => removeRule(state, row),
      });
    case "pauses":
      return walk(moment, {
        emptying,
        table: state.pauses,
        isEmpty: () => partition.pauses.size === 0,
        free: (row) => removePause(state, row),
      });
    case "finishedJobs":
      return walk(moment, {
        emptying,
        table: state.finishedJobs,
        isEmpty: () => partition.finishedJobs === 0,
        free: (row) => forgetFinished(state, row),
      });
    case "limitRules":
      return forgetLimitRules(state, partition);
    default:
      return unreachable(at.section);
  }
}

function mayGoOn({ work }: Moment, { leave }: Emptying): boolean {
  return work.left > leave;
}

function endWaits(state: State, moment: Moment, emptying: Emptying): boolean {
  for (const waiter of emptying.partition.waiters.items()) {
    if (!mayGoOn(moment, emptying)) return false;
    takeWork(moment);
    endDroppedWait(state, moment, waiter);
  }
  return true;
}

/** How it ended was told; who lost that asks, and is answered from what is remembered. */
export function endDroppedWait(state: State, moment: Moment, waiter: Waiter): void {
  const row = keyOf(state, waiter);
  const session = sessionOfWaiter(state, waiter);
  leaveLine(state, { row, waiter, session });
  const { sequence, key: ticket } = waiter;
  if (session.ending === "no") {
    rememberEnding(state, { session, sequence, ticket, ending: { kind: "dropped" } });
  }
  settle(state, moment, row);
}

const allQueues = selector("*");

function endRuns(state: State, moment: Moment, emptying: Emptying): boolean {
  for (const run of emptying.partition.jobs.runsOf(allQueues).values()) {
    if (!mayGoOn(moment, emptying)) return false;
    takeWork(moment);
    endRun(state, moment, { run, cause: "dropped" });
  }
  return true;
}

function freeKey(
  state: State,
  moment: Moment,
  { row, emptying }: { readonly row: ExecutionKey; readonly emptying: Emptying },
): void {
  freeDroppedKey(state, moment, { row, mayGoOn: () => mayGoOn(moment, emptying) });
}

/** Whether there is work left for one thing more. */
export type MayGoOn = () => boolean;

/** Its holders, each of them work, and its delay. The work of the first one is taken already. */
export function freeDroppedKey(
  state: State,
  moment: Moment,
  freed: { readonly row: ExecutionKey; readonly mayGoOn: MayGoOn },
): void {
  const { row } = freed;
  let isFirst = true;
  for (const holder of [...row.holders]) {
    if (!isFirst && !freed.mayGoOn()) break;
    if (!isFirst) takeWork(moment);
    isFirst = false;
    endHold(state, moment, { row, holder, cause: "dropped" });
  }
  if (row.holders.count === 0) {
    state.executionKeys.touch(row);
    row.delayedUntil = notAtAll;
  }
  settle(state, moment, row);
}

interface Walk<Kind extends Row> {
  readonly emptying: Emptying;
  readonly table: Table<Kind>;
  /** The partition has no such row any more. */
  readonly isEmpty: () => boolean;
  /** Its work is taken already. A row that is too much for one entry stays, and its turn comes again. */
  readonly free: (row: Kind) => void;
}

/** In (reversed hash, key) order, which stays as it is when buckets divide or join meanwhile. */
function walk<Kind extends Row>(moment: Moment, of: Walk<Kind>): boolean {
  const { emptying, table, isEmpty } = of;
  const { dropping } = emptying;
  while (!isEmpty()) {
    if (!mayGoOn(moment, emptying)) return false;
    assert(dropping.from < hashesEnd, "a row that is counted is found");
    // As the bucket is now: what is freed may join it with its neighbour, which was not looked through.
    const end = table.layout.endOfBucket(dropping.from);
    if (!freeBucket(moment, of)) return false;
    dropping.from = end;
  }
  return true;
}

/** Whether no row of the partition is left in the bucket where the walk is. */
function freeBucket<Kind extends Row>(moment: Moment, of: Walk<Kind>): boolean {
  const { emptying, table, free } = of;
  const { number } = emptying.partition;
  const address = table.addressOf(reversed(emptying.dropping.from));
  const rows = sortedRows(table.bucket(address)).filter(({ scope }) => scope === number);
  if (rows.length === 0) takeWork(moment);
  for (const row of rows) {
    if (!mayGoOn(moment, emptying)) return false;
    takeWork(moment);
    free(row);
    if (table.find(row) !== undefined) return false;
  }
  return true;
}

export function forgetLimitRules(state: State, partition: Partition): boolean {
  const rules = partition.limitRules;
  if (rules === undefined) return true;
  if (rules.place >= 0) state.deadlines.remove(rules);
  state.limitRules.remove(rules);
  partition.limitRules = undefined;
  return true;
}
