// uncancel.ts — `uncancel JOB…` takes marks away, `uncancel --rule ID` a rule: those jobs may start again.
import { jobIdsMax } from "@rogerd/global-state";
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, unreadable, usageError } from "./invocation.ts";
import { printJobs } from "./job-outcomes.ts";
import { print } from "./print.ts";

export async function uncancel(
  invocation: Invocation,
  asked: { readonly partition: string; readonly jobIds: readonly string[] },
): Promise<ExitCode> {
  const { partition, jobIds } = asked;
  const command = "cancel.clear";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: { jobIds },
    repetition: "write",
  });
  return printJobs(invocation, {
    command,
    partition,
    status: "cleared",
    outcome,
    sentence: ({ jobId, outcome: came }) =>
      came === "cleared"
        ? `job ${jobId} is not cancelled any more`
        : `job ${jobId} was not cancelled, nothing changed`,
  });
}

export async function removeRule(
  invocation: Invocation,
  asked: { readonly partition: string; readonly rule: string },
): Promise<ExitCode> {
  const { partition, rule } = asked;
  const command = "cancel.removeRule";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: { rule },
    repetition: "write",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const changed = outcome.result["changed"];
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  print(invocation, {
    json: { partition, revision: outcome.revision, rule, changed },
    text: () =>
      changed ? `rule ${rule} removed\n` : `there is no rule ${rule}, nothing changed\n`,
  });
  return exitCodes.done;
}

export const uncancelCommand: CommandForm = {
  words: ["uncancel"],
  argument: { form: "[job...]", description: `ids of the jobs, at most ${jobIdsMax}` },
  summary: "take a cancel back: these jobs, or those of a rule, may start again",
  options: [{ flags: "--rule <id>", description: "the rule that is to go, as `rules` names it" }],
  examples: [
    "rogerctl uncancel 6f1c --partition acme",
    "rogerctl uncancel --rule 8812.1 --partition acme",
  ],
  scope: "partition",
  run: async (invocation, given) => {
    const { partition } = given;
    const rule = optionText(given, "rule");
    const jobIds = given.arguments;
    if (rule === undefined && jobIds.length === 0)
      return usageError(invocation, "uncancel needs ids of jobs, or --rule ID");
    if (rule !== undefined && jobIds.length > 0)
      return usageError(invocation, "uncancel takes ids of jobs, or --rule, not both");
    if (jobIds.length > jobIdsMax)
      return usageError(invocation, `uncancel takes at most ${jobIdsMax} jobs at once`);
    if (rule !== undefined) return removeRule(invocation, { partition, rule });
    return uncancel(invocation, { partition, jobIds });
  },
};
