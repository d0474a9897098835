// stop-partition.ts — `partition.stop`: it answers `not_started` from now on and keeps its state;
// expiries and deadlines go on inside it (SEMANTICS §3).
import { changed, type Decision, unchanged } from "../decision.ts";
import type { PartitionId } from "../ids.ts";
import type { Moment, State } from "../state.ts";
import { startedPartition } from "./partitions.ts";

export function stopPartition(state: State, moment: Moment, id: PartitionId): Decision {
  const partition = startedPartition(state, id);
  if (partition === undefined) return unchanged;
  state.partitions.touch(partition);
  partition.isStarted = false;
  partition.sinceWallMs = moment.wallMs;
  return changed;
}
