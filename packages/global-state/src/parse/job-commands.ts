// job-commands.ts — the arguments of `job.*`, and the commands they make (SEMANTICS §3).
import { assert } from "../assert.ts";
import { fencingToken, jobId, key, selector } from "../ids.ts";
import type { JobFinish } from "../job/job-finish.ts";
import type { JobStart, Unique, WantedKey } from "../job/job-start.ts";
import { rememberMs, tagsMax, waitTimeoutMs, wallMsMax } from "../limits.ts";
import type { JobOutcome } from "../result.ts";
import { CheckedArguments, checkArguments, type Fields } from "./checked-arguments.ts";
import { type CommandShape, invalid, write } from "./command-shape.ts";
import type { Problem } from "./field.ts";
import { queueField } from "./queue-field.ts";
import {
  choiceField,
  type Field,
  flagField,
  nameField,
  optional,
  tokenField,
  wholeNumberField,
} from "./field.ts";

const outcomes: readonly JobOutcome[] = ["completed", "cancelled", "dead", "retry"];

const tagsField: Field = {
  isRequired: false,
  check: (value, path) => {
    if (!Array.isArray(value)) return { path, reason: "must be a list of tags" };
    const tags: readonly unknown[] = value;
    if (tags.length > tagsMax) return { path, reason: `must have at most ${tagsMax} tags` };
    for (let at = 0; at < tags.length; at++) {
      const problem = nameField.check(tags[at], `${path}[${at}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  },
};

const startFields: Fields = {
  jobId: nameField,
  queue: queueField,
  queueKey: optional(nameField),
  uniqueUntil: optional(choiceField(["start", "finish"])),
  executionKey: optional(nameField),
  onBusy: optional(choiceField(["wait", "reject"])),
  waitTimeoutMs: wholeNumberField(waitTimeoutMs),
  takeover: flagField,
  tags: tagsField,
  enqueuedAt: wholeNumberField({ min: 0, max: wallMsMax }),
};

const finishFields: Fields = {
  jobId: nameField,
  token: optional(tokenField),
  outcome: choiceField(outcomes),
  keepQueueKey: flagField,
  rememberMs: wholeNumberField(rememberMs),
};

/** What goes with a queue key or an execution key goes with nothing else. */
function problemOfStart(args: CheckedArguments, at: string): Problem | undefined {
  const has = (name: string): boolean => args.checked(name) !== undefined;
  const problem = (name: string, reason: string): Problem => ({ path: `${at}.${name}`, reason });
  if (has("queueKey") !== has("uniqueUntil")) {
    if (has("queueKey")) return problem("uniqueUntil", "is missing: what frees the queue key");
    return problem("uniqueUntil", "is of no use: there is no queue key");
  }
  if (has("executionKey") && !has("onBusy")) {
    return problem("onBusy", "is missing: what to do while the execution key is busy");
  }
  if (has("onBusy") && !has("executionKey")) {
    return problem("onBusy", "is of no use: there is no execution key");
  }
  if (has("waitTimeoutMs") && args.optionalText("onBusy") !== "wait") {
    return problem("waitTimeoutMs", "is of no use: nothing is waited for");
  }
  return undefined;
}

function startOf(args: CheckedArguments): JobStart {
  const tags = args.checked("tags") === undefined ? [] : args.texts("tags");
  const enqueuedAt = args.wholeNumber("enqueuedAt") ?? null;
  const queue = selector(args.text("queue"));
  return {
    jobId: jobId(args.text("jobId")),
    job: { queue, unique: uniqueOf(args), tags, enqueuedAt },
    executionKey: wantedKeyOf(args),
    takeover: args.flag("takeover"),
  };
}

function uniqueOf(args: CheckedArguments): Unique | null {
  const queueKey = args.optionalText("queueKey");
  if (queueKey === undefined) return null;
  const until = args.optionalText("uniqueUntil") === "finish" ? "finish" : "start";
  return { queueKey: key(queueKey), until };
}

function wantedKeyOf(args: CheckedArguments): WantedKey | undefined {
  const wanted = args.optionalText("executionKey");
  if (wanted === undefined) return undefined;
  const onBusy = args.optionalText("onBusy") === "wait" ? "wait" : "reject";
  return { key: key(wanted), onBusy, waitTimeoutMs: args.wholeNumber("waitTimeoutMs") };
}

function problemOfFinish(args: CheckedArguments, at: string): Problem | undefined {
  const isRetry = args.text("outcome") === "retry";
  if (!isRetry || args.wholeNumber("rememberMs") === undefined) return undefined;
  return {
    path: `${at}.rememberMs`,
    reason: "is of no use: a job that is remembered is not started again",
  };
}

function finishOf(args: CheckedArguments): JobFinish {
  const wanted = args.text("outcome");
  const token = args.wholeNumber("token");
  return {
    jobId: jobId(args.text("jobId")),
    token: token === undefined ? undefined : fencingToken(token),
    outcome: outcomes.find((outcome) => outcome === wanted) ?? "completed",
    keepQueueKey: args.flag("keepQueueKey"),
    rememberMs: args.wholeNumber("rememberMs"),
  };
}

/** A map of arguments in the place of one. */
function nestedField(
  fields: Fields,
  problemOf: (args: CheckedArguments, at: string) => Problem | undefined,
): Field {
  return {
    isRequired: true,
    check: (value, path) => {
      const checked = checkArguments(value, fields, path);
      return "problem" in checked ? checked.problem : problemOf(checked, path);
    },
  };
}

function nested(args: CheckedArguments, name: string, fields: Fields): CheckedArguments {
  const checked = checkArguments(args.checked(name), fields);
  assert(checked instanceof CheckedArguments, `${name} was checked before`);
  return checked;
}

export const jobCommands: readonly [string, CommandShape][] = [
  [
    "job.start",
    {
      scope: "partition",
      fields: startFields,
      make: (args, partition) => {
        const problem = problemOfStart(args, "args");
        if (problem !== undefined) return invalid(problem);
        return write({ name: "job.start", partition, args: startOf(args) });
      },
    },
  ],
  [
    "job.finish",
    {
      scope: "partition",
      fields: finishFields,
      make: (args, partition) => {
        const problem = problemOfFinish(args, "args");
        if (problem !== undefined) return invalid(problem);
        return write({ name: "job.finish", partition, args: finishOf(args) });
      },
    },
  ],
  [
    "job.finishAndStart",
    {
      scope: "partition",
      fields: {
        finish: nestedField(finishFields, problemOfFinish),
        start: nestedField(startFields, problemOfStart),
      },
      make: (args, partition) => {
        const finish = finishOf(nested(args, "finish", finishFields));
        const start = startOf(nested(args, "start", startFields));
        return write({ name: "job.finishAndStart", partition, args: { finish, start } });
      },
    },
  ],
];
