// pause-queue.ts — `queue.pause` and Roger's form 10: no new starts from this queue. A queue need not
// be known. Who paused first stays on record; pausing again is no change.
import { changed, type Decision, isRefusal, ok, quotaExceeded, unchanged } from "../decision.ts";
import type { Selector } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import { utf8Length } from "../snapshot/writer.ts";
import type { Moment, State } from "../state.ts";
import { newPause } from "./pause.ts";

export interface Pausing {
  readonly selector: Selector;
  readonly by: string;
  readonly reason: string;
}

export function pauseQueue(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly pausing: Pausing },
): Decision {
  const { partition } = asked;
  const { selector, by, reason } = asked.pausing;
  if (partition.pauses.has(selector)) return unchanged;
  const current = partition.pauses.size;
  if (current >= state.limits.pausesMax) return quotaExceeded({ limit: "pauses", current });
  const bytes = utf8Length(selector);
  if (partition.pausesBytes + bytes > state.limits.pausesBytesMax) {
    return quotaExceeded({ limit: "pausesBytes", current: partition.pausesBytes });
  }
  const pause = newPause({ partition, selector, by, reason, sinceWallMs: moment.wallMs });
  state.pauses.insert(pause);
  partition.pauses.set(selector, pause);
  partition.pausesBytes += bytes;
  return changed;
}

/** Roger's form 10: `ok`, also when it was paused. */
export function rogerPause(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly queue: Selector },
): Decision {
  const pausing = { selector: asked.queue, by: "", reason: "" };
  const decision = pauseQueue(state, moment, { partition: asked.partition, pausing });
  return isRefusal(decision) ? decision : ok;
}
