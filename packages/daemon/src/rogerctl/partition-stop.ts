// partition-stop.ts — `partition stop`: its state stays, and its calls are answered `not_started`.
import type { CommandForm } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable } from "./invocation.ts";
import { print } from "./print.ts";

export async function stopPartition(invocation: Invocation, partition: string): Promise<ExitCode> {
  const command = "partition.stop";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: {},
    repetition: "write",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const changed = outcome.result["changed"];
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  print(invocation, {
    json: { partition, revision: outcome.revision, changed },
    text: () =>
      changed
        ? `partition ${partition} stopped, its state is kept\n`
        : `partition ${partition} was not started\n`,
  });
  return exitCodes.done;
}

export const partitionStopCommand: CommandForm = {
  words: ["partition", "stop"],
  argument: { form: "[partition]", description: "the same as --partition" },
  summary: "stop a partition: its state is kept, its commands are refused",
  options: [],
  examples: ["rogerctl partition stop acme"],
  scope: "partition",
  run: (invocation, { partition }) => stopPartition(invocation, partition),
};
