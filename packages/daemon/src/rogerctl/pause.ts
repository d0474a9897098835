// pause.ts — `pause QUEUE`: no job of that queue starts from here on, until a time or until it is resumed.
import { type CommandForm, firstArgument, type Given, optionText } from "./command-form.ts";
import { parseDuration } from "./duration.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseInstant } from "./instant.ts";
import { type Invocation, unreadable, usageError } from "./invocation.ts";
import { writeInStarted } from "./partition-start.ts";
import { print, shownTime } from "./print.ts";

export interface PauseAsked {
  readonly partition: string;
  readonly selector: string;
  readonly reason: string;
  /** Milliseconds since 1970; undefined: until it is resumed. */
  readonly until: number | undefined;
  readonly mode: string | undefined;
}

export async function pause(invocation: Invocation, asked: PauseAsked): Promise<ExitCode> {
  const { partition, selector, reason, until, mode } = asked;
  const command = "queue.pause";
  const args = {
    selector,
    by: invocation.by,
    reason,
    ...(until === undefined ? {} : { until }),
    ...(mode === undefined ? {} : { mode }),
  };
  const outcome = await writeInStarted(invocation, { command, partition, args });
  if (outcome.kind === "failed") return outcome.exitCode;
  const changed = outcome.result["changed"];
  if (typeof changed !== "boolean") return unreadable(invocation, command).exitCode;
  const end = until === undefined ? undefined : new Date(until).toISOString();
  print(invocation, {
    json: {
      partition,
      revision: outcome.revision,
      selector,
      changed,
      ...(end === undefined ? {} : { until: end }),
      ...(mode === undefined ? {} : { mode }),
    },
    text: () =>
      changed
        ? `${named(selector)} paused${end === undefined ? "" : ` until ${shownTime(end)}`}\n`
        : `${named(selector)} paused already, nothing changed\n`,
  });
  return exitCodes.done;
}

export function named(selector: string): string {
  return selector === "*" ? "all queues" : `queue ${selector}`;
}

type End =
  | { readonly kind: "end"; readonly until: number | undefined }
  | { readonly kind: "wrong"; readonly sentence: string };

/** An end that is over already is the cluster's to refuse: its clock is the one that counts. */
function endOf(given: Given, { surroundings }: Invocation): End {
  const until = optionText(given, "until");
  const duration = optionText(given, "for");
  if (until !== undefined && duration !== undefined)
    return { kind: "wrong", sentence: "pause takes --until or --for, not both" };
  if (duration !== undefined) {
    const durationMs = parseDuration(duration);
    if (durationMs === undefined)
      return {
        kind: "wrong",
        sentence: `--for takes a duration, as 90s, 30m or 24h, not "${duration}"`,
      };
    return { kind: "end", until: Math.floor(surroundings.wallNow()) + durationMs };
  }
  if (until === undefined) return { kind: "end", until: undefined };
  const instant = parseInstant(until);
  if (instant === undefined) {
    const sentence = `--until takes a time with its zone, as 2027-01-31T06:00Z or 2027-01-31T06:00+01:00, not "${until}"`;
    return { kind: "wrong", sentence };
  }
  return { kind: "end", until: instant };
}

export const pauseCommand: CommandForm = {
  words: ["pause"],
  argument: { form: "<queue>", description: "a queue, or * for all queues of the partition" },
  summary: "pause a queue: no start of a job in it is taken until it is resumed, or until a time",
  options: [
    { flags: "--reason <text>", description: "why, for those who find it paused" },
    { flags: "--until <time>", description: "when it ends by itself, as 2027-01-31T06:00Z" },
    {
      flags: "--for <duration>",
      description: "after how long it ends by itself, as 90s, 30m or 24h",
    },
    {
      flags: "--mode <mode>",
      description:
        "drain: what runs goes on, what stands in line for its key still starts (default); stop: what runs is told to stop, what waits leaves the line",
      choices: ["drain", "stop"],
    },
  ],
  examples: [
    'rogerctl pause mail --partition acme --reason "provider down"',
    "rogerctl pause mail --partition acme --for 2h --mode stop",
    "rogerctl pause '*' --partition acme --by deploy-bot",
  ],
  scope: "partition",
  run: async (invocation, given) => {
    const end = endOf(given, invocation);
    if (end.kind === "wrong") return usageError(invocation, end.sentence);
    return pause(invocation, {
      partition: given.partition,
      selector: firstArgument(given),
      reason: optionText(given, "reason") ?? "",
      until: end.until,
      mode: optionText(given, "mode"),
    });
  },
};
