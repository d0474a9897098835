// start-partition.ts — `partition.start`: once; again is no change (SEMANTICS §3). With `ifAbsent` only one
// that never was is started: who stopped a partition on purpose is not overruled by who only needs one.

import type { PartitionWrite } from "../command.ts";
import { changed, type Decision, quotaExceeded, unchanged } from "../decision.ts";
import type { PartitionId } from "../ids.ts";
import type { Moment, State } from "../state.ts";
import { newPartition } from "./partition.ts";
import { findPartition } from "./partitions.ts";

export function startPartition(
  state: State,
  moment: Moment,
  { partition: id, args }: Extract<PartitionWrite, { name: "partition.start" }>,
): Decision {
  const found = findPartition(state, id);
  if (found?.isStarted === true) return unchanged;
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
