// queue-key-commands.ts — the commands about queue keys that have an owner (SEMANTICS §3).
import type { OnConflict } from "../command.ts";
import type { JobId, Key } from "../ids.ts";
import { jobId, key } from "../ids.ts";
import { defaultLimits } from "../limits.ts";
import type { CheckedArguments, Fields } from "./checked-arguments.ts";
import type { CommandShape } from "./command-shape.ts";
import { invalid, write } from "./command-shape.ts";
import { choiceField, nameField, optional, required, wholeNumberField } from "./field.ts";

const conflicts: readonly OnConflict[] = ["reject", "replace", "replaceAndCancel", "extend"];

const ownedFields: Fields = { key: nameField, owner: nameField };
const ttlField = wholeNumberField(defaultLimits.queueKeyTtlMs);

function owned(args: CheckedArguments): { readonly key: Key; readonly owner: JobId } {
  return { key: key(args.text("key")), owner: jobId(args.text("owner")) };
}

function onConflict(args: CheckedArguments): OnConflict {
  const wanted = args.optionalText("onConflict");
  return conflicts.find((conflict) => conflict === wanted) ?? "reject";
}

export const queueKeyCommands: readonly [string, CommandShape][] = [
  [
    "queueKey.claim",
    {
      scope: "partition",
      fields: {
        ...ownedFields,
        ttlMs: ttlField,
        provisionalMs: wholeNumberField(defaultLimits.provisionalMs),
        onConflict: optional(choiceField(conflicts)),
      },
      make: (args, partition) => {
        const claim = {
          ...owned(args),
          ttlMs: args.wholeNumber("ttlMs"),
          provisionalMs: args.wholeNumber("provisionalMs"),
          onConflict: onConflict(args),
        };
        if (claim.onConflict === "extend" && claim.ttlMs === undefined) {
          return invalid({ path: "args.ttlMs", reason: "is missing: by how much to extend" });
        }
        return write({ name: "queueKey.claim", partition, args: claim });
      },
    },
  ],
  [
    "queueKey.confirm",
    {
      scope: "partition",
      fields: ownedFields,
      make: (args, partition) => write({ name: "queueKey.confirm", partition, args: owned(args) }),
    },
  ],
  [
    "queueKey.extend",
    {
      scope: "partition",
      fields: { ...ownedFields, ttlMs: required(ttlField) },
      make: (args, partition) => {
        const ttlMs = args.wholeNumber("ttlMs") ?? defaultLimits.queueKeyTtlMs.min;
        return write({ name: "queueKey.extend", partition, args: { ...owned(args), ttlMs } });
      },
    },
  ],
  [
    "queueKey.release",
    {
      scope: "partition",
      fields: ownedFields,
      make: (args, partition) => write({ name: "queueKey.release", partition, args: owned(args) }),
    },
  ],
];
