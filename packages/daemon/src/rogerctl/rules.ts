// rules.ts — `rules`: which jobs are cancelled without their ids being known, by whom, how many it hit.
import type { CommandForm } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { numberAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

export async function rules(invocation: Invocation, partition: string): Promise<ExitCode> {
  const listed = await listAll(invocation, { partition, kind: "cancelRules", prefix: "" });
  if (listed.kind === "failed") return listed.exitCode;
  const found = listed.items.map(readRule);
  const revision = listed.revisions.last;
  printRead(invocation, {
    revision,
    json: { partition, revision, rules: found },
    text: () => (found.length === 0 ? "no rules\n" : table(found)),
  });
  return exitCodes.done;
}

interface Rule {
  readonly rule: string;
  readonly queue: string | null;
  readonly jobIdPrefix: string | null;
  readonly tag: string | null;
  readonly enqueuedBefore: string | null;
  readonly by: string;
  readonly reason: string;
  readonly at: string | null;
  readonly expiresAt: string | null;
  readonly hits: number | null;
}

function readRule(item: WireObject): Rule {
  return {
    rule: textAt(item, "rule") ?? "",
    queue: textAt(item, "queue") ?? null,
    jobIdPrefix: textAt(item, "jobIdPrefix") ?? null,
    tag: textAt(item, "tag") ?? null,
    enqueuedBefore: timeAt(item, "enqueuedBefore"),
    by: textAt(item, "by") ?? "",
    reason: textAt(item, "reason") ?? "",
    at: timeAt(item, "at"),
    expiresAt: timeAt(item, "expiresAt"),
    hits: numberAt(item, "hits") ?? null,
  };
}

function table(found: readonly Rule[]): string {
  return renderTable({
    head: ["RULE", "QUEUE", "PREFIX", "TAG", "ENQUEUED BEFORE", "HITS", "UNTIL", "BY", "REASON"],
    rows: found.map((rule) => [
      rule.rule,
      rule.queue,
      rule.jobIdPrefix,
      rule.tag,
      shownTime(rule.enqueuedBefore),
      rule.hits,
      shownTime(rule.expiresAt),
      rule.by,
      rule.reason,
    ]),
  });
}

export const rulesCommand: CommandForm = {
  words: ["rules"],
  summary: "list the cancel rules: which jobs, until when, how many they have cancelled",
  options: [staleOption],
  examples: ["rogerctl rules --partition acme", "rogerctl rules --partition acme -o json"],
  scope: "partition",
  run: (invocation, { partition }) => rules(invocation, partition),
};
