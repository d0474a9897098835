// resume-queue.ts — `queue.resume` and Roger's form 11: and on again. Resuming `*` ends the pause of
// `*` and none by name (SEMANTICS §3).
import { changed, type Decision, ok, unchanged } from "../decision.ts";
import type { Selector } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import type { Result } from "../result.ts";
import type { State } from "../state.ts";
import { removePause } from "./pauses.ts";

export function resumeQueue(
  state: State,
  resuming: { readonly partition: Partition; readonly selector: Selector },
): Decision {
  const { partition, selector } = resuming;
  const pause = partition.pauses.get(selector);
  if (pause === undefined) return unchanged;
  removePause(state, pause);
  return changed;
}

/** Roger's form 11: `ok`, also when it was not paused. */
export function rogerResume(
  state: State,
  resuming: { readonly partition: Partition; readonly queue: Selector },
): Decision {
  resumeQueue(state, { partition: resuming.partition, selector: resuming.queue });
  return ok;
}

/** Roger's form 12: all of them at once, in the order of their names. */
export function pausedQueues(partition: Partition): Result {
  return { status: "paused", queues: [...partition.pauses.keys()].sort() };
}
