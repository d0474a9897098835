// runs.ts — `runs`: the jobs that run, or with --finished those that have finished and are remembered, all
// pages.
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { type FinishedJob, type Run, readFinishedJob, readRun } from "./run-item.ts";
import type { WireObject } from "./wire-value.ts";

interface Asked {
  readonly partition: string;
  readonly prefix: string;
}

async function runs(invocation: Invocation, asked: Asked): Promise<ExitCode> {
  return show(invocation, { ...asked, kind: "runs" }, (items) => {
    const found = items.map(readRun);
    return { json: { runs: found }, text: () => (found.length === 0 ? "no runs\n" : table(found)) };
  });
}

async function finishedJobs(invocation: Invocation, asked: Asked): Promise<ExitCode> {
  return show(invocation, { ...asked, kind: "finishedJobs" }, (items) => {
    const found = items.map(readFinishedJob);
    const none = "no finished job is remembered\n";
    return {
      json: { finished: found },
      text: () => (found.length === 0 ? none : finishedTable(found)),
    };
  });
}

async function show(
  invocation: Invocation,
  asked: Asked & { readonly kind: string },
  formsOf: (items: readonly WireObject[]) => {
    readonly json: WireObject;
    readonly text: () => string;
  },
): Promise<ExitCode> {
  const { partition } = asked;
  const listed = await listAll(invocation, asked);
  if (listed.kind === "failed") return listed.exitCode;
  const { first, last: revision } = listed.revisions;
  if (first !== revision)
    invocation.surroundings.say("the state changed while it was listed: this is not one moment");
  const { json, text } = formsOf(listed.items);
  printRead(invocation, { revision, json: { partition, revision, ...json }, text });
  return exitCodes.done;
}

function table(found: readonly Run[]): string {
  return renderTable({
    head: ["JOB", "QUEUE", "SINCE", "SESSION", "TOKEN", "EXECUTION KEY", "QUEUE KEY", "TAGS"],
    rows: found.map((run) => [
      run.jobId,
      run.queue,
      shownTime(run.since),
      run.session,
      run.token,
      run.executionKey,
      run.queueKey,
      run.tags.join(" "),
    ]),
  });
}

function finishedTable(found: readonly FinishedJob[]): string {
  return renderTable({
    head: ["JOB", "OUTCOME", "AT", "REMEMBERED UNTIL"],
    rows: found.map(({ jobId, outcome, at, rememberedUntil }) => [
      jobId,
      outcome,
      shownTime(at),
      shownTime(rememberedUntil),
    ]),
  });
}

export const runsCommand: CommandForm = {
  words: ["runs"],
  summary: "list the jobs that run: where, since when, with which keys and tokens",
  options: [
    { flags: "--prefix <text>", description: "only jobs whose ids begin so" },
    { flags: "--finished", description: "those that have finished and are remembered, instead" },
    staleOption,
  ],
  examples: [
    "rogerctl runs --partition acme",
    "rogerctl runs --partition acme --finished --prefix mail- -o json",
  ],
  scope: "partition",
  run: (invocation, given) => {
    const asked = { partition: given.partition, prefix: optionText(given, "prefix") ?? "" };
    return given.options.has("finished")
      ? finishedJobs(invocation, asked)
      : runs(invocation, asked);
  },
};
