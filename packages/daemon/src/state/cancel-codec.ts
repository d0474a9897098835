// cancel-codec.ts — the arguments of the commands about marks and rules ↔ values of a log entry.
import { type JobId, jobId, type PartitionId, type PartitionWrite } from "@rogerd/global-state";
import type { FlatReader, FlatValue } from "../flat-codec.ts";

export type CancelWrite = Extract<
  PartitionWrite,
  { name: "cancel.mark" | "cancel.clear" | "cancel.addRule" | "cancel.removeRule" }
>;

type RuleArgs = Extract<CancelWrite, { name: "cancel.addRule" }>["args"];

export const cancelNumbers: {
  readonly "cancel.mark": 40;
  readonly "cancel.clear": 41;
  readonly "cancel.addRule": 42;
  readonly "cancel.removeRule": 43;
} = { "cancel.mark": 40, "cancel.clear": 41, "cancel.addRule": 42, "cancel.removeRule": 43 };

export function isOfCancel(write: PartitionWrite): write is CancelWrite {
  return write.name in cancelNumbers;
}

export function pushOfCancel(values: FlatValue[], write: CancelWrite): void {
  switch (write.name) {
    case "cancel.mark": {
      const { jobIds, by, reason, ttlMs } = write.args;
      values.push(jobIds.length, ...jobIds, by, reason, ttlMs ?? null);
      return;
    }
    case "cancel.clear":
      values.push(write.args.jobIds.length, ...write.args.jobIds);
      return;
    case "cancel.addRule": {
      const { queue, jobIdPrefix, tag, enqueuedBefore, by, reason, ttlMs } = write.args;
      values.push(queue ?? null, jobIdPrefix ?? null, tag ?? null, enqueuedBefore ?? null);
      values.push(by, reason, ttlMs ?? null);
      return;
    }
    case "cancel.removeRule":
      values.push(write.args.rule);
  }
}

/** Undefined: it is another command. */
export function readOfCancel(
  reader: FlatReader,
  number: number,
  partition: PartitionId,
): CancelWrite | undefined {
  switch (number) {
    case cancelNumbers["cancel.mark"]:
      return { name: "cancel.mark", partition, args: readMark(reader) };
    case cancelNumbers["cancel.clear"]:
      return { name: "cancel.clear", partition, args: { jobIds: readJobIds(reader) } };
    case cancelNumbers["cancel.addRule"]:
      return { name: "cancel.addRule", partition, args: readRule(reader) };
    case cancelNumbers["cancel.removeRule"]:
      return { name: "cancel.removeRule", partition, args: { rule: readText(reader) } };
    default:
      return undefined;
  }
}

function readMark(reader: FlatReader): Extract<CancelWrite, { name: "cancel.mark" }>["args"] {
  return {
    jobIds: readJobIds(reader),
    by: readText(reader),
    reason: readText(reader),
    ttlMs: reader.optional(() => reader.count("ttlMs")),
  };
}

function readJobIds(reader: FlatReader): readonly JobId[] {
  return reader.list("jobIds", { countMax: 2 ** 16 }, () => jobId(readText(reader)));
}

function readRule(reader: FlatReader): RuleArgs {
  const queue = reader.optional(() => readText(reader));
  const jobIdPrefix = reader.optional(() => readText(reader));
  const tag = reader.optional(() => readText(reader));
  const enqueuedBefore = reader.optional(() => reader.count("enqueuedBefore"));
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(jobIdPrefix === undefined ? {} : { jobIdPrefix }),
    ...(tag === undefined ? {} : { tag }),
    ...(enqueuedBefore === undefined ? {} : { enqueuedBefore }),
    by: readText(reader),
    reason: readText(reader),
    ttlMs: reader.optional(() => reader.count("ttlMs")),
  };
}

function readText(reader: FlatReader): string {
  return reader.text("text", { charactersMax: 2 ** 20 });
}
