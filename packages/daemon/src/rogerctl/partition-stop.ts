// partition-stop.ts — `partition stop`: its state stays, and its calls are answered `not_started`. One that
// never was can't be stopped: that is exit 3, for who mistyped its name.
import type { CommandForm } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable } from "./invocation.ts";
import { listAll } from "./list.ts";
import { print } from "./print.ts";
import { textAt } from "./wire-value.ts";

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
  const { revision } = outcome;
  const tell = (sentence: string): void => {
    print(invocation, { json: { partition, revision, changed }, text: () => sentence });
  };
  if (changed) {
    tell(`partition ${partition} stopped, its state is kept\n`);
    return exitCodes.done;
  }
  const there = await isThere(invocation, partition);
  if (typeof there !== "boolean") return there.exitCode;
  tell(there ? `partition ${partition} was stopped already\n` : "");
  if (there) return exitCodes.done;
  invocation.surroundings.say(
    `rogerctl: there is no partition ${partition}; rogerctl partition list shows which there are`,
  );
  return exitCodes.no;
}

async function isThere(
  invocation: Invocation,
  name: string,
): Promise<boolean | { readonly exitCode: ExitCode }> {
  const asked = { partition: undefined, kind: "partitions", prefix: name } as const;
  const listed = await listAll(invocation, asked);
  if (listed.kind === "failed") return listed;
  return listed.items.some((item) => textAt(item, "partition") === name);
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
