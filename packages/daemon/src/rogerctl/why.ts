// why.ts — `why JOB`, `why --key KEY`: what keeps a job from running, or a key from being free, in words and
// data (SEMANTICS §3). It shows what the state knows and judges nothing.
import { type CommandForm, firstArgument, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, statusOf, unreadable, usageError } from "./invocation.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { readWhyJob, readWhyKey } from "./why-answer.ts";
import { jobInWords, keyInWords } from "./why-words.ts";

type Asked = { readonly jobId: string } | { readonly key: string };

async function why(
  invocation: Invocation,
  { partition, asked }: { readonly partition: string; readonly asked: Asked },
): Promise<ExitCode> {
  const command = "why";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: asked,
    repetition: "read",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const { result, revision } = outcome;
  switch (statusOf(result)) {
    case "why_job": {
      const job = readWhyJob(result);
      const json = { partition, revision, ...job };
      printRead(invocation, { revision, json, text: () => jobInWords(job) });
      return exitCodes.done;
    }
    case "why_key": {
      const key = readWhyKey(result);
      const json = { partition, revision, ...key };
      printRead(invocation, { revision, json, text: () => keyInWords(key) });
      return exitCodes.done;
    }
    default:
      return unreadable(invocation, command).exitCode;
  }
}

export const whyCommand: CommandForm = {
  words: ["why"],
  argument: { form: "[job]", description: "id of the job" },
  summary: "what keeps a job from running, or, with --key, a key from being free",
  options: [{ flags: "--key <key>", description: "a key, instead of a job" }, staleOption],
  examples: [
    "rogerctl why 6f1c --partition acme",
    "rogerctl why --key invoice/42 --partition acme",
  ],
  scope: "partition",
  run: async (invocation, given) => {
    const { partition } = given;
    const key = optionText(given, "key");
    if ((key === undefined) === (given.arguments.length === 0))
      return usageError(invocation, "why takes the id of a job, or --key, not both");
    const asked = key === undefined ? { jobId: firstArgument(given) } : { key };
    return why(invocation, { partition, asked });
  },
};
