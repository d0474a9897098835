// drop-partition.ts — `partition.drop`: the partition and all in it are gone. From this entry on its calls are
// answered `not_started`, and everybody who waited, held or ran there is told; what one entry may not free
// is left to further ones (SEMANTICS §4.7). Tokens and tickets go on from where they are (I3). What is
// not there, or is being emptied already, is no change.
//
// Until it is empty its name can't be started again: that is answered `overloaded`, not yet, and not kept (apply.ts).
// Two partitions of one name would each tell their own events under it, and who follows them could not
// tell whose key is free; and a start that waited in the state would be one more thing to bound and to show.
import { changed, type Decision, unchanged } from "../decision.ts";
import type { PartitionId } from "../ids.ts";
import type { Moment, State } from "../state.ts";
import { newDropping } from "./dropping.ts";
import { emptyPartition } from "./empty-partition.ts";
import { findPartition } from "./partitions.ts";
import { tellDropped } from "./tell-dropped.ts";

export function dropPartition(state: State, moment: Moment, id: PartitionId): Decision {
  const partition = findPartition(state, id);
  if (partition === undefined || partition.dropping !== undefined) return unchanged;
  state.partitions.touch(partition);
  partition.isStarted = false;
  partition.dropping = newDropping(partition, { section: 0, from: 0 });
  state.droppings.add(partition.dropping);
  tellDropped(state, moment, partition);
  emptyPartition(state, moment, { partition, dropping: partition.dropping, leave: 0 });
  return changed;
}
