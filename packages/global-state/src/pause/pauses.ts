// pauses.ts — putting pauses into their table, making them stronger, taking them out, with all that counts
// them and waits for them; and which of them holds a queue. The only door to a record that lies there.
import { assert } from "../assert.ts";
import type { Selector } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { utf8Length } from "../snapshot/writer.ts";
import type { State } from "../state.ts";
import type { Pause, PauseEnd, PauseMode } from "./pause.ts";

const allQueues = "*";

/** What keeps jobs of this queue from starting; where both its name and `*` do, the one that stops. */
export function pauseInForce(partition: Partition, queue: Selector): Pause | undefined {
  const ofAll = partition.pauses.get(allQueues);
  const byName = partition.pauses.get(queue);
  return ofAll?.mode === "stop" ? ofAll : (byName ?? ofAll);
}

/** The caller has looked: there is none, and there is room. */
export function addPause(
  state: State,
  added: { readonly partition: Partition; readonly pause: Pause },
): void {
  const { partition, pause } = added;
  state.pauses.insert(pause);
  if (pause.end !== undefined) state.deadlines.add(pause.end);
  partition.pauses.set(pause.key, pause);
  partition.pausesBytes += utf8Length(pause.key);
}

/** Longer, or stopping where it drained. */
export function strengthenPause(
  state: State,
  stronger: {
    readonly pause: Pause;
    readonly mode: PauseMode;
    readonly end: PauseEnd | undefined;
  },
): void {
  const { pause, mode, end } = stronger;
  state.pauses.touch(pause);
  if (pause.end !== undefined) state.deadlines.remove(pause.end);
  pause.mode = mode;
  pause.end = end;
  if (end !== undefined) state.deadlines.add(end);
}

export function removePause(state: State, pause: Pause): void {
  const partition = partitionNumbered(state, pause.scope);
  partition.pauses.delete(pause.key);
  partition.pausesBytes -= utf8Length(pause.key);
  if (pause.end !== undefined) state.deadlines.remove(pause.end);
  if (pause.stopping !== undefined) state.deadlines.remove(pause.stopping);
  state.pauses.remove(pause);
}

/** Its time is over, and nobody resumed it before. */
export function removeEndedPause(state: State, end: PauseEnd): void {
  const pause = state.pauses.find(end);
  assert(pause?.end === end, "an end that is due belongs to a pause");
  removePause(state, pause);
}
