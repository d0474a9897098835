// cancelled.ts — `cancelled JOB`: is there a mark, or a rule for such ids? Looking consumes nothing. Exit 0 is yes, 3 is no.
import { type CommandForm, firstArgument } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, statusOf, unreadable } from "./invocation.ts";
import { shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { objectAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

/** In these states a mark no longer says yes: Roger's `:remove` has taken it. */
const spentStates: readonly (string | null)[] = ["consumed"];

export async function cancelled(
  invocation: Invocation,
  asked: { readonly partition: string; readonly jobId: string },
): Promise<ExitCode> {
  const { partition, jobId } = asked;
  const command = "cancel.check";
  const outcome = await runCommand(invocation, {
    command,
    partition,
    args: { jobId },
    repetition: "read",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  if (statusOf(outcome.result) !== "checked") return unreadable(invocation, command).exitCode;
  const found = objectAt(outcome.result, "mark");
  const mark = found === undefined ? null : readMark(found);
  const byRule = objectAt(outcome.result, "rule");
  const rule = byRule === undefined ? null : (textAt(byRule, "rule") ?? null);
  const expiresAt = byRule === undefined ? null : timeAt(byRule, "expiresAt");
  const isMarked = mark !== null && !spentStates.includes(mark.state);
  const isCancelled = isMarked || rule !== null;
  const { revision } = outcome;
  printRead(invocation, {
    revision,
    json: {
      partition,
      revision,
      jobId,
      cancelled: isCancelled,
      mark,
      ...(rule === null ? {} : { rule, expiresAt }),
    },
    text: () => {
      if (isMarked) return sentenceOf({ jobId, mark });
      return rule === null
        ? `job ${jobId} is not cancelled\n`
        : `job ${jobId} is cancelled by rule ${rule} until ${shownTime(expiresAt)}\n`;
    },
  });
  return isCancelled ? exitCodes.done : exitCodes.no;
}

interface Mark {
  readonly by: string;
  readonly reason: string;
  readonly at: string | null;
  readonly state: string | null;
}

function readMark(mark: WireObject): Mark {
  return {
    by: textAt(mark, "by") ?? "",
    reason: textAt(mark, "reason") ?? "",
    at: timeAt(mark, "at"),
    state: textAt(mark, "state") ?? null,
  };
}

function sentenceOf({ jobId, mark }: { readonly jobId: string; readonly mark: Mark }): string {
  const by = mark.by === "" ? "" : ` by ${mark.by}`;
  const reason = mark.reason === "" ? "" : `: ${mark.reason}`;
  return `job ${jobId} was cancelled ${shownTime(mark.at)}${by}${reason}\n`;
}

export const cancelledCommand: CommandForm = {
  words: ["cancelled"],
  argument: { form: "<job>", description: "id of the job" },
  summary: "is this job cancelled? exit code 0 is yes, 3 is no",
  options: [staleOption],
  examples: [
    "rogerctl cancelled 6f1c --partition acme",
    "rogerctl cancelled 6f1c --partition acme -o json",
  ],
  scope: "partition",
  run: (invocation, given) =>
    cancelled(invocation, { partition: given.partition, jobId: firstArgument(given) }),
};
