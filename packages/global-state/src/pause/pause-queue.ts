// pause-queue.ts — `queue.pause` and Roger's form 10: no new starts from this queue. A queue need not
// be known. Who paused first stays on record. Pausing again only makes a pause stronger: longer, and
// stopping where it drained; so nobody shortens what another asked for. Who waits to start is let alone by a pause
// that drains: it was admitted.

import {
  changed,
  type Decision,
  invalidArgument,
  isRefusal,
  ok,
  quotaExceeded,
  unchanged,
} from "../decision.ts";
import type { Selector } from "../ids.ts";
import { after } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { limitOf } from "../partition/partition-settings.ts";
import { utf8Length } from "../snapshot/writer.ts";
import type { Moment, State } from "../state.ts";
import { newPause, newPauseEnd, type Pause, type PauseEnd } from "./pause.ts";
import { addPause, strengthenPause } from "./pauses.ts";
import { beginToStop } from "./stop-jobs.ts";

export interface Pausing {
  readonly selector: Selector;
  readonly by: string;
  readonly reason: string;
  readonly until?: number;
  readonly mode?: "stop";
}

interface Asked {
  readonly partition: Partition;
  readonly pausing: Pausing;
}

export function pauseQueue(state: State, moment: Moment, asked: Asked): Decision {
  const { partition, pausing } = asked;
  const { until, selector } = pausing;
  if (until !== undefined && until <= moment.wallMs) return isOver;
  const end = endAt(moment, asked);
  const found = partition.pauses.get(selector);
  if (found !== undefined) return pauseMore(state, moment, { found, end, mode: pausing.mode });
  const refusal = refusalOf(state, asked);
  if (refusal !== undefined) return refusal;
  const { by, reason, mode = "drain" } = pausing;
  const sinceWallMs = moment.wallMs;
  const pause = newPause({ partition, selector, by, reason, sinceWallMs, mode, end });
  addPause(state, { partition, pause });
  if (mode === "stop") beginToStop(state, moment, pause);
  return changed;
}

const isOver: Decision = invalidArgument({ path: "args.until", reason: "is over already" });

/** Wall time is converted here, once: from then on log time decides (SEMANTICS §5). */
function endAt(moment: Moment, { partition, pausing }: Asked): PauseEnd | undefined {
  const { until, selector } = pausing;
  if (until === undefined) return undefined;
  const expiresAt = after(moment.logTime, until - moment.wallMs);
  return newPauseEnd(nameIn(partition, selector), { expiresAt, untilWallMs: until });
}

function refusalOf(state: State, { partition, pausing }: Asked): Decision | undefined {
  const current = partition.pauses.size;
  if (current >= limitOf(state, { partition, limit: "pauses" }))
    return quotaExceeded({ limit: "pauses", current });
  const bytes = utf8Length(pausing.selector);
  if (partition.pausesBytes + bytes <= state.limits.pausesBytesMax) return undefined;
  return quotaExceeded({ limit: "pausesBytes", current: partition.pausesBytes });
}

function pauseMore(
  state: State,
  moment: Moment,
  more: {
    readonly found: Pause;
    readonly end: PauseEnd | undefined;
    readonly mode: "stop" | undefined;
  },
): Decision {
  const { found } = more;
  const end = laterEnd(found.end, more.end);
  const mode = more.mode ?? found.mode;
  const beginsToStop = mode !== found.mode;
  if (end === found.end && !beginsToStop) return unchanged;
  strengthenPause(state, { pause: found, mode, end });
  if (beginsToStop) beginToStop(state, moment, found);
  return changed;
}

/** Without an end is later than any. */
function laterEnd(one: PauseEnd | undefined, other: PauseEnd | undefined): PauseEnd | undefined {
  if (one === undefined || other === undefined) return undefined;
  return other.expiresAt > one.expiresAt ? other : one;
}

/** Roger's form 10: `ok`, also when it was paused. It knows no end: then the pause has none. */
export function rogerPause(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly queue: Selector },
): Decision {
  const pausing = { selector: asked.queue, by: "", reason: "" };
  const decision = pauseQueue(state, moment, { partition: asked.partition, pausing });
  return isRefusal(decision) ? decision : ok;
}
