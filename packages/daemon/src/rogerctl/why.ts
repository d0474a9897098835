// why.ts — `why job ID`, `why key KEY`: what keeps a job from running or a key from being free, in sentences for
// somebody who was woken up: who holds what since when, who stands before, and whether he is still heard of.
import { type CommandForm, firstArgument } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Invocation, runCommand, statusOf, unreadable } from "./invocation.ts";
import { counted, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { heardText, type ListedSession, listSessions, secondsText } from "./sessions.ts";
import { numberAt, objectAt, objectsAt, textAt, timeAt, type WireObject } from "./wire-value.ts";
import { withTimes } from "./with-times.ts";

type Asked = { readonly partition: string } & (
  | { readonly jobId: string }
  | { readonly key: string }
);

/** By number: what sessions are called, and how each stands. */
type Sessions = ReadonlyMap<number, ListedSession>;

async function why(invocation: Invocation, { partition, ...args }: Asked): Promise<ExitCode> {
  const outcome = await runCommand(invocation, {
    command: "why",
    partition,
    args,
    repetition: "read",
  });
  if (outcome.kind === "failed") return outcome.exitCode;
  const { result, revision } = outcome;
  if (statusOf(result) !== ("jobId" in args ? "why_job" : "why_key")) {
    return unreadable(invocation, "why").exitCode;
  }
  const listed = await listSessions(invocation, { prefix: "" });
  if (listed.kind === "failed") return listed.exitCode;
  const sessions: Sessions = new Map(listed.sessions.map((each) => [each.session ?? 0, each]));
  const sentences = "jobId" in args ? ofJob(result, sessions) : ofKey(result, sessions);
  const { status: _, ...facts } = result;
  const named = sessionsIn(result, sessions);
  printRead(invocation, {
    revision,
    json: { partition, revision, ...withTimes(facts), sessions: named, sentences },
    text: () => `${sentences.join("\n")}\n`,
  });
  return exitCodes.done;
}

function ofJob(why: WireObject, sessions: Sessions): readonly string[] {
  const job = `job ${textAt(why, "jobId") ?? "?"}`;
  const run = objectAt(why, "run");
  return [
    ...(run === undefined ? [] : running(job, run, sessions)),
    ...objectsAt(why, "waits").flatMap((wait) => waiting(job, wait, sessions)),
    ...cancelled(job, why),
    ...finished(job, objectAt(why, "finished")),
    ...paused(objectAt(why, "pause")),
    ...(textAt(why, "because") === "unknown"
      ? [
          `${job} does not run and waits for nothing: nobody asks to start it now`,
          "a start that was refused is not remembered: rogerctl paused, rules and partition list show what refuses one",
        ]
      : []),
  ];
}

function running(job: string, run: WireObject, sessions: Sessions): readonly string[] {
  const key = textAt(run, "executionKey");
  const held = key === undefined ? "" : ` and holds execution key ${key}`;
  const where = `on ${sessionText(run, sessions)} since ${shownTime(timeAt(run, "since"))}`;
  return [`${job} runs ${where}${held} (${tokenText(run)})`, ...heard([run], sessions)];
}

function waiting(job: string, wait: WireObject, sessions: Sessions): readonly string[] {
  const key = `execution key ${textAt(wait, "key") ?? "?"}`;
  const what = wait["toStart"] === true ? "waits for" : "waits, beside what it runs, for";
  const holders = objectsAt(wait, "holders");
  const ahead = numberAt(wait, "ahead") ?? 0;
  const ends = numberAt(wait, "endsInMs");
  return [
    `${job} ${what} ${key}: ${keyText(wait, holders, sessions)}`,
    ahead === 0
      ? "it is the next in line"
      : `${counted(ahead, "job")} ${ahead === 1 ? "is" : "are"} before it`,
    ...(ends === undefined ? [] : [`it waits for at most ${secondsText(ends)} more`]),
    ...heard(holders, sessions),
  ];
}

function keyText(key: WireObject, holders: readonly WireObject[], sessions: Sessions): string {
  const delayMs = numberAt(key, "delayedForMs");
  const [first] = holders;
  if (first === undefined) {
    return delayMs === undefined
      ? "nobody holds it"
      : `nobody holds it; it is given to nobody for ${secondsText(delayMs)} more, because a session that held it has ended`;
  }
  const limit = numberAt(key, "limit") ?? 1;
  const all = holders.map((holder) => holderText(holder, sessions)).join(", and by ");
  return limit === 1 ? `held by ${all}` : `${holders.length} of ${limit} hold it: by ${all}`;
}

function holderText(holder: WireObject, sessions: Sessions): string {
  const owner = textAt(holder, "owner");
  const who = owner === undefined ? "somebody without a name (Roger's form)" : `job ${owner}`;
  const where =
    numberAt(holder, "session") === undefined ? "" : ` on ${sessionText(holder, sessions)}`;
  return `${who}${where} since ${shownTime(timeAt(holder, "since"))} (${tokenText(holder)})`;
}

function tokenText(holder: WireObject): string {
  return `token ${numberAt(holder, "token") ?? "?"}`;
}

function sessionText(of: WireObject, sessions: Sessions): string {
  const number = numberAt(of, "session") ?? 0;
  const client = sessions.get(number)?.client;
  return client === undefined
    ? `session ${number}, which is ending`
    : `${client} (session ${number})`;
}

/** Once for each session. */
function heard(holders: readonly WireObject[], sessions: Sessions): readonly string[] {
  const numbers = new Set(holders.map((holder) => numberAt(holder, "session") ?? 0));
  return [...numbers].flatMap((number) => {
    const session = sessions.get(number);
    const ago = session === undefined ? null : heardText(session);
    if (session === undefined || ago === null || session.leaseLeftMs === null) return [];
    const left = secondsText(session.leaseLeftMs);
    return [`${session.client} was last heard ${ago}, its lease ends in ${left}`];
  });
}

function cancelled(job: string, why: WireObject): readonly string[] {
  const mark = objectAt(why, "mark");
  if (mark !== undefined) {
    const state = textAt(mark, "state") ?? "?";
    return [
      `${job} was cancelled ${shownTime(timeAt(mark, "at"))}${byText(mark)}; the mark is ${state}`,
    ];
  }
  const rule = objectAt(why, "rule");
  if (rule === undefined) return [];
  return [`${job} is cancelled by rule ${textAt(rule, "rule") ?? "?"}${byText(rule)}`];
}

function byText(of: WireObject): string {
  const [by, reason] = [textAt(of, "by") ?? "", textAt(of, "reason") ?? ""];
  return `${by === "" ? "" : ` by ${by}`}${reason === "" ? "" : ` (${reason})`}`;
}

function finished(job: string, done: WireObject | undefined): readonly string[] {
  if (done === undefined) return [];
  const until = shownTime(timeAt(done, "rememberedUntil"));
  return [
    `${job} was ${textAt(done, "outcome") ?? "?"} ${shownTime(timeAt(done, "at"))}; until ${until} it does not start again`,
  ];
}

function paused(pause: WireObject | undefined): readonly string[] {
  if (pause === undefined) return [];
  const since = shownTime(timeAt(pause, "since"));
  const stops = textAt(pause, "mode") === "stop" ? ", and what runs is told to stop" : "";
  return [
    `its queue is paused (${textAt(pause, "selector") ?? "?"}) since ${since}${byText(pause)}${stops}`,
  ];
}

function ofKey(why: WireObject, sessions: Sessions): readonly string[] {
  const key = textAt(why, "key") ?? "?";
  return [...ofExecutionKey(key, why, sessions), ...ofQueueKey(key, objectAt(why, "queueKey"))];
}

function ofExecutionKey(key: string, why: WireObject, sessions: Sessions): readonly string[] {
  const held = objectAt(why, "executionKey");
  if (held === undefined) return [`execution key ${key} is free`];
  const holders = objectsAt(held, "holders");
  const line = objectsAt(why, "line");
  const waiters = numberAt(held, "waiters") ?? 0;
  const first = line[0] === undefined ? "" : `, first job ${textAt(line[0], "owner") ?? "?"}`;
  const standing = { ...held, delayedForMs: why["delayedForMs"] };
  return [
    `execution key ${key}: ${keyText(standing, holders, sessions)}`,
    ...(waiters === 0
      ? []
      : [`${counted(waiters, "job")} ${waiters === 1 ? "waits" : "wait"} for it${first}`]),
    ...heard(holders, sessions),
  ];
}

function ofQueueKey(key: string, taken: WireObject | undefined): readonly string[] {
  if (taken === undefined) return [`queue key ${key} is free`];
  const owner = textAt(taken, "owner");
  const whose = owner === undefined ? "taken, without an owner (Roger's form)" : `job ${owner}'s`;
  const end = timeAt(taken, "expiresAt");
  const until = end === null ? "" : `, until ${shownTime(end)}`;
  const provisional = taken["provisional"] === true ? ", not confirmed yet" : "";
  return [
    `queue key ${key} is ${whose} since ${shownTime(timeAt(taken, "since"))}${until}${provisional}`,
  ];
}

/** Those that the answer names, for programs. */
function sessionsIn(why: WireObject, sessions: Sessions): readonly ListedSession[] {
  const numbers = new Set<number>();
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, each] of Object.entries(value)) {
      if (name === "session" && typeof each === "number") numbers.add(each);
      else look(each);
    }
  };
  look(why);
  return [...numbers].flatMap((number) => sessions.get(number) ?? []);
}

export const whyJobCommand: CommandForm = {
  words: ["why", "job"],
  argument: { form: "<job>", description: "id of the job" },
  summary: "why does this job not run, or where does it?",
  options: [staleOption],
  examples: [
    "rogerctl why job 6f1c --partition acme",
    "rogerctl why job 6f1c --partition acme -o json",
  ],
  scope: "partition",
  run: (invocation, given) =>
    why(invocation, { partition: given.partition, jobId: firstArgument(given) }),
};

export const whyKeyCommand: CommandForm = {
  words: ["why", "key"],
  argument: { form: "<key>", description: "an execution key or a queue key" },
  summary: "who has this key, and who waits for it?",
  options: [staleOption],
  examples: ["rogerctl why key user/42 --partition acme"],
  scope: "partition",
  run: (invocation, given) =>
    why(invocation, { partition: given.partition, key: firstArgument(given) }),
};
