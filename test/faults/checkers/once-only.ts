// once-only.ts — judges that a write takes effect once, whatever was sent again (I7): a run finishes once, and what its
// own finish or release ended, as watches were told, is not answered as if another one had.
import type { ToldLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { forgottenStarts } from "./forgotten-starts.ts";
import {
  callInWords,
  fieldOf,
  groupedBy,
  numberOf,
  statusOf,
  type ToldCall,
  type ToldHistory,
  textOf,
} from "./told-history.ts";
import { segmentsOf } from "./watch-segments.ts";

export function checkOnce(history: ToldHistory): Checked {
  const endings = history.calls.filter(
    ({ asks, workload }) =>
      (workload === "jobs" && asks["form"] === "finish") ||
      (workload === "keys" && asks["form"] === "release"),
  );
  const ended = endedByOwners(history);
  const ofGrants = groupedBy(endings, ({ asks, object }) => {
    const token = numberOf(asks, "token");
    return token === undefined ? undefined : `${object} ${token}`;
  });
  const findings = [...ofGrants].flatMap(([grant, calls]) => [
    ...twice(calls),
    ...forgotten(calls, ended.get(grant)),
  ]);
  const starts = forgottenStarts(history);
  const counts = {
    endings: endings.length,
    grants: ofGrants.size,
    "endings told": ended.size,
    "starts told": starts.judged,
  };
  return { findings: [...findings, ...starts.findings], counts };
}

/** What has ended is ended: two calls under two numbers can't both have done it. */
function twice(calls: readonly ToldCall[]): readonly PlacedFinding[] {
  const done = calls.filter((call) => ["finished", "released"].includes(statusOf(call) ?? ""));
  const [first, second] = done;
  if (first === undefined || second === undefined) return [];
  const facts = [callInWords(first), callInWords(second)];
  const { begin: at, object: where } = second;
  return [{ property: "one grant is given back twice (I7)", facts, at, where }];
}

/** One of these calls must have done it, and each was answered that it did not. */
function forgotten(
  calls: readonly ToldCall[],
  told: ToldLine | undefined,
): readonly PlacedFinding[] {
  const sent = calls.filter(({ outcome }) => outcome !== "without-effect");
  const [call] = sent;
  if (told === undefined || call === undefined) return [];
  if (!sent.every((each) => ["not_running", "not_held"].includes(statusOf(each) ?? ""))) return [];
  const { event, n, revision } = told;
  const was = `a watch was told at ${revision} ${n}: ${JSON.stringify(event)}`;
  const property = "a call is not answered what it did (I7)";
  return [{ property, facts: [...sent.map(callInWords), was], at: call.begin, where: call.object }];
}

/** By grant: the event that says that its own session ended it, by the command for it. */
function endedByOwners(history: ToldHistory): ReadonlyMap<string, ToldLine> {
  const ended = new Map<string, ToldLine>();
  for (const line of history.told) {
    const { event } = line;
    const isFinish =
      textOf(event, "type") === "job.finished" &&
      textOf(event, "cause") !== "executionKey.withdraw" &&
      sessionOf(event["by"]) === sessionOf(event["was"]);
    const token = numberOf(event["was"], "token");
    if (isFinish) ended.set(`job ${textOf(event, "name")} ${token}`, line);
  }
  for (const { events } of segmentsOf(history)) {
    for (const its of groupedBy(events, keyOf).values()) {
      for (const [grant, line] of releasesOf(its)) ended.set(grant, line);
    }
  }
  return ended;
}

function keyOf({ event }: ToldLine): string | undefined {
  const isHold = ["executionKey.taken", "executionKey.changed", "executionKey.freed"].includes(
    textOf(event, "type") ?? "",
  );
  return isHold ? `key ${textOf(event, "name")}` : undefined;
}

/** Of one key, without a gap: a release ends the hold that was told before it. */
function releasesOf(events: readonly ToldLine[]): readonly (readonly [string, ToldLine])[] {
  return events.flatMap((line, at) => {
    const [before] = holderTokens(events[at - 1]);
    const isRelease = textOf(line.event, "cause") === "executionKey.release";
    const isHeldOn = holderTokens(line).some((token) => token === before);
    const isOwn = sessionOf(line.event["by"]) === sessionOf(holdersOf(events[at - 1])[0]);
    if (!isRelease || before === undefined || isHeldOn || !isOwn) return [];
    return [[`${keyOf(line)} ${before}`, line] as const];
  });
}

function holderTokens(line: ToldLine | undefined): readonly number[] {
  return holdersOf(line).flatMap((holder) => numberOf(holder, "token") ?? []);
}

function holdersOf(line: ToldLine | undefined): readonly unknown[] {
  const holders = fieldOf(line?.event["item"], "holders");
  return Array.isArray(holders) ? holders : [];
}

/** Of who did it, or had it. */
function sessionOf(whom: unknown): number | undefined {
  return numberOf(whom, "session");
}
