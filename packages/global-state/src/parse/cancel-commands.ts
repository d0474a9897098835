// cancel-commands.ts — the commands that clear marks and make rules (SEMANTICS §3).
import { jobId } from "../ids.ts";
import { defaultLimits, wallMsMax } from "../limits.ts";
import type { CheckedArguments } from "./checked-arguments.ts";
import { type CommandShape, invalid, write } from "./command-shape.ts";
import { queueField } from "./queue-field.ts";
import { jobIdsField, nameField, optional, textField, wholeNumberField } from "./field.ts";

interface WhichJobs {
  readonly queue?: string;
  readonly jobIdPrefix?: string;
  readonly tag?: string;
}

function whichJobs(args: CheckedArguments): WhichJobs {
  const queue = args.optionalText("queue");
  const jobIdPrefix = args.optionalText("jobIdPrefix");
  const tag = args.optionalText("tag");
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(jobIdPrefix === undefined ? {} : { jobIdPrefix }),
    ...(tag === undefined ? {} : { tag }),
  };
}

export const cancelCommands: readonly [string, CommandShape][] = [
  [
    "cancel.clear",
    {
      scope: "partition",
      fields: { jobIds: jobIdsField },
      make: (args, partition) => {
        const jobIds = args.texts("jobIds").map(jobId);
        return write({ name: "cancel.clear", partition, args: { jobIds } });
      },
    },
  ],
  [
    "cancel.addRule",
    {
      scope: "partition",
      fields: {
        queue: optional(queueField),
        jobIdPrefix: optional(nameField),
        tag: optional(nameField),
        enqueuedBefore: wholeNumberField({ min: 0, max: wallMsMax }),
        by: textField,
        reason: textField,
        ttlMs: wholeNumberField(defaultLimits.markTtlMs),
      },
      make: (args, partition) => {
        const jobs = whichJobs(args);
        if (Object.keys(jobs).length === 0) {
          const reason = "must have a queue, a jobIdPrefix or a tag: which jobs to cancel";
          return invalid({ path: "args", reason });
        }
        const enqueuedBefore = args.wholeNumber("enqueuedBefore");
        const rule = {
          ...jobs,
          ...(enqueuedBefore === undefined ? {} : { enqueuedBefore }),
          by: args.optionalText("by") ?? "",
          reason: args.optionalText("reason") ?? "",
          ttlMs: args.wholeNumber("ttlMs"),
        };
        return write({ name: "cancel.addRule", partition, args: rule });
      },
    },
  ],
  [
    "cancel.removeRule",
    {
      scope: "partition",
      fields: { rule: nameField },
      make: (args, partition) =>
        write({ name: "cancel.removeRule", partition, args: { rule: args.text("rule") } }),
    },
  ],
];
