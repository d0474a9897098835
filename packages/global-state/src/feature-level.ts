// feature-level.ts — which rules hold from which index on (SEMANTICS §3, RAFT E8). Old entries must replay as
// they did, and a node that does not know a command may not skip it: so new commands and what they make
// belong to the next level, which an entry raises once every member runs a program that knows it.
import type { Write } from "./command.ts";

export type FeatureLevel = 1 | 2;

/** A cluster begins with it; its snapshots are read by every rogerd there was. */
export const featureLevelFirst: FeatureLevel = 1;

/** As far as this program knows the rules. */
export const featureLevelLast: FeatureLevel = 2;

/** A snapshot of a level that this program does not know can't be continued by it. */
export function isKnownFeatureLevel(level: number): level is FeatureLevel {
  return level === 1 || level === 2;
}

/** At which level a write may be put into the log. Reads change nothing: any level has them. */
export function featureLevelOf(write: Write): FeatureLevel {
  if (write.name === "session.open" && write.args.keyDelayMs !== undefined) return 2;
  if (write.name === "queue.pause") return isPlainPause(write.args) ? 1 : 2;
  if (write.name === "admin.importRows") return write.args.version === 2 ? 2 : 1;
  return firstWrites.has(write.name) ? 1 : 2;
}

function isPlainPause({ until, mode }: Extract<Write, { name: "queue.pause" }>["args"]): boolean {
  return until === undefined && mode === undefined;
}

const firstWrites: ReadonlySet<string> = new Set<Write["name"]>([
  "session.open",
  "session.close",
  "session.expire",
  "partition.start",
  "partition.stop",
  "roger.cancelJob",
  "roger.isCancelled",
  "roger.isQueued",
  "roger.removeQueued",
  "roger.isExecuting",
  "roger.removeExecuted",
  "roger.queuePause",
  "roger.queueResume",
  "cancel.mark",
  "queue.resume",
  "admin.importBegin",
  "admin.importEnd",
  "admin.leapTokens",
  "admin.raiseFeatureLevel",
]);
