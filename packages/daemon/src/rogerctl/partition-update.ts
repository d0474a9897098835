// partition-update.ts — `partition update`: how much a partition may hold, and how long a mark lasts there. What is
// there already stays; only what is new is refused.
import type { CommandForm, Given } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable, usageError } from "./invocation.ts";
import { readSettings } from "./partition-settings.ts";
import { print } from "./print.ts";

async function updatePartition(
  invocation: Invocation,
  given: Given & { readonly partition: string },
): Promise<ExitCode> {
  const { partition } = given;
  const typed = readSettings(given);
  if (typed.kind === "wrong") return usageError(invocation, typed.sentence);
  const command = "partition.update";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: typed.args,
    repetition: "write",
    notStarted: "absent",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const { changed } = outcome.result;
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  const { revision } = outcome;
  print(invocation, {
    json: { partition, revision, changed },
    text: () =>
      changed
        ? `partition ${partition} is updated; what is in it stays\n`
        : `partition ${partition} had it so already\n`,
  });
  return exitCodes.done;
}

export const partitionUpdateCommand: CommandForm = {
  words: ["partition", "update"],
  argument: { form: "[partition]", description: "the same as --partition" },
  summary: "set how much a partition may hold; what is in it stays, only new things are refused",
  options: [
    {
      flags: "--limit <name=number>",
      description:
        "of cancelMarks, cancelRules, queueKeys, executionKeys, waiters, waitersPerKey, runs, " +
        "finishedJobs or pauses; NAME=default takes it back; may be given again",
      isRepeated: true,
    },
    {
      flags: "--mark-ttl <duration>",
      description: "how long a cancel lasts that does not say, as 30m, or default",
    },
  ],
  examples: [
    "rogerctl partition update acme --limit runs=50 --limit queueKeys=10000",
    "rogerctl partition update acme --limit runs=default --mark-ttl 2h",
  ],
  scope: "partition",
  run: updatePartition,
};
