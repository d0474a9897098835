// start-partition.ts — `partition.start`: once; again is no change (SEMANTICS §3). With `ifAbsent` only one
// that never was is started: who stopped a partition on purpose is not overruled by who only needs one.

import { assert } from "../assert.ts";
import type { PartitionWrite, Write } from "../command.ts";
import { changed, type Decision, quotaExceeded, unchanged } from "../decision.ts";
import type { PartitionId } from "../ids.ts";
import type { Moment, State } from "../state.ts";
import { newPartition } from "./partition.ts";
import { findPartition } from "./partitions.ts";

/** A partition of that name is still being emptied: the start is to come again (drop-partition.ts). */
export function isTooEarly(state: State, write: Write): boolean {
  return (
    write.name === "partition.start" &&
    findPartition(state, write.partition)?.dropping !== undefined
  );
}

export function startPartition(
  state: State,
  moment: Moment,
  { partition: id, args }: Extract<PartitionWrite, { name: "partition.start" }>,
): Decision {
  const found = findPartition(state, id);
  if (found?.isStarted === true) return unchanged;
  assert(found?.dropping === undefined, "who starts too early was told so before");
  if (found !== undefined) {
    if (args.ifAbsent === true) return unchanged;
    state.partitions.touch(found);
    found.isStarted = true;
    found.sinceWallMs = moment.wallMs;
    return changed;
  }
  const current = state.partitions.count;
  if (current >= state.limits.partitionsMax) return quotaExceeded({ limit: "partitions", current });
  addPartition(state, moment, id);
  return changed;
}

function addPartition(state: State, moment: Moment, id: PartitionId): void {
  state.counters.partition += 1;
  const number = state.counters.partition;
  const partition = newPartition({ id, number, isStarted: true, sinceWallMs: moment.wallMs });
  state.partitions.insert(partition);
  state.partitionsByNumber.set(number, partition);
}
