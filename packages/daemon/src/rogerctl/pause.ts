// pause.ts — `pause QUEUE`: no job of that queue starts from here on.
import { type CommandForm, firstArgument, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, unreadable } from "./invocation.ts";
import { writeInStarted } from "./partition-start.ts";
import { print } from "./print.ts";

export async function pause(
  invocation: Invocation,
  asked: { readonly partition: string; readonly selector: string; readonly reason: string },
): Promise<ExitCode> {
  const { partition, selector, reason } = asked;
  const command = "queue.pause";
  const args = { selector, by: invocation.by, reason };
  const outcome = await writeInStarted(invocation, { command, partition, args });
  if (outcome.kind === "failed") return outcome.exitCode;
  const changed = outcome.result["changed"];
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  print(invocation, {
    json: { partition, revision: outcome.revision, selector, changed },
    text: () =>
      changed
        ? `${named(selector)} paused\n`
        : `${named(selector)} paused already, nothing changed\n`,
  });
  return exitCodes.done;
}

export function named(selector: string): string {
  return selector === "*" ? "all queues" : `queue ${selector}`;
}

export const pauseCommand: CommandForm = {
  words: ["pause"],
  argument: { form: "<queue>", description: "a queue, or * for all queues of the partition" },
  summary: "pause a queue: no job of it starts until it is resumed",
  options: [{ flags: "--reason <text>", description: "why, for those who find it paused" }],
  examples: [
    'rogerctl pause mail --partition acme --reason "provider down"',
    "rogerctl pause '*' --partition acme --by deploy-bot",
  ],
  scope: "partition",
  run: (invocation, given) =>
    pause(invocation, {
      partition: given.partition,
      selector: firstArgument(given),
      reason: optionText(given, "reason") ?? "",
    }),
};
