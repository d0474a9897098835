// resume.ts — `resume QUEUE`: its jobs may start again. Resuming `*` leaves queues that were paused by name.
import { type CommandForm, firstArgument } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable } from "./invocation.ts";
import { named } from "./pause.ts";
import { print } from "./print.ts";

export async function resume(
  invocation: Invocation,
  asked: { readonly partition: string; readonly selector: string },
): Promise<ExitCode> {
  const { partition, selector } = asked;
  const command = "queue.resume";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: { selector },
    repetition: "write",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const changed = outcome.result["changed"];
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  print(invocation, {
    json: { partition, revision: outcome.revision, selector, changed },
    text: () =>
      changed ? `${named(selector)} resumed\n` : `${named(selector)} not paused, nothing changed\n`,
  });
  return exitCodes.done;
}

export const resumeCommand: CommandForm = {
  words: ["resume"],
  argument: { form: "<queue>", description: "a queue, or * as it was paused" },
  summary: "resume a queue: its jobs start again",
  options: [],
  examples: ["rogerctl resume mail --partition acme"],
  scope: "partition",
  run: (invocation, given) =>
    resume(invocation, { partition: given.partition, selector: firstArgument(given) }),
};
