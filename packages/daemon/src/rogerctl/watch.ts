// watch.ts — `watch`: every change as it happens, one line each, until it is interrupted. It tells no faster than
// its output is read: what nobody keeps meanwhile is told as lost, in its place, and the rest goes on.
import type { WatchedEvent } from "@rogerd/protocol";
import { changeSentence } from "./change-sentence.ts";
import type { ChangePlace, ChangeStream, Changes, ChangesWish, NextChange } from "./changes.ts";
import { type CommandForm, type Given, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { explain, type Invocation, usageError } from "./invocation.ts";
import { shownTime } from "./print.ts";
import { visible } from "./visible.ts";
import { withTimes } from "./with-times.ts";

interface Asked extends ChangesWish {
  readonly form: "lines" | "json";
}

async function watch(invocation: Invocation, asked: Asked): Promise<ExitCode> {
  const { credential, endpoints, surroundings, timeoutMs } = invocation;
  const stop = new AbortController();
  const { signal } = stop;
  const hearNoMore = surroundings.onInterrupt(() => stop.abort());
  const hear = (sentence: string): void => surroundings.say(`rogerctl: ${sentence}`);
  try {
    const opened = await surroundings.openChanges({
      credential,
      endpoints,
      hear,
      signal,
      timeoutMs,
    });
    if (opened.kind === "failed")
      return signal.aborted ? exitCodes.done : explain(invocation, opened.outcome);
    const { changes } = opened;
    const whose = asked.partition === undefined ? "all partitions" : `partition ${asked.partition}`;
    hear(`watching ${whose}; Ctrl-C ends it`);
    try {
      return await tellAll(invocation, { asked, changes, signal });
    } finally {
      await changes.close();
    }
  } finally {
    hearNoMore();
  }
}

interface Telling {
  readonly asked: Asked;
  readonly changes: Changes;
  readonly signal: AbortSignal;
}

async function tellAll(
  invocation: Invocation,
  { asked, changes, signal }: Telling,
): Promise<ExitCode> {
  const { surroundings } = invocation;
  let { place } = asked;
  let stream = changes.from(asked);
  for (;;) {
    const next = await stream.next();
    if (signal.aborted || next.kind === "over") return ended(invocation, { place, stream });
    if (next.kind === "failed") return explain(invocation, next.outcome);
    surroundings.out(textOf(next, { place, form: asked.form }));
    place = placeAfter(next);
    if (next.kind === "lost") stream = changes.from({ ...asked, place });
    await surroundings.outTaken(signal);
  }
}

type Told = Extract<NextChange, { readonly kind: "change" | "lost" }>;

function placeAfter(next: Told): ChangePlace | undefined {
  if (next.kind === "change") return { revision: next.change.revision, n: next.change.n };
  return next.through === undefined ? undefined : { revision: next.through };
}

function ended(
  { surroundings }: Invocation,
  at: { readonly place: ChangePlace | undefined; readonly stream: ChangeStream },
): ExitCode {
  if (at.place !== undefined)
    surroundings.say(`rogerctl: watch on with --from ${placeText(at.place)}`);
  return exitCodes.done;
}

function placeText({ n, revision }: ChangePlace): string {
  return n === undefined ? String(revision) : `${revision}.${n}`;
}

function textOf(
  next: Told,
  { form, place }: { readonly place: ChangePlace | undefined; readonly form: Asked["form"] },
): string {
  if (form === "json") {
    const told = next.kind === "change" ? jsonOf(next.change) : lostOf(next.through, place);
    return `${JSON.stringify(told)}\n`;
  }
  const line = next.kind === "change" ? lineOf(next.change) : lostLine(next.through, place);
  return `${visible(line).replaceAll("\n", "\\n")}\n`;
}

function lineOf(change: WatchedEvent): string {
  const time = shownTime(isoOf(change.at));
  return `${time}  ${change.partition ?? "-"}  ${changeSentence(change)}`;
}

function lostLine(through: number | undefined, place: ChangePlace | undefined): string {
  const after = place === undefined ? "" : ` after ${placeText(place)}`;
  const to = through === undefined ? "" : ` through revision ${through}`;
  return `CHANGES LOST: what happened${after}${to} is not known any more; look at what is there now (rogerctl keys, runs, paused, rules)`;
}

function jsonOf(change: WatchedEvent): object {
  const { at, by, cause, item, n, name, partition, revision, type, was } = change;
  const shown = (thing: WatchedEvent["item"]): object | null =>
    thing === null ? null : withTimes(thing);
  const what = { type, partition, name, item: shown(item), was: shown(was), cause, by };
  return { revision, n, at: isoOf(at), ...what };
}

function lostOf(through: number | undefined, place: ChangePlace | undefined): object {
  const after = place === undefined ? null : { revision: place.revision, n: place.n ?? null };
  return { type: "lost", after, through: through ?? null };
}

function isoOf(atMs: number): string {
  return new Date(Math.min(atMs, 8.64e15)).toISOString();
}

function readPlace(text: string): ChangePlace | undefined {
  const parts = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text);
  if (parts === null) return undefined;
  const revision = Number(parts[1]);
  return parts[2] === undefined ? { revision } : { revision, n: Number(parts[2]) };
}

function begin(invocation: Invocation, given: Given): Promise<ExitCode> | ExitCode {
  const [from, types] = [optionText(given, "from"), optionText(given, "type")];
  const place = from === undefined ? undefined : readPlace(from);
  if (from !== undefined && place === undefined)
    return usageError(invocation, `--from takes a revision, as 4711 or 4711.2, not "${from}"`);
  const isJson = given.options.has("json") || invocation.output === "json";
  return watch(invocation, {
    partition: invocation.partition,
    prefix: optionText(given, "prefix"),
    types: types?.split(",").map((type) => type.trim()),
    place,
    form: isJson ? "json" : "lines",
  });
}

export const watchCommand: CommandForm = {
  words: ["watch"],
  summary:
    "tell every change as it happens, one line each, until Ctrl-C; of one partition or of all",
  options: [
    {
      flags: "--prefix <text>",
      description: "only of things whose names begin so: jobs, keys, queues",
    },
    {
      flags: "--type <list>",
      description:
        "only such changes: partition, session, cancel, queueKey, executionKey, job, queue, or one of their types as job.fenced; with commas",
    },
    {
      flags: "--from <revision>",
      description:
        "what happened after this revision, too, as 4711, or 4711.2 where some of it was seen",
    },
    { flags: "--json", description: "one JSON object a line; the same as -o json" },
  ],
  examples: [
    "rogerctl watch",
    "rogerctl watch --partition acme --type cancel,job --prefix mail-",
    "rogerctl watch --partition acme --from 4711 --json >> changes.jsonl",
  ],
  scope: "cluster",
  run: async (invocation, given) => begin(invocation, given),
};
