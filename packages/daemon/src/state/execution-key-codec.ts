// execution-key-codec.ts — the arguments of `executionKey.*` ↔ values of a log entry.
import {
  fencingToken,
  type JobId,
  jobId,
  type Key,
  key,
  type LimitRule,
  type PartitionId,
  type PartitionWrite,
} from "@rogerd/global-state";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";

export type ExecutionKeyWrite = Extract<PartitionWrite, { name: `executionKey.${string}` }>;

export const executionKeyNumbers: {
  readonly "executionKey.acquire": 34;
  readonly "executionKey.withdraw": 35;
  readonly "executionKey.release": 36;
  readonly "executionKey.setRules": 37;
} = {
  "executionKey.acquire": 34,
  "executionKey.withdraw": 35,
  "executionKey.release": 36,
  "executionKey.setRules": 37,
};

const modes = ["try", "wait"] as const;

export function isOfExecutionKey(write: PartitionWrite): write is ExecutionKeyWrite {
  return write.name in executionKeyNumbers;
}

export function pushOfExecutionKey(values: FlatValue[], write: ExecutionKeyWrite): void {
  switch (write.name) {
    case "executionKey.acquire": {
      const { mode, waitTimeoutMs } = write.args;
      values.push(write.args.key, write.args.owner, modes.indexOf(mode), waitTimeoutMs ?? null);
      return;
    }
    case "executionKey.withdraw":
      values.push(write.args.key, write.args.owner);
      return;
    case "executionKey.release":
      values.push(write.args.key, write.args.owner, write.args.token);
      return;
    case "executionKey.setRules":
      values.push(write.args.rules.length);
      for (const { prefix, limit, maxHoldMs, maxWaiters } of write.args.rules) {
        values.push(prefix, limit, maxHoldMs ?? null, maxWaiters ?? null);
      }
  }
}

/** Undefined: it is another command. */
export function readOfExecutionKey(
  reader: FlatReader,
  of: { readonly number: number; readonly partition: PartitionId },
): ExecutionKeyWrite | undefined {
  const { number, partition } = of;
  switch (number) {
    case executionKeyNumbers["executionKey.acquire"]: {
      const args = { ...readKeyAndOwner(reader), ...readMode(reader) };
      return { name: "executionKey.acquire", partition, args };
    }
    case executionKeyNumbers["executionKey.withdraw"]:
      return { name: "executionKey.withdraw", partition, args: readKeyAndOwner(reader) };
    case executionKeyNumbers["executionKey.release"]: {
      const args = { ...readKeyAndOwner(reader), token: fencingToken(reader.count("token")) };
      return { name: "executionKey.release", partition, args };
    }
    case executionKeyNumbers["executionKey.setRules"]: {
      const rules = reader.list("rules", { countMax: 2 ** 10 }, () => readRule(reader));
      return { name: "executionKey.setRules", partition, args: { rules } };
    }
    default:
      return undefined;
  }
}

function readKeyAndOwner(reader: FlatReader): { readonly key: Key; readonly owner: JobId } {
  return { key: key(readText(reader)), owner: jobId(readText(reader)) };
}

function readMode(reader: FlatReader): {
  readonly mode: (typeof modes)[number];
  readonly waitTimeoutMs: number | undefined;
} {
  const mode = modes[reader.count("mode")];
  if (mode === undefined) throw new MalformedError("a mode of waiting is not known");
  return { mode, waitTimeoutMs: reader.optional(() => reader.count("waitTimeoutMs")) };
}

function readRule(reader: FlatReader): LimitRule {
  return {
    prefix: readText(reader),
    limit: reader.count("limit"),
    maxHoldMs: reader.optional(() => reader.count("maxHoldMs")),
    maxWaiters: reader.optional(() => reader.count("maxWaiters")),
  };
}

function readText(reader: FlatReader): string {
  return reader.text("text", { charactersMax: 2 ** 20 });
}
