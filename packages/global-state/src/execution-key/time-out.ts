// time-out.ts — somebody has waited as long as it wanted to: it leaves the line, wherever it stands.
import { assert } from "../assert.ts";
import { nameIn } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import type { ExecutionKey } from "./execution-key.ts";
import { settle } from "./settle.ts";
import { endWait, leaveLine, sessionOfWaiter } from "./wait.ts";
import type { Waiter } from "./waiter.ts";

export function timeOut(state: State, moment: Moment, waiter: Waiter): void {
  const row = keyOf(state, waiter);
  const session = sessionOfWaiter(state, waiter);
  leaveLine(state, { row, waiter, session });
  endWait(state, moment, { waiter, session, ending: { kind: "timed_out" } });
  settle(state, moment, row);
}

export function keyOf(state: State, waiter: Waiter): ExecutionKey {
  const partition = partitionNumbered(state, waiter.scope);
  const row = state.executionKeys.find(nameIn(partition, waiter.executionKey));
  assert(row !== undefined, "a waiter waits for a key");
  return row;
}
