// partition-drop.ts — `partition drop`: a partition goes for good, with all that is in it. One that is not there is
// exit 3, for who mistyped its name.
import type { CommandForm } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable } from "./invocation.ts";
import { consent } from "./member-change.ts";
import { print } from "./print.ts";

async function dropPartition(invocation: Invocation, partition: string): Promise<ExitCode> {
  const command = "partition.drop";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: {},
    repetition: "write",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const { changed } = outcome.result;
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  const { revision } = outcome;
  print(invocation, {
    json: { partition, revision, changed },
    text: () =>
      changed ? `partition ${partition} is dropped; whoever ran or waited there is told\n` : "",
  });
  if (changed) return exitCodes.done;
  invocation.surroundings.say(
    `rogerctl: there is no partition ${partition}; rogerctl partition list shows which there are`,
  );
  return exitCodes.no;
}

export const partitionDropCommand: CommandForm = {
  words: ["partition", "drop"],
  argument: { form: "[partition]", description: "the same as --partition" },
  summary: "drop a partition for good, with all that is in it; exit code 3: there is none",
  options: [{ flags: "--yes", description: "do not ask" }],
  examples: ["rogerctl partition drop acme", "rogerctl partition drop acme --yes"],
  scope: "partition",
  run: async (invocation, given) => {
    const { partition } = given;
    const refusal = await consent(invocation, {
      means: `Drop partition ${partition} for good? Its marks, keys, pauses and runs go with it.`,
      given: given.options.has("yes") ? "given" : "to-be-asked",
    });
    return refusal ?? dropPartition(invocation, partition);
  },
};
