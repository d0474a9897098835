// import-plan.ts — a restored state as the commands that bring it into another, empty cluster. What is not
// planned does not come along: sessions, what they run, the answers kept for them, request ids (SEMANTICS §3). So
// who held a key by a session holds it no more, and whoever waited does not: where its session asked for a delay, the key
// is delayed for so long. Holders of Roger's forms, which know no owner, are taken as they are.
// The same state always makes the same plan, so that an interrupted import can go on.
import { assert, unreachable } from "../assert.ts";
import type { GroupWrite, ImportedTable } from "../command.ts";
import {
  type ExecutionKey,
  isDelayed,
  isPlain,
  newExecutionKey,
} from "../execution-key/execution-key.ts";
import { newLimitRules } from "../execution-key/limit-rules.ts";
import type { FeatureLevel } from "../feature-level.ts";
import { after } from "../log-time.ts";
import { sessionName } from "../session/session.ts";
import { Writer } from "../snapshot/writer.ts";
import type { State } from "../state.ts";
import { sortedRows } from "../table/bucket.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";

type Step<Name extends GroupWrite["name"]> = Extract<GroupWrite, { name: Name }>;

export interface ImportPlan {
  readonly begin: Step<"admin.importBegin">;
  readonly steps: readonly Step<"admin.importRows">[];
  readonly end: Step<"admin.importEnd">;
}

/** A step is one entry: small enough for the log, and for what one entry may cost. */
export const importStepBytes: number = 64 * 1024;
/** Part of the id: with another form of steps an import does not go on. */
const planForm = 1;

/** Partitions first: the others belong to them. */
export const importedTables: readonly ImportedTable[] = [
  "partitions",
  "cancelMarks",
  "queueKeys",
  "executionKeys",
  "pauses",
  "cancelRules",
  "limitRules",
  "delayedKeys",
  "finishedJobs",
];

/** `root`: the state hash of that state. */
export function importPlan(state: State, root: string): ImportPlan {
  const id = `${root}-${planForm}`;
  const steps: Step<"admin.importRows">[] = [];
  const version = stepVersionOf(state.featureLevel);
  let rows = 0;
  for (const table of importedTables) {
    for (const { bytes, count } of stepsOf(state, table)) {
      const args = { id, step: steps.length, table, version, bytes };
      steps.push({ name: "admin.importRows", args });
      rows += count;
    }
  }
  const { session, partition, token } = state.counters;
  const counters = { session, partition, token };
  return {
    begin: { name: "admin.importBegin", args: { id, logTime: state.logTime, counters } },
    steps,
    end: { name: "admin.importEnd", args: { id, steps: steps.length, rows } },
  };
}

/** Rows of the second level are not for nodes that know only the first. */
export function stepVersionOf(level: FeatureLevel): number {
  return level;
}

function stepsOf(state: State, table: ImportedTable): Iterable<Piece> {
  switch (table) {
    case "partitions":
      return cutTable(state, state.partitions, (row) =>
        kept(row, (each) => each.dropping === undefined),
      );
    case "cancelMarks":
      return cutTable(state, state.cancelMarks);
    case "queueKeys":
      return cutTable(state, state.queueKeys);
    case "executionKeys":
      return cutTable(state, state.executionKeys, (row) =>
        kept(withoutSessions(state, row), isPlain),
      );
    case "delayedKeys":
      return cutTable(state, state.executionKeys, (row) =>
        kept(withoutSessions(state, row), (each) => !isPlain(each)),
      );
    case "limitRules":
      return cutTable(state, state.limitRules, ({ scope, rules }) =>
        rules.length === 0 ? undefined : newLimitRules({ scope, rules, sweepFrom: 0 }),
      );
    case "pauses":
      return cutTable(state, state.pauses, (row) => ({ ...row, stopping: undefined }));
    case "finishedJobs":
      return cutTable(state, state.finishedJobs);
    case "cancelRules":
      return cutTable(state, state.cancelRules);
    default:
      return unreachable(table);
  }
}

/** What a state without sessions would have of a key; undefined: nothing. */
function withoutSessions(state: State, row: ExecutionKey): ExecutionKey | undefined {
  const stripped = newExecutionKey(row);
  stripped.delayedUntil = row.delayedUntil;
  for (const holder of row.holders) {
    if (holder.session === null) {
      stripped.holders.adopt(holder);
      continue;
    }
    const session = state.sessions.find(sessionName(holder.session));
    assert(session !== undefined, "a holder has a session (I4)");
    if (session.keyDelayMs === 0) continue;
    const until = after(state.logTime, session.keyDelayMs);
    if (until > stripped.delayedUntil) stripped.delayedUntil = until;
  }
  return stripped.holders.count > 0 || isDelayed(stripped) ? stripped : undefined;
}

function kept<Kind>(row: Kind | undefined, isWanted: (row: Kind) => boolean): Kind | undefined {
  return row !== undefined && isWanted(row) ? row : undefined;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** `planned`: a row as it comes along, or undefined. What is in a partition that is dropped is on its way out. */
function* cutTable<Kind extends Row>(
  state: State,
  table: Table<Kind>,
  planned: (row: Kind) => Kind | undefined = (row) => row,
): Iterable<Piece> {
  const writer = new Writer();
  let count = 0;
  writer.reset(0);
  for (let address = 0; address < table.bucketCount; address++) {
    for (const row of sortedRows(table.bucket(address))) {
      const isOnItsWayOut = state.partitionsByNumber.get(row.scope)?.dropping !== undefined;
      const taken = isOnItsWayOut ? undefined : planned(row);
      if (taken === undefined) continue;
      table.spec.codec.write(taken, writer);
      count += 1;
      if (writer.length < importStepBytes) continue;
      yield { bytes: writer.take(), count };
      writer.reset(0);
      count = 0;
    }
  }
  if (count > 0) yield { bytes: writer.take(), count };
}
