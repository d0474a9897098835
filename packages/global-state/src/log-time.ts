// log-time.ts — the only clock here (SEMANTICS §5, I10): it comes with the entry and never goes back.
import type { LogTimeMs } from "./ids.ts";
import { logTimeMs } from "./ids.ts";

/** The deadline of what waits for no time. */
export const never: LogTimeMs = logTimeMs(Number.MAX_SAFE_INTEGER);
/** The deadline of what is due at once; and where nothing is put off. */
export const notAtAll: LogTimeMs = logTimeMs(0);

/** A leader whose clock lags behind the log's stands still until it has caught up. */
export function advance(times: { readonly last: LogTimeMs; readonly now: LogTimeMs }): LogTimeMs {
  return times.now > times.last ? times.now : times.last;
}

export function after(start: LogTimeMs, durationMs: number): LogTimeMs {
  return logTimeMs(start + durationMs);
}
