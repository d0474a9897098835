// partitions.ts — finding a partition, and what it means that it is not started (SEMANTICS §1, row 13).
import { assert } from "../assert.ts";
import type { PartitionId } from "../ids.ts";
import { isImporting } from "../import/import.ts";
import type { State } from "../state.ts";
import { type Partition, partitionName } from "./partition.ts";

/**
 * Undefined also for one that was never started; those of an open import are not there yet. One that is dropped is
 * there until it is empty.
 */
export function findPartition(state: State, id: PartitionId): Partition | undefined {
  if (isImporting(state)) return undefined;
  return state.partitions.find(partitionName(id));
}

/** The one that takes commands and questions; a stopped one keeps its state and answers nothing, like a dropped one. */
export function startedPartition(state: State, id: PartitionId): Partition | undefined {
  const partition = findPartition(state, id);
  return partition?.isStarted === true ? partition : undefined;
}

export function partitionNumbered(state: State, number: number): Partition {
  const partition = state.partitionsByNumber.get(number);
  assert(partition !== undefined, "a row belongs to a partition");
  return partition;
}
