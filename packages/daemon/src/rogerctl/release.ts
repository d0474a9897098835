// release.ts — `release NAME --force`: takes away what somebody has, whoever he is: an execution key, a queue key, or
// a job that runs. Of a key that several hold, all lose it. Whose session had it is told; what he still does is too late,
// which only a fencing token can stop.
import { type CommandForm, firstArgument, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable, usageError } from "./invocation.ts";
import { print } from "./print.ts";

/** As it is asked for, as the daemon knows it, and in words. */
const kinds = {
  execution: { kind: "executionKey", words: "execution key" },
  queue: { kind: "queueKey", words: "queue key" },
  run: { kind: "run", words: "the run of job" },
} as const;
type Kind = keyof typeof kinds;

/** A queue key belongs to no session: there is nobody to tell. */
const told: Readonly<Record<Kind, string>> = {
  execution: "whoever had it is told, and may still be at work",
  queue: "whoever claimed it is not told",
  run: "whoever had it is told, and may still be at work",
};

function isKind(text: string): text is Kind {
  return text in kinds;
}

async function release(
  invocation: Invocation,
  asked: { readonly partition: string; readonly name: string; readonly kind: Kind },
): Promise<ExitCode> {
  const { name, partition } = asked;
  const { kind, words } = kinds[asked.kind];
  const command = "admin.release";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: { kind, name },
    repetition: "write",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const { changed } = outcome.result;
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  const { revision } = outcome;
  print(invocation, {
    json: { partition, revision, kind: asked.kind, name, changed },
    text: () =>
      changed
        ? `${words} ${name} released; ${told[asked.kind]}\n`
        : `nobody has ${words} ${name}, nothing changed\n`,
  });
  return changed ? exitCodes.done : exitCodes.no;
}

export const releaseCommand: CommandForm = {
  words: ["release"],
  argument: { form: "<name>", description: "the key, or with --kind run the id of the job" },
  summary: "take a key or a run away from whoever has it, from all who do; exit code 3: nobody has",
  options: [
    {
      flags: "--kind <kind>",
      description: "what it is, default execution",
      choices: Object.keys(kinds),
    },
    {
      flags: "--force",
      description: "needed: what its holder still does is too late, and may harm",
    },
  ],
  examples: [
    "rogerctl why key user/42 --partition acme",
    "rogerctl release user/42 --force --partition acme",
    "rogerctl release 6f1c --kind run --force --partition acme",
  ],
  scope: "partition",
  run: async (invocation, given) => {
    const kind = optionText(given, "kind") ?? "execution";
    if (!given.options.has("force"))
      return usageError(
        invocation,
        "release takes a key from whoever holds it: look with `why key`, then add --force",
      );
    if (!isKind(kind))
      return usageError(invocation, `--kind takes ${Object.keys(kinds).join(", ")}`);
    return release(invocation, { partition: given.partition, name: firstArgument(given), kind });
  },
};
