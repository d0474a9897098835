// job-outcomes.ts — what a command that named jobs did to each of them: a sentence for each, in the order asked.
import type { ExitCode } from "./exit-codes.ts";
import { exitCodes } from "./exit-codes.ts";
import { type CommandOutcome, type Invocation, statusOf, unreadable } from "./invocation.ts";
import { print } from "./print.ts";
import { objectsAt, textAt } from "./wire-value.ts";

export interface JobOutcome {
  readonly jobId: string;
  readonly outcome: string;
}

export function printJobs(
  invocation: Invocation,
  told: {
    readonly command: string;
    readonly partition: string;
    readonly status: "marked" | "cleared";
    readonly outcome: CommandOutcome;
    readonly sentence: (job: JobOutcome) => string;
  },
): ExitCode {
  const { command, outcome, partition, sentence, status } = told;
  if (outcome.kind === "failed") return outcome.exitCode;
  if (statusOf(outcome.result) !== status) return unreadable(invocation, command).exitCode;
  const jobs = objectsAt(outcome.result, "jobs").map((job) => ({
    jobId: textAt(job, "jobId") ?? "",
    outcome: textAt(job, "outcome") ?? "",
  }));
  print(invocation, {
    json: { partition, revision: outcome.revision, jobs },
    text: () => jobs.map((job) => `${sentence(job)}\n`).join(""),
  });
  return exitCodes.done;
}
