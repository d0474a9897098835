// disk-health.ts — is the disk keeping up (DESIGN §4, health gates; L3)? It measures the oldest
// unfinished write only. What follows from its word is the core's (stop leading) or the node's (end).

export type DiskHealthVerdict = "healthy" | "stalled" | "dead";

export interface DiskHealthLimits {
  /** A leader whose write is older than this steps down: an election timeout. */
  readonly stalledAfterMs: number;
  /** A write that is older than this ends the process. */
  readonly deadAfterMs: number;
}

/** `writingSince`: when the oldest unfinished write was started. */
export function diskHealth(
  limits: DiskHealthLimits,
  at: { readonly now: number; readonly writingSince: number | undefined },
): DiskHealthVerdict {
  if (at.writingSince === undefined) return "healthy";
  if (at.now >= at.writingSince + limits.deadAfterMs) return "dead";
  return at.now >= at.writingSince + limits.stalledAfterMs ? "stalled" : "healthy";
}

/** When the verdict changes by time alone: the very instants that the verdict looks at. Computed in another
 *  way they could differ in the last digit, and a timer would ring for nothing, again and again. */
export function diskHealthChangesAt(
  limits: DiskHealthLimits,
  at: { readonly now: number; readonly writingSince: number | undefined },
): number | undefined {
  if (at.writingSince === undefined) return undefined;
  const stalledAt = at.writingSince + limits.stalledAfterMs;
  return at.now < stalledAt ? stalledAt : at.writingSince + limits.deadAfterMs;
}
