// end-run.ts — a job runs no more: its key is freed with it, and who is next gets it in the same entry
// (SEMANTICS §4.3, SEMANTICS §4.4). What a finish means beyond that is decided in finish-run.ts.
import { assert } from "../assert.ts";
import { endHold, type HoldEnd } from "../execution-key/end-hold.ts";
import { type ExecutionKey, holderWith } from "../execution-key/execution-key.ts";
import { settle } from "../execution-key/settle.ts";
import type { Key } from "../ids.ts";
import { nameIn } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import type { Run } from "./run.ts";
import { removeRun } from "./runs.ts";
import { tellFenced } from "./tell-session.ts";

export function endRun(
  state: State,
  moment: Moment,
  end: { readonly run: Run; readonly cause: HoldEnd },
): void {
  const { run, cause } = end;
  if (run.executionKey === null) {
    removeRun(state, run);
    return tellFenced(state, moment, { run, cause });
  }
  const row = keyOfRun(state, { run, executionKey: run.executionKey });
  endHold(state, moment, { row, holder: holderWith(row, run.token), cause });
  settle(state, moment, row);
}

export function keyOfRun(
  state: State,
  of: { readonly run: Run; readonly executionKey: Key },
): ExecutionKey {
  const partition = partitionNumbered(state, of.run.scope);
  const row = state.executionKeys.find(nameIn(partition, of.executionKey));
  assert(row !== undefined, "a run with a key is its holder (I4)");
  return row;
}
