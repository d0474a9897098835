// dropping-check.ts — what holds while a dropped partition is emptied (SEMANTICS §4.7, §7: I4). Looks at every row:
// part of invariants.ts, for tests, the simulator and backups that are read.
import { assert, unreachable } from "../assert.ts";
import { selector } from "../ids.ts";
import { notAtAll } from "../log-time.ts";
import type { State, Tables } from "../state.ts";
import { reversed } from "../table/hash.ts";
import type { Row } from "../table/row.ts";
import { type Dropping, type DropSection, dropSections } from "./dropping.ts";
import type { Partition } from "./partition.ts";

export function checkDropping(state: State): void {
  let count = 0;
  for (const partition of state.partitions.rows()) {
    const { dropping } = partition;
    if (dropping === undefined) continue;
    count += 1;
    checkOne(state, partition, dropping);
  }
  assert(count === state.droppings.count, "what is emptied waits for its turn, and nothing else");
  state.droppings.check();
}

function checkOne(state: State, partition: Partition, dropping: Dropping): void {
  assert(!partition.isStarted, "a partition that is dropped answers nothing");
  const { key, expiresAt, place, section, from } = dropping;
  assert(key === partition.key && place >= 0, "what is emptied waits for its turn");
  assert(expiresAt === notAtAll, "what is emptied is due at once");
  assert(section < dropSections.length, "a partition without anything is gone");
  for (const [at, name] of dropSections.entries()) {
    const rows = rowsOf(state, partition, name);
    if (at < section) assert(rows.length === 0, "a section that was emptied stays empty");
    if (at !== section || name === "waits" || name === "runs") continue;
    const isPassed = rows.some(({ hash }) => reversed(hash) < from);
    assert(!isPassed, "behind the walk there is nothing left");
  }
}

function rowsOf(state: State, partition: Partition, section: DropSection): readonly Row[] {
  switch (section) {
    case "waits":
      return [...partition.waiters.items()];
    case "runs":
      return [...partition.jobs.runsOf(selector("*")).values()];
    case "executionKeys":
    case "queueKeys":
    case "cancelMarks":
    case "cancelRules":
    case "pauses":
    case "finishedJobs":
    case "limitRules":
      return inTable(state, partition, section);
    default:
      return unreachable(section);
  }
}

function inTable(state: State, { number }: Partition, name: keyof Tables): readonly Row[] {
  const rows: Iterable<Row> = state[name].rows();
  return [...rows].filter(({ scope }) => scope === number);
}
