// changes.ts — gathers what the call that is being executed changes, and makes events of it. Tables tell of
// every change that they take (table.ts), so no command can forget one; what is as before in the end
// is no event. It changes nothing and is no part of the state.
import type { Origin } from "../command.ts";
import type { Moment, State, Tables } from "../state.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";
import type { EventItem, StateEvent } from "./event.ts";
import {
  type WatchedRows,
  watchedExecutionKeys,
  watchedFinishedJobs,
  watchedLimitRules,
  watchedMarks,
  watchedPartitions,
  watchedPauses,
  watchedQueueKeys,
  watchedRules,
  watchedRuns,
  watchedSessions,
  watchedWaiters,
} from "./watched-rows.ts";

type Told = Pick<StateEvent, "type" | "name" | "item" | "was">;

interface TouchedRow {
  isGone: boolean;
  /** Undefined: in the end nothing is another than before. */
  event(doer: Doer): Told | undefined;
}

/** A row that the call has touched, how it was before, and how such rows are shown. */
class Touched<Kind extends Row> implements TouchedRow {
  isGone = false;
  readonly #row: Kind;
  readonly #before: EventItem | undefined;
  readonly #watched: WatchedRows<Kind>;

  constructor(row: Kind, before: EventItem | undefined, watched: WatchedRows<Kind>) {
    this.#row = row;
    this.#before = before;
    this.#watched = watched;
  }

  event({ cause, origin }: Doer): Told | undefined {
    const before = this.#before;
    const { nameOf, typeOf } = this.#watched;
    const after = this.#after();
    if (after === "as before") return undefined;
    const session = origin.kind === "session" ? origin.session : undefined;
    const type = typeOf({ before, after, cause, session });
    const was = after === undefined ? (before ?? null) : null;
    return { type, name: nameOf(this.#row), item: after ?? null, was };
  }

  /** Undefined: it is gone. */
  #after(): EventItem | undefined | "as before" {
    const before = this.#before;
    const { changedOf, itemOf } = this.#watched;
    const changed = changedOf?.(this.#row);
    const after = this.isGone ? undefined : (changed ?? itemOf(this.#row));
    const isThere = before !== undefined && after !== undefined;
    const isAsBefore =
      changedOf !== undefined && isThere ? changed === undefined : isSame(before, after);
    return isAsBefore ? "as before" : after;
  }
}

export interface Doer {
  /** The command that is executed; `time`: what is due. */
  readonly cause: string;
  readonly origin: Origin;
}

export class Changes {
  readonly #touched = new Map<Row, TouchedRow>();
  /** Partitions that the entry has emptied, by number: what was in them is told under their names. */
  readonly #dropped = new Map<number, string>();
  #events: StateEvent[] = [];

  constructor(tables: Tables) {
    this.#watch(tables.partitions, watchedPartitions, (row) =>
      this.#dropped.set(row.number, row.key),
    );
    this.#watch(tables.sessions, watchedSessions);
    this.#watch(tables.cancelMarks, watchedMarks);
    this.#watch(tables.cancelRules, watchedRules);
    this.#watch(tables.queueKeys, watchedQueueKeys);
    this.#watch(tables.executionKeys, watchedExecutionKeys);
    this.#watch(tables.waiters, watchedWaiters);
    this.#watch(tables.limitRules, watchedLimitRules);
    this.#watch(tables.runs, watchedRuns);
    this.#watch(tables.finishedJobs, watchedFinishedJobs);
    this.#watch(tables.pauses, watchedPauses);
  }

  /** Before the first call of an entry. */
  begin(): void {
    this.#touched.clear();
    this.#dropped.clear();
    this.#events = [];
  }

  /** A call was executed, or what was due was taken out. */
  doneBy(state: State, moment: Moment, { cause, origin }: Doer): void {
    if (this.#touched.size === 0) return;
    const { revision, logTime, wallMs } = moment;
    for (const [{ scope }, touched] of this.#touched) {
      const event = touched.event({ cause, origin });
      if (event === undefined) continue;
      this.#events.push({
        revision,
        n: this.#events.length,
        ...event,
        partition: scope === 0 ? null : this.#partitionOf(state, scope),
        cause,
        by: whose(origin),
        at: wallMs,
        logTimeMs: logTime,
      });
    }
    this.#touched.clear();
  }

  #partitionOf(state: State, number: number): string | null {
    return state.partitionsByNumber.get(number)?.key ?? this.#dropped.get(number) ?? null;
  }

  /** Of the entry. */
  take(): readonly StateEvent[] {
    return this.#events;
  }

  #watch<Kind extends Row>(
    table: Table<Kind>,
    watched: WatchedRows<Kind>,
    gone: (row: Kind) => void = () => {},
  ): void {
    const touched = this.#touched;
    const { itemOf } = watched;
    table.observe({
      inserted: (row) => {
        touched.set(row, new Touched(row, undefined, watched));
      },
      touched: (row) => {
        if (!touched.has(row)) touched.set(row, new Touched(row, itemOf(row), watched));
      },
      removed: (row) => {
        const known: TouchedRow = touched.get(row) ?? new Touched(row, itemOf(row), watched);
        known.isGone = true;
        touched.set(row, known);
        gone(row);
      },
    });
  }
}

function whose(origin: Origin): StateEvent["by"] {
  if (origin.kind === "session") return { session: origin.session };
  return origin.kind === "request" ? { requestId: origin.requestId } : null;
}

function isSame(one: EventItem | undefined, other: EventItem | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const [left, right] = [Object.entries(one), Object.entries(other)];
  return left.length === right.length && left.every((entry, at) => isSameEntry(entry, right[at]));
}

type Entry = readonly [string, unknown];

function isSameEntry([name, value]: Entry, other: Entry | undefined): boolean {
  if (other?.[0] !== name) return false;
  if (typeof value !== "object") return value === other[1];
  return JSON.stringify(value) === JSON.stringify(other[1]);
}
