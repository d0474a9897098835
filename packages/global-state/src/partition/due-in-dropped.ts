// due-in-dropped.ts — what falls due in a partition that is dropped, while that is emptied: it goes as the emptying takes it
// (empty-partition.ts), only sooner. Nobody is told a second, other end of what ended with its partition, nothing is granted on,
// and nothing stays due that would keep others from their turn.
import { assert } from "../assert.ts";
import type { ExecutionKey } from "../execution-key/execution-key.ts";
import { takeWork } from "../execution-key/settle.ts";
import type { Stopping } from "../pause/pause.ts";
import { removePause } from "../pause/pauses.ts";
import type { Due, Moment, State } from "../state.ts";
import {
  endDroppedWait,
  forgetLimitRules,
  freeDroppedKey,
  type MayGoOn,
} from "./empty-partition.ts";

/** Whether it is of such a partition, and is taken. What has no other end than its own goes as ever. */
export function takeDueInDropped(
  state: State,
  moment: Moment,
  taken: { readonly due: Due; readonly mayGoOn: MayGoOn },
): boolean {
  const { due, mayGoOn } = taken;
  const partition = state.partitionsByNumber.get(due.scope);
  if (partition?.dropping === undefined) return false;
  switch (due.kind) {
    case "waiter":
      endDroppedWait(state, moment, due);
      return true;
    case "executionKey":
      takeDroppedKey(state, moment, { row: due, mayGoOn });
      return true;
    case "stopping":
      takeDroppedStop(state, due);
      return true;
    case "limitRules":
      forgetLimitRules(state, partition);
      return true;
    default:
      return false;
  }
}

/** Who waits for it first: a key with room and a line would be due again at once. */
function takeDroppedKey(
  state: State,
  moment: Moment,
  taken: { readonly row: ExecutionKey; readonly mayGoOn: MayGoOn },
): void {
  const { row, mayGoOn } = taken;
  for (const waiter of row.line.items()) {
    if (!mayGoOn()) return;
    takeWork(moment);
    endDroppedWait(state, moment, waiter);
  }
  // The last one who waited took the record along, where nobody held it.
  if (state.executionKeys.find(row) === row) freeDroppedKey(state, moment, taken);
}

function takeDroppedStop(state: State, stopping: Stopping): void {
  const pause = state.pauses.find(stopping);
  assert(pause?.stopping === stopping, "what is due belongs to a pause");
  removePause(state, pause);
}
