// job-start.ts — what a start says of its job (SEMANTICS §3), and the part of it that is remembered while the
// job waits: what it is to be once it runs, and what rules may ask about it.
import type { DescribedJob } from "../cancel/cancelled-by.ts";
import type { JobId, Key, Selector } from "../ids.ts";
import { key, selector } from "../ids.ts";
import { tagsMax } from "../limits.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";

export interface JobStart {
  readonly jobId: JobId;
  readonly job: JobAsStarted;
  /** Undefined: it runs beside all others. */
  readonly executionKey: WantedKey | undefined;
  /** From another session, which may not know that it has lost the job. */
  readonly takeover: boolean;
}

export interface WantedKey {
  readonly key: Key;
  readonly onBusy: "wait" | "reject";
  /** Of the log's time; undefined: as long as the session lives. */
  readonly waitTimeoutMs: number | undefined;
}

export interface JobAsStarted {
  /** The name of one queue. */
  readonly queue: Selector;
  readonly unique: Unique | null;
  readonly tags: readonly string[];
  /** Wall time. */
  readonly enqueuedAt: number | null;
}

/** The queue key under which it was queued, and what frees it. */
export interface Unique {
  readonly queueKey: Key;
  readonly until: "start" | "finish";
}

/** As rules ask about it. Of a job that only asks for a key no more is known than its id. */
export function describedJob(jobId: JobId, job: JobAsStarted | null): DescribedJob {
  if (job === null) return { jobId, queue: undefined, tags: [], enqueuedAt: undefined };
  const { queue, tags, enqueuedAt } = job;
  return { jobId, queue, tags, enqueuedAt: enqueuedAt ?? undefined };
}

export function writeJobAsStarted(job: JobAsStarted, writer: Writer): void {
  writer.text(job.queue);
  writeTags(job.tags, writer);
  writer.optionalCount(job.enqueuedAt);
  writer.optionalText(job.unique === null ? null : job.unique.queueKey);
  if (job.unique !== null) writer.byte(job.unique.until === "finish" ? 1 : 0);
}

export function readJobAsStarted(reader: Reader): JobAsStarted {
  const queue = selector(reader.name());
  const tags = readTags(reader);
  const enqueuedAt = reader.optionalCount();
  const queueKey = reader.optionalName();
  if (queueKey === null) return { queue, unique: null, tags, enqueuedAt };
  const until = reader.flag() ? "finish" : "start";
  return { queue, unique: { queueKey: key(queueKey), until }, tags, enqueuedAt };
}

export function writeTags(tags: readonly string[], writer: Writer): void {
  writer.count(tags.length);
  for (const tag of tags) writer.text(tag);
}

export function readTags(reader: Reader): readonly string[] {
  const tags: string[] = [];
  const count = reader.count();
  if (count > tagsMax) throw new DamagedSnapshotError("a job has as many tags as it may");
  for (let left = count; left > 0; left--) tags.push(reader.name());
  return tags;
}
