// queue-key-codec.ts — the arguments of the commands about owned queue keys ↔ values of a log entry.
import {
  type JobId,
  jobId,
  type Key,
  key,
  type OnConflict,
  type PartitionId,
  type PartitionWrite,
} from "@rogerd/global-state";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";

export type QueueKeyWrite = Extract<PartitionWrite, { name: `queueKey.${string}` }>;

export const queueKeyNumbers: {
  readonly "queueKey.claim": 30;
  readonly "queueKey.confirm": 31;
  readonly "queueKey.extend": 32;
  readonly "queueKey.release": 33;
} = {
  "queueKey.claim": 30,
  "queueKey.confirm": 31,
  "queueKey.extend": 32,
  "queueKey.release": 33,
};

/** Their places are their numbers in the log; never used again for another. */
const conflicts: readonly OnConflict[] = ["reject", "replace", "replaceAndCancel", "extend"];

export function isOfQueueKey(write: PartitionWrite): write is QueueKeyWrite {
  return write.name in queueKeyNumbers;
}

export function pushOfQueueKey(values: FlatValue[], write: QueueKeyWrite): void {
  values.push(write.args.key, write.args.owner);
  switch (write.name) {
    case "queueKey.claim": {
      const { ttlMs, provisionalMs, onConflict } = write.args;
      values.push(ttlMs ?? null, provisionalMs ?? null, conflicts.indexOf(onConflict));
      return;
    }
    case "queueKey.extend":
      values.push(write.args.ttlMs);
      return;
    case "queueKey.confirm":
    case "queueKey.release":
  }
}

/** Undefined: it is another command. */
export function readOfQueueKey(
  reader: FlatReader,
  number: number,
  partition: PartitionId,
): QueueKeyWrite | undefined {
  switch (number) {
    case queueKeyNumbers["queueKey.claim"]:
      return {
        name: "queueKey.claim",
        partition,
        args: { ...readOwned(reader), ...readClaim(reader) },
      };
    case queueKeyNumbers["queueKey.confirm"]:
      return { name: "queueKey.confirm", partition, args: readOwned(reader) };
    case queueKeyNumbers["queueKey.extend"]: {
      const args = { ...readOwned(reader), ttlMs: reader.count("ttlMs") };
      return { name: "queueKey.extend", partition, args };
    }
    case queueKeyNumbers["queueKey.release"]:
      return { name: "queueKey.release", partition, args: readOwned(reader) };
    default:
      return undefined;
  }
}

function readOwned(reader: FlatReader): { key: Key; owner: JobId } {
  return { key: key(readText(reader)), owner: jobId(readText(reader)) };
}

function readClaim(reader: FlatReader): {
  ttlMs: number | undefined;
  provisionalMs: number | undefined;
  onConflict: OnConflict;
} {
  return {
    ttlMs: reader.optional(() => reader.count("ttlMs")),
    provisionalMs: reader.optional(() => reader.count("provisionalMs")),
    onConflict: readConflict(reader),
  };
}

function readConflict(reader: FlatReader): OnConflict {
  const number = reader.count("onConflict");
  const conflict = conflicts[number];
  if (conflict === undefined) throw new MalformedError(`conflict mode ${number} is not known`);
  return conflict;
}

function readText(reader: FlatReader): string {
  return reader.text("text", { charactersMax: 2 ** 20 });
}
