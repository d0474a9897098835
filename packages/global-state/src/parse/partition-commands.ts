// partition-commands.ts — the arguments of `partition.*`, but for the list, and the commands they make.
import { defaultLimits } from "../limits.ts";
import { partitionDefaultNames, partitionLimitNames } from "../partition/partition-settings.ts";
import type { Fields } from "./checked-arguments.ts";
import { type CommandShape, invalid, write } from "./command-shape.ts";
import { flagField, wholeNumberField } from "./field.ts";
import { settingsField, settingsOf } from "./settings-field.ts";

const limitFields: Fields = Object.fromEntries(
  partitionLimitNames.map((name) => {
    return [name, wholeNumberField({ min: 0, max: defaultLimits[`${name}Max`] })];
  }),
);

const defaultFields: Fields = { markTtlMs: wholeNumberField(defaultLimits.markTtlMs) };

export const partitionCommands: readonly [string, CommandShape][] = [
  [
    "partition.start",
    {
      scope: "partition",
      fields: { ifAbsent: flagField },
      make: (args, partition) => {
        const name = "partition.start";
        return write({ name, partition, args: args.flag("ifAbsent") ? { ifAbsent: true } : {} });
      },
    },
  ],
  [
    "partition.stop",
    {
      scope: "partition",
      fields: {},
      make: (_args, partition) => write({ name: "partition.stop", partition, args: {} }),
    },
  ],
  [
    "partition.update",
    {
      scope: "partition",
      fields: { limits: settingsField(limitFields), defaults: settingsField(defaultFields) },
      make: (args, partition) => {
        const limits = settingsOf(partitionLimitNames, { args, argument: "limits" });
        const defaults = settingsOf(partitionDefaultNames, { args, argument: "defaults" });
        if (Object.keys(limits).length + Object.keys(defaults).length > 0) {
          return write({ name: "partition.update", partition, args: { limits, defaults } });
        }
        return invalid({ path: "args", reason: "must name a limit or a default: what to change" });
      },
    },
  ],
  [
    "partition.drop",
    {
      scope: "partition",
      fields: {},
      make: (_args, partition) => write({ name: "partition.drop", partition, args: {} }),
    },
  ],
];
