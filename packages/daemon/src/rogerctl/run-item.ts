// run-item.ts — a job that runs, and one that has finished and is remembered, as a daemon lists them, read
// without believing it.
import { numberAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

export interface Run {
  readonly jobId: string;
  readonly queue: string | null;
  /** It runs as long as this lives. */
  readonly session: number | null;
  readonly token: number | null;
  readonly since: string | null;
  readonly executionKey: string | null;
  /** That its end frees. */
  readonly queueKey: string | null;
  readonly tags: readonly string[];
}

export interface FinishedJob {
  readonly jobId: string;
  /** `completed`, `cancelled` or `dead`. */
  readonly outcome: string | null;
  readonly at: string | null;
  readonly rememberedUntil: string | null;
}

export function readRun(item: WireObject): Run {
  const tags: unknown = item["tags"];
  return {
    jobId: textAt(item, "jobId") ?? "",
    queue: textAt(item, "queue") ?? null,
    session: numberAt(item, "session") ?? null,
    token: numberAt(item, "token") ?? null,
    since: timeAt(item, "since"),
    executionKey: textAt(item, "executionKey") ?? null,
    queueKey: textAt(item, "queueKey") ?? null,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
  };
}

export function readFinishedJob(item: WireObject): FinishedJob {
  return {
    jobId: textAt(item, "jobId") ?? "",
    outcome: textAt(item, "outcome") ?? null,
    at: timeAt(item, "at"),
    rememberedUntil: timeAt(item, "rememberedUntil"),
  };
}
