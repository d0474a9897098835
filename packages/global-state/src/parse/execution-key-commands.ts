// execution-key-commands.ts — the arguments of `executionKey.*`, and the commands they make.
import type { JobId, Key } from "../ids.ts";
import { fencingToken, jobId, key } from "../ids.ts";
import { waitTimeoutMs } from "../limits.ts";
import type { CheckedArguments } from "./checked-arguments.ts";
import { type CommandShape, invalid, write } from "./command-shape.ts";
import { choiceField, nameField, tokenField, wholeNumberField } from "./field.ts";
import { limitRulesField, limitRulesOf } from "./limit-rules-field.ts";

export const executionKeyCommands: readonly [string, CommandShape][] = [
  [
    "executionKey.acquire",
    {
      scope: "partition",
      fields: {
        key: nameField,
        owner: nameField,
        mode: choiceField(["try", "wait"]),
        waitTimeoutMs: wholeNumberField(waitTimeoutMs),
      },
      make: (args, partition) => {
        const mode = args.text("mode") === "wait" ? "wait" : "try";
        const wait = { mode, waitTimeoutMs: args.wholeNumber("waitTimeoutMs") } as const;
        if (mode === "try" && wait.waitTimeoutMs !== undefined) {
          return invalid({
            path: "args.waitTimeoutMs",
            reason: "is of no use: nothing is waited for",
          });
        }
        const name = "executionKey.acquire";
        return write({ name, partition, args: { ...keyAndOwner(args), ...wait } });
      },
    },
  ],
  [
    "executionKey.withdraw",
    {
      scope: "partition",
      fields: { key: nameField, owner: nameField },
      make: (args, partition) =>
        write({ name: "executionKey.withdraw", partition, args: keyAndOwner(args) }),
    },
  ],
  [
    "executionKey.release",
    {
      scope: "partition",
      fields: { key: nameField, owner: nameField, token: tokenField },
      make: (args, partition) => {
        const token = fencingToken(args.wholeNumber("token") ?? 0);
        const name = "executionKey.release";
        return write({ name, partition, args: { ...keyAndOwner(args), token } });
      },
    },
  ],
  [
    "executionKey.setRules",
    {
      scope: "partition",
      fields: { rules: limitRulesField },
      make: (args, partition) => {
        const rules = limitRulesOf(args.checked("rules"));
        return write({ name: "executionKey.setRules", partition, args: { rules } });
      },
    },
  ],
];

function keyAndOwner(args: CheckedArguments): { readonly key: Key; readonly owner: JobId } {
  return { key: key(args.text("key")), owner: jobId(args.text("owner")) };
}
