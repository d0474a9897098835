// cancel-rule.ts — `cancel` with --queue, --prefix or --tag: jobs like these are not to run, whoever they are.
import { type Given, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseInstant } from "./instant.ts";
import { type Invocation, statusOf, unreadable, usageError } from "./invocation.ts";
import { writeInStarted } from "./partition-start.ts";
import { print } from "./print.ts";
import { textAt } from "./wire-value.ts";

/** The options of the command line, and what they are called in the command. */
const matchOptions = [
  ["queue", "queue"],
  ["prefix", "jobIdPrefix"],
  ["tag", "tag"],
] as const;

export function asksForRule(given: Given): boolean {
  return matchOptions.some(([option]) => given.options.has(option));
}

export async function cancelByRule(
  invocation: Invocation,
  given: Given & { readonly partition: string; readonly ttlMs: number | undefined },
): Promise<ExitCode> {
  const { partition, ttlMs } = given;
  const before = optionText(given, "enqueued-before");
  const enqueuedBefore = before === undefined ? undefined : parseInstant(before);
  if (before !== undefined && enqueuedBefore === undefined) {
    const sentence = `--enqueued-before takes a time with its zone, as 2027-01-31T06:00Z, not "${before}"`;
    return usageError(invocation, sentence);
  }
  const match = Object.fromEntries(
    matchOptions.flatMap(([option, name]) => {
      const value = optionText(given, option);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const command = "cancel.addRule";
  const args = {
    ...match,
    ...(enqueuedBefore === undefined ? {} : { enqueuedBefore }),
    by: invocation.by,
    reason: optionText(given, "reason") ?? "",
    ...(ttlMs === undefined ? {} : { ttlMs }),
  };
  const outcome = await writeInStarted(invocation, { command, partition, args });
  if (outcome.kind === "failed") return outcome.exitCode;
  const rule = textAt(outcome.result, "rule");
  if (statusOf(outcome.result) !== "rule_added" || rule === undefined)
    return unreadable(invocation, command).exitCode;
  print(invocation, {
    json: { partition, revision: outcome.revision, rule },
    text: () =>
      `jobs that match are cancelled by rule ${rule}; rogerctl uncancel --rule ${rule} ends it\n`,
  });
  return exitCodes.done;
}
