// partition-start.ts — `partition start`, and the start that `pause` and `cancel` begin with, which leaves a
// partition that was stopped as it is. Starting what is started changes nothing.
import { parseCommand } from "@rogerd/global-state";
import { errorObject } from "@rogerd/protocol";
import type { CommandForm } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import {
  type Command,
  type CommandOutcome,
  explain,
  type Invocation,
  runCommand,
  unreadable,
} from "./invocation.ts";
import { print } from "./print.ts";

export async function startPartition(invocation: Invocation, partition: string): Promise<ExitCode> {
  const started = await start(invocation, partition, {});
  if (started.kind === "failed") return started.exitCode;
  const { revision, changed } = started;
  print(invocation, {
    json: { partition, revision, changed },
    text: () =>
      changed ? `partition ${partition} started\n` : `partition ${partition} was started already\n`,
  });
  return exitCodes.done;
}

/**
 * A write in a partition that is started first if it never was: an operator who stops a queue or a job must
 * not fail because no worker was here yet. But who stopped the partition did it on purpose: then the
 * write is answered `not_started`.
 */
export async function writeInStarted(
  invocation: Invocation,
  write: Pick<Command, "command" | "args"> & { readonly partition: string },
): Promise<CommandOutcome> {
  const { args, command, partition } = write;
  const wrong = parseCommand(command, partition, args);
  // What is wrong by itself would be refused after the start, which would stay.
  if (wrong.kind === "invalid") return refusedHere(invocation, wrong);
  const started = await start(invocation, partition, { ifAbsent: true });
  if (started.kind === "failed") return started;
  if (started.changed) invocation.surroundings.say(`partition ${partition} started`);
  return runCommand(invocation, { ...write, repetition: "write", notStarted: "stopped" });
}

function refusedHere(
  invocation: Invocation,
  { path, reason }: { readonly path: string; readonly reason: string },
): Extract<CommandOutcome, { kind: "failed" }> {
  const error = errorObject("invalid_argument", `${path}: ${reason}`, { path });
  return { kind: "failed", exitCode: explain(invocation, { kind: "refused", error }) };
}

type Started =
  | { readonly kind: "started"; readonly revision: number; readonly changed: boolean }
  | Extract<CommandOutcome, { kind: "failed" }>;

async function start(
  invocation: Invocation,
  partition: string,
  args: { readonly ifAbsent?: true },
): Promise<Started> {
  const command = "partition.start";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args,
    repetition: "write",
  });
  if (outcome.kind === "failed") return outcome;
  const changed = outcome.result["changed"];
  if (typeof changed !== "boolean") return unreadable(invocation, command);
  return { kind: "started", revision: outcome.revision, changed };
}

export const partitionStartCommand: CommandForm = {
  words: ["partition", "start"],
  argument: { form: "[partition]", description: "the same as --partition" },
  summary: "start a partition: from now on its commands are answered",
  options: [],
  examples: ["rogerctl partition start acme"],
  scope: "partition",
  run: (invocation, { partition }) => startPartition(invocation, partition),
};
