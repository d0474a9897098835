// import-plan.ts — a restored state as the commands that bring it into another, empty cluster. What is not
// planned does not come along: sessions, the answers kept for them, request ids (SEMANTICS §3). Holders
// are taken as they are, because none of them lives by a session: Roger's forms know no owner.
// The same state always makes the same plan, so that an interrupted import can go on.
import { unreachable } from "../assert.ts";
import type { GroupWrite, ImportedTable } from "../command.ts";
import type { FeatureLevel } from "../feature-level.ts";
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
];

/** `root`: the state hash of that state. */
export function importPlan(state: State, root: string): ImportPlan {
  const id = `${root}-${planForm}`;
  const steps: Step<"admin.importRows">[] = [];
  const version = stepVersionOf(state.featureLevel);
  let rows = 0;
  for (const table of importedTables) {
    for (const bytes of stepsOf(state, table)) {
      const args = { id, step: steps.length, table, version, bytes };
      steps.push({ name: "admin.importRows", args });
    }
    rows += state[table].count;
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

function stepsOf(state: State, table: ImportedTable): Iterable<Uint8Array> {
  switch (table) {
    case "partitions":
      return cutTable(state.partitions);
    case "cancelMarks":
      return cutTable(state.cancelMarks);
    case "queueKeys":
      return cutTable(state.queueKeys);
    case "executionKeys":
      return cutTable(state.executionKeys);
    case "pauses":
      return cutTable(state.pauses);
    case "cancelRules":
      return cutTable(state.cancelRules);
    default:
      return unreachable(table);
  }
}

function* cutTable<Kind extends Row>(table: Table<Kind>): Iterable<Uint8Array> {
  const writer = new Writer();
  writer.reset(0);
  for (let address = 0; address < table.bucketCount; address++) {
    for (const row of sortedRows(table.bucket(address))) {
      table.spec.codec.write(row, writer);
      if (writer.length < importStepBytes) continue;
      yield writer.take();
      writer.reset(0);
    }
  }
  if (writer.length > 0) yield writer.take();
}
