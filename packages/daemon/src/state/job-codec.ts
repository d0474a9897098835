// job-codec.ts — the arguments of `job.*` ↔ values of a log entry.
import {
  fencingToken,
  type JobFinish,
  type JobStart,
  jobId,
  key,
  type PartitionId,
  type PartitionWrite,
  selector,
  type Unique,
  type WantedKey,
} from "@rogerd/global-state";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";

export type JobWrite = Extract<PartitionWrite, { name: `job.${string}` }>;

export const jobNumbers: {
  readonly "job.start": 70;
  readonly "job.finish": 71;
  readonly "job.finishAndStart": 72;
} = { "job.start": 70, "job.finish": 71, "job.finishAndStart": 72 };

/** Commands of their own in the log: with the token of the run that finishes. */
const withToken = { "job.finish": 73, "job.finishAndStart": 74 } as const;

export function numberOfJob(write: JobWrite): number {
  if (write.name === "job.start") return jobNumbers[write.name];
  const { token } = write.name === "job.finish" ? write.args : write.args.finish;
  return token === undefined ? jobNumbers[write.name] : withToken[write.name];
}

/** In the order of their numbers in the log. */
const outcomes = ["completed", "cancelled", "dead", "retry"] as const;
const onBusys = ["wait", "reject"] as const;
const untils = ["start", "finish"] as const;

export function isOfJob(write: PartitionWrite): write is JobWrite {
  return write.name in jobNumbers;
}

export function pushOfJob(values: FlatValue[], write: JobWrite): void {
  switch (write.name) {
    case "job.start":
      return pushStart(values, write.args);
    case "job.finish":
      return pushFinish(values, write.args);
    case "job.finishAndStart":
      pushFinish(values, write.args.finish);
      return pushStart(values, write.args.start);
  }
}

/** Undefined: it is another command. */
export function readOfJob(
  reader: FlatReader,
  number: number,
  partition: PartitionId,
): JobWrite | undefined {
  switch (number) {
    case jobNumbers["job.start"]:
      return { name: "job.start", partition, args: readStart(reader) };
    case jobNumbers["job.finish"]:
    case withToken["job.finish"]:
      return { name: "job.finish", partition, args: readFinish(reader, number) };
    case jobNumbers["job.finishAndStart"]:
    case withToken["job.finishAndStart"]: {
      const finish = readFinish(reader, number);
      const args = { finish, start: readStart(reader) };
      return { name: "job.finishAndStart", partition, args };
    }
    default:
      return undefined;
  }
}

/** All numbers that entries may have. */
export const jobNumbersInLog: readonly number[] = [
  ...Object.values(jobNumbers),
  ...Object.values(withToken),
];

function pushStart(values: FlatValue[], start: JobStart): void {
  const { queue, unique, tags, enqueuedAt } = start.job;
  values.push(start.jobId, queue, unique?.queueKey ?? null);
  if (unique !== null) values.push(untils.indexOf(unique.until));
  values.push(tags.length, ...tags, enqueuedAt);
  const wanted = start.executionKey;
  values.push(wanted?.key ?? null);
  if (wanted !== undefined) {
    values.push(onBusys.indexOf(wanted.onBusy), wanted.waitTimeoutMs ?? null);
  }
  values.push(start.takeover);
}

function readStart(reader: FlatReader): JobStart {
  const id = jobId(readText(reader));
  const queue = selector(readText(reader));
  const unique = reader.optional(() => readUnique(reader)) ?? null;
  const tags = reader.list("tags", { countMax: 2 ** 10 }, () => readText(reader));
  const enqueuedAt = reader.optional(() => reader.count("enqueuedAt")) ?? null;
  const executionKey = reader.optional(() => readWanted(reader));
  const takeover = reader.flag("takeover");
  return { jobId: id, job: { queue, unique, tags, enqueuedAt }, executionKey, takeover };
}

function readUnique(reader: FlatReader): Unique {
  const queueKey = key(readText(reader));
  return { queueKey, until: readOneOf(reader, untils) };
}

function readWanted(reader: FlatReader): WantedKey {
  const wanted = key(readText(reader));
  const onBusy = readOneOf(reader, onBusys);
  return {
    key: wanted,
    onBusy,
    waitTimeoutMs: reader.optional(() => reader.count("waitTimeoutMs")),
  };
}

function pushFinish(values: FlatValue[], finish: JobFinish): void {
  const { outcome, keepQueueKey, rememberMs, token } = finish;
  if (token !== undefined) values.push(token);
  values.push(finish.jobId, outcomes.indexOf(outcome), keepQueueKey, rememberMs ?? null);
}

function readFinish(reader: FlatReader, number: number): JobFinish {
  const hasToken = number === withToken["job.finish"] || number === withToken["job.finishAndStart"];
  const token = hasToken ? fencingToken(reader.count("token")) : undefined;
  return {
    jobId: jobId(readText(reader)),
    token,
    outcome: readOneOf(reader, outcomes),
    keepQueueKey: reader.flag("keepQueueKey"),
    rememberMs: reader.optional(() => reader.count("rememberMs")),
  };
}

function readOneOf<Word extends string>(reader: FlatReader, words: readonly Word[]): Word {
  const word = words[reader.count("word")];
  if (word === undefined) throw new MalformedError(`none of ${words.join(", ")}`);
  return word;
}

function readText(reader: FlatReader): string {
  return reader.text("text", { charactersMax: 2 ** 20 });
}
