// partition-codec.ts — the arguments of `partition.update` and `partition.drop` ↔ values of a log entry. A setting is
// written as its place among the names (global-state), which never changes.
import {
  type PartitionId,
  type PartitionWrite,
  partitionDefaultNames,
  partitionLimitNames,
  type SettingsChange,
} from "@rogerd/global-state";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";

type SettingWrite = Extract<PartitionWrite, { name: "partition.update" | "partition.drop" }>;

export const partitionNumbers: {
  readonly "partition.update": 13;
  readonly "partition.drop": 14;
} = { "partition.update": 13, "partition.drop": 14 };

export function isOfPartitionItself(write: PartitionWrite): write is SettingWrite {
  return write.name in partitionNumbers;
}

export function pushOfPartitionItself(values: FlatValue[], write: SettingWrite): void {
  if (write.name === "partition.drop") return;
  pushSettings(values, partitionLimitNames, write.args.limits);
  pushSettings(values, partitionDefaultNames, write.args.defaults);
}

/** Undefined: it is another command. */
export function readOfPartitionItself(
  reader: FlatReader,
  of: { readonly number: number; readonly partition: PartitionId },
): SettingWrite | undefined {
  const { number, partition } = of;
  switch (number) {
    case partitionNumbers["partition.drop"]:
      return { name: "partition.drop", partition, args: {} };
    case partitionNumbers["partition.update"]: {
      const limits = readSettings(reader, partitionLimitNames);
      const defaults = readSettings(reader, partitionDefaultNames);
      return { name: "partition.update", partition, args: { limits, defaults } };
    }
    default:
      return undefined;
  }
}

function pushSettings<Name extends string>(
  values: FlatValue[],
  names: readonly Name[],
  change: SettingsChange<Name>,
): void {
  values.push(Object.keys(change).length);
  for (const [number, name] of names.entries()) {
    const value = change[name];
    if (value !== undefined) values.push(number, value);
  }
}

function readSettings<Name extends string>(
  reader: FlatReader,
  names: readonly Name[],
): SettingsChange<Name> {
  const change: Partial<Record<Name, number | null>> = {};
  reader.list("settings", { countMax: 2 ** 10 }, () => {
    const name = names[reader.count("setting")];
    if (name === undefined) throw new MalformedError("a setting is not known");
    change[name] = reader.optional(() => reader.count("value")) ?? null;
  });
  return change;
}
