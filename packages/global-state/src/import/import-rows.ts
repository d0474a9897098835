// import-rows.ts — `admin.importRows`: one step of an import, some rows of one table. Taken once, in turn;
// a step that was taken already is told so. Trusts nothing: a step is taken whole or not at all, and
// bytes that are no rows of this state are an answer, never a throw.
import {
  adoptExecutionKey,
  adoptFinishedJob,
  adoptLimitRules,
  adoptMark,
  adoptPartition,
  adoptPause,
  adoptQueueKey,
  adoptRule,
} from "../adopt.ts";
import { unreachable } from "../assert.ts";
import type { GroupWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import { type ExecutionKey, isDelayed, isPlain } from "../execution-key/execution-key.ts";
import { awaitTurn } from "../execution-key/settle.ts";
import { isKnownFeatureLevel } from "../feature-level.ts";
import { type LogTimeMs, logTimeMs } from "../ids.ts";
import { keyDelayMs, rememberMs, wallMsMax } from "../limits.ts";
import type { Partition } from "../partition/partition.ts";
import { settingsRefusal } from "../partition/update-partition.ts";
import type { Pause, PauseEnd } from "../pause/pause.ts";
import type { QueueKey } from "../queue-key/queue-key.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { Reader } from "../snapshot/reader.ts";
import type { State } from "../state.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";
import { type Import, isImporting } from "./import.ts";
import { importing, notImported, standingOf } from "./standing.ts";

type Args = Extract<GroupWrite, { name: "admin.importRows" }>["args"];

/** How the rows of one table come in. */
interface Intake<Kind extends Row> {
  readonly table: Table<Kind>;
  readonly adopt: (state: State, row: Kind) => void;
  /** What a row claims about others is true. */
  readonly isSound: (row: Kind) => boolean;
  /** All that no other row may have. */
  readonly namesOf: (row: Kind) => readonly string[];
}

export function importRows(state: State, args: Args): Decision {
  const record = state.import;
  const standing = standingOf(record, args.id);
  if (standing === "not_begun") return notImported("not_begun");
  if (record?.id !== args.id || !isImporting(state)) return standing;
  if (args.step < record.next) return standing;
  if (args.step > record.next) return notImported("out_of_turn");
  const taken = takeTable(state, record, args);
  if (taken === undefined) return notImported("unreadable");
  state.import = { ...record, next: record.next + 1, rows: record.rows + taken };
  return importing({ next: record.next + 1 });
}

function takeTable(state: State, record: Import, args: Args): number | undefined {
  switch (args.table) {
    case "partitions":
      return take(state, args, partitionsIntake(state));
    case "cancelMarks":
      return take(state, args, {
        ...timedIntake(state, record),
        table: state.cancelMarks,
        adopt: (into, row) => adoptMark(into, movedRow(row, record)),
      });
    case "queueKeys":
      return take(state, args, queueKeysIntake(state, record));
    case "executionKeys":
      return take(state, args, {
        table: state.executionKeys,
        adopt: adoptExecutionKey,
        isSound: (row) => isOfPartition(state, row) && isPlain(row) && isOwnerless(state, row),
        namesOf,
      });
    case "delayedKeys":
      return take(state, args, { namesOf, ...delayedIntake(state, record) });
    case "limitRules":
      return take(state, args, {
        table: state.limitRules,
        isSound: (row) => isOfPartition(state, row) && row.sweepFrom === 0,
        adopt: adoptLimitRules,
        namesOf,
      });
    case "pauses":
      return take(state, args, pausesIntake(state, record));
    case "finishedJobs":
      return take(state, args, {
        table: state.finishedJobs,
        isSound: (row) =>
          isOfPartition(state, row) && row.expiresAt - record.backupLogTime <= rememberMs.max,
        adopt: (into, row) => adoptFinishedJob(into, movedRow(row, record)),
        namesOf,
      });
    case "cancelRules":
      return take(state, args, {
        ...timedIntake(state, record),
        table: state.cancelRules,
        adopt: (into, row) => adoptRule(into, movedRow(row, record)),
      });
    default:
      return unreachable(args.table);
  }
}

function partitionsIntake(state: State): Intake<Partition> {
  return {
    table: state.partitions,
    adopt: adoptPartition,
    isSound: (row) =>
      isDrawn(row.number, state.counters.partition) &&
      !state.partitionsByNumber.has(row.number) &&
      row.dropping === undefined &&
      settingsRefusal(state, row.settings) === undefined,
    namesOf: (row) => [...namesOf(row), `number ${row.number}`],
  };
}

/** Of what lasts no longer than a mark may. */
function timedIntake(
  state: State,
  { backupLogTime }: Import,
): Pick<Intake<Timed>, "isSound" | "namesOf"> {
  const { max } = state.limits.markTtlMs;
  const isSound = (row: Timed): boolean =>
    isOfPartition(state, row) && row.expiresAt - backupLogTime <= max;
  return { isSound, namesOf };
}

function queueKeysIntake(state: State, record: Import): Intake<QueueKey> {
  const { backupLogTime } = record;
  return {
    table: state.queueKeys,
    isSound: (row) => isOfPartition(state, row) && hasSoundEnd(row, { backupLogTime, state }),
    adopt: (into, row) => {
      const end = row.claim?.end;
      if (end !== undefined) end.expiresAt = moved(end.expiresAt, record);
      adoptQueueKey(into, row);
    },
    namesOf,
  };
}

function pausesIntake(state: State, record: Import): Intake<Pause> {
  return {
    table: state.pauses,
    isSound: (row) =>
      isOfPartition(state, row) && isEndInRange(row.end, record) && row.stopping === undefined,
    adopt: (into, row) => {
      if (row.end !== undefined) row.end.expiresAt = moved(row.end.expiresAt, record);
      adoptPause(into, row);
    },
    namesOf,
  };
}

function isOfPartition(state: State, row: Row): boolean {
  return state.partitionsByNumber.has(row.scope);
}

interface Timed extends Row {
  expiresAt: LogTimeMs;
}

function movedRow<Kind extends Timed>(row: Kind, record: Import): Kind {
  row.expiresAt = moved(row.expiresAt, record);
  return row;
}

function delayedIntake(
  state: State,
  record: Import,
): Pick<Intake<ExecutionKey>, "table" | "isSound" | "adopt"> {
  return {
    table: state.executionKeys,
    isSound: (row) =>
      state.partitionsByNumber.has(row.scope) &&
      isDelayed(row) &&
      row.delayedUntil - record.backupLogTime <= keyDelayMs.max &&
      isOwnerless(state, row),
    adopt: (into, row) => {
      row.delayedUntil = moved(row.delayedUntil, record);
      adoptExecutionKey(into, row);
      awaitTurn(into, row);
    },
  };
}

/** Sessions do not come along, and so nobody who lives by one. */
function isOwnerless(state: State, row: ExecutionKey): boolean {
  return [...row.holders].every(
    ({ session, token }) => session === null && isDrawn(token, state.counters.token),
  );
}

/** How many came in; undefined if none did. */
function take<Kind extends Row>(
  state: State,
  args: Args,
  intake: Intake<Kind>,
): number | undefined {
  const { table, adopt } = intake;
  if (!isKnownFeatureLevel(args.version) || args.version > state.featureLevel) return undefined;
  const rows = readRows(table, args.bytes);
  if (rows === undefined || !areSound(rows, intake)) return undefined;
  for (const row of rows) {
    table.insert(row);
    adopt(state, row);
  }
  return rows.length;
}

function readRows<Kind extends Row>(
  table: Table<Kind>,
  bytes: Uint8Array,
): readonly Kind[] | undefined {
  const reader = new Reader(bytes);
  const rows: Kind[] = [];
  try {
    while (!reader.isAtEnd) rows.push(table.spec.codec.read(reader));
    return rows;
  } catch (error) {
    if (error instanceof DamagedSnapshotError) return undefined;
    throw error;
  }
}

function areSound<Kind extends Row>(rows: readonly Kind[], intake: Intake<Kind>): boolean {
  const names = new Set<string>();
  for (const row of rows) {
    if (intake.table.find(row) !== undefined || !intake.isSound(row)) return false;
    for (const name of intake.namesOf(row)) {
      if (names.has(name)) return false;
      names.add(name);
    }
  }
  return true;
}

function namesOf(row: Row): readonly string[] {
  return [`${row.scope} ${row.key}`];
}

function isDrawn(value: number, counter: number): boolean {
  return value >= 1 && value <= counter;
}

/** No claim lasts longer than any may. */
function hasSoundEnd(
  { claim }: QueueKey,
  { backupLogTime, state }: { readonly backupLogTime: LogTimeMs; readonly state: State },
): boolean {
  const { provisionalMs, queueKeyTtlMs } = state.limits;
  const longestMs = Math.max(provisionalMs.max, queueKeyTtlMs.max);
  return claim?.end === undefined || claim.end.expiresAt - backupLogTime <= longestMs;
}

/** Moved to the time of this cluster it is still a time. */
function isEndInRange(end: PauseEnd | undefined, { backupLogTime }: Import): boolean {
  return end === undefined || end.expiresAt - backupLogTime <= wallMsMax;
}

/** Due already but not taken out, it is due at once. */
function moved(expiresAt: LogTimeMs, { backupLogTime, beganLogTime }: Import): LogTimeMs {
  return logTimeMs(beganLogTime + Math.max(0, expiresAt - backupLogTime));
}
