// cancel.ts — `cancel JOB…`: these jobs are not to run. The mark stands whether or not the jobs are known.
// With --queue, --prefix or --tag it is a rule (cancel-rule.ts).
import { defaultLimits, jobIdsMax } from "@rogerd/global-state";
import { asksForRule, cancelByRule } from "./cancel-rule.ts";
import { type CommandForm, optionText } from "./command-form.ts";
import { parseDuration } from "./duration.ts";
import type { ExitCode } from "./exit-codes.ts";
import { type Invocation, usageError } from "./invocation.ts";
import { printJobs } from "./job-outcomes.ts";
import { writeInStarted } from "./partition-start.ts";

export interface CancelAsked {
  readonly partition: string;
  readonly jobIds: readonly string[];
  readonly reason: string;
  /** Undefined: as the cluster has it, 24 hours. */
  readonly ttlMs: number | undefined;
}

export async function cancel(invocation: Invocation, asked: CancelAsked): Promise<ExitCode> {
  const { partition, jobIds, reason, ttlMs } = asked;
  const command = "cancel.mark";
  const args = { jobIds, by: invocation.by, reason, ...(ttlMs === undefined ? {} : { ttlMs }) };
  const outcome = await writeInStarted(invocation, { command, partition, args });
  return printJobs(invocation, {
    command,
    partition,
    status: "marked",
    outcome,
    sentence: (job) =>
      `job ${job.jobId} ${job.outcome === "marked" ? "cancelled" : "cancelled already"}`,
  });
}

export const cancelCommand: CommandForm = {
  words: ["cancel"],
  argument: { form: "[job...]", description: `ids of the jobs, at most ${jobIdsMax}` },
  summary: "cancel jobs: they will not start, whether or not they are known already",
  options: [
    { flags: "--reason <text>", description: "why, for those who find the mark" },
    {
      flags: "--ttl <duration>",
      description: "how long the mark or the rule stands, as 90s, 30m or 24h (default: 24h)",
    },
    { flags: "--queue <name>", description: "instead of ids: the jobs of this queue" },
    { flags: "--prefix <text>", description: "instead of ids: the jobs whose ids begin so" },
    { flags: "--tag <text>", description: "instead of ids: the jobs with this tag" },
    {
      flags: "--enqueued-before <time>",
      description: "of those only the ones that were enqueued before, as 2027-01-31T06:00Z",
    },
  ],
  examples: [
    'rogerctl cancel 6f1c --partition acme --reason "wrong address"',
    "rogerctl cancel 6f1c 9a02 --partition acme --ttl 2h",
    "rogerctl cancel --queue mail --tag campaign/7 --partition acme",
  ],
  scope: "partition",
  run: async (invocation, given) => {
    if (given.arguments.length > jobIdsMax)
      return usageError(invocation, `cancel takes at most ${jobIdsMax} jobs at once`);
    const ttl = optionText(given, "ttl");
    const ttlMs = ttl === undefined ? undefined : parseDuration(ttl);
    const { min, max } = defaultLimits.markTtlMs;
    if (ttl !== undefined && (ttlMs === undefined || ttlMs < min || ttlMs > max))
      return usageError(invocation, `--ttl takes 1s to 24h, as 90s, 30m or 24h, not "${ttl}"`);
    if (!asksForRule(given) && given.arguments.length === 0)
      return usageError(invocation, "cancel needs ids of jobs, or --queue, --prefix or --tag");
    if (asksForRule(given) && given.arguments.length > 0)
      return usageError(
        invocation,
        "cancel takes ids of jobs, or --queue, --prefix, --tag, not both",
      );
    if (asksForRule(given)) return cancelByRule(invocation, { ...given, ttlMs });
    if (given.options.has("enqueued-before"))
      return usageError(invocation, "--enqueued-before goes with --queue, --prefix or --tag");
    return cancel(invocation, {
      partition: given.partition,
      jobIds: given.arguments,
      reason: optionText(given, "reason") ?? "",
      ttlMs,
    });
  },
};
