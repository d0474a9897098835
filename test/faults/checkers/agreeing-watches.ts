// agreeing-watches.ts — judges what watches were told (I11): each in the order of the log, nothing twice, nothing but what
// happened there, nothing left out between; and what somebody holds was told as granted, what somebody was answered as
// changed. What happened says the committed log itself; where it could not be read, what other watches were told.
import { isDeepStrictEqual } from "node:util";
import type { HappenedLine, ToldLine } from "../history/history-line.ts";
import { changesLeftOut } from "./acknowledged-changes.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { inLogOrder, mayHaveSeveral, toldGrants } from "./told-grants.ts";
import { groupedBy, heldInWords, seconds, type ToldHistory } from "./told-history.ts";
import { type Segment, scopeOf, segmentsOf } from "./watch-segments.ts";

export function checkWatches(history: ToldHistory): Checked {
  const segments = segmentsOf(history);
  const happened = happenedIn(history);
  const acknowledged = changesLeftOut(history, segments);
  const findings = [
    ...[...groupedBy(history.told, nameOf).values()].flatMap(outOfOrder),
    ...disagreements(history.told),
    ...untrue(history),
    ...segments.flatMap((segment) => leftOut(segment, happened.get(segment.scope) ?? [])),
    ...grantsLeftOut(history, segments),
    ...acknowledged.findings,
  ];
  const watches = new Set(history.told.map(nameOf)).size;
  const counts = {
    watches,
    "events told": history.told.length,
    events: [...happened.values()].reduce((sum, { length }) => sum + length, 0),
    "of them in the log": history.happened.length,
    "acknowledged changes": acknowledged.judged,
  };
  return { findings, counts };
}

function nameOf({ watch, worker }: ToldLine): string {
  return `${worker} ${watch}`;
}

function outOfOrder(lines: readonly ToldLine[]): readonly PlacedFinding[] {
  return lines.flatMap((line, at) => {
    const before = lines[at - 1];
    if (before === undefined || inLogOrder(before, line) < 0) return [];
    const isTwice = inLogOrder(before, line) === 0;
    const property = `a watch is told ${isTwice ? "of an event twice" : "against the order of the log"} (I11)`;
    return [{ property, facts: [inWords(before), inWords(line)], at: line.at, where: line.worker }];
  });
}

type Event = ToldLine | HappenedLine;

/** By what watches are of; in the order of the log. */
function happenedIn({ happened, log, told }: ToldHistory): ReadonlyMap<string, readonly Event[]> {
  const inLog = groupedBy(happened, ({ partition }) => partition);
  const byScope = groupedBy(told, scopeOf);
  return new Map(
    [...new Set([...inLog.keys(), ...byScope.keys()])].map((scope) => {
      const others = (byScope.get(scope) ?? []).filter((line) => !isInReach(line, log));
      return [scope, eventsOnce([...(inLog.get(scope) ?? []), ...others])];
    }),
  );
}

/** The log says what happened there. */
function isInReach(line: ToldLine, log: ToldHistory["log"]): boolean {
  if (log === undefined || line.revision > log.through) return false;
  return log.partitions.includes(scopeOf(line));
}

/** In the order of the log. */
function eventsOnce(events: readonly Event[]): readonly Event[] {
  const once = new Map<string, Event>();
  for (const event of events) once.set(placeOf(event), event);
  return [...once.values()].sort(inLogOrder);
}

function placeOf({ n, revision }: Place): string {
  return `${revision} ${n}`;
}

/** Told, and not so in the log. */
function untrue({ happened, log, told }: ToldHistory): readonly PlacedFinding[] {
  const inLog = new Map(happened.map((line) => [`${line.partition} ${placeOf(line)}`, line]));
  return told.flatMap((line) => {
    if (!isInReach(line, log)) return [];
    const is = inLog.get(`${scopeOf(line)} ${placeOf(line)}`);
    if (isDeepStrictEqual(is?.event, line.event)) return [];
    const property = "a watch is told what did not happen (I11)";
    const facts = [inWords(line), is === undefined ? "the log has nothing there" : inWords(is)];
    return [{ property, facts, at: line.at, where: line.worker }];
  });
}

function disagreements(told: readonly ToldLine[]): readonly PlacedFinding[] {
  return [...groupedBy(told, placeOf).values()].flatMap((lines) => {
    const [first, ...others] = lines;
    const other = others.find(({ event }) => !isDeepStrictEqual(event, first?.event));
    if (first === undefined || other === undefined) return [];
    const property = "two watches are told different events of one place (I11)";
    return [
      { property, facts: [inWords(first), inWords(other)], at: other.at, where: other.worker },
    ];
  });
}

/** What other watches know of between its begin and its end. */
function leftOut(segment: Segment, happened: readonly Event[]): readonly PlacedFinding[] {
  const { after, events, through, watch } = segment;
  const [first, last] = [events[0], events.at(-1)];
  const from = after === undefined ? first : { revision: after, n: Number.POSITIVE_INFINITY };
  const to =
    through === undefined
      ? last
      : laterOf({ revision: through, n: Number.POSITIVE_INFINITY }, last);
  if (from === undefined || to === undefined) return [];
  const known = new Set(events.map(placeOf));
  const missing = happened.filter(
    (line) => inLogOrder(line, from) > 0 && inLogOrder(line, to) <= 0 && !known.has(placeOf(line)),
  );
  return missing.map((line) => {
    const range = `${watch}  was told all after revision ${from.revision} up to ${to.revision}, but not that`;
    const property = "a watch is not told what happened (I11)";
    return {
      property,
      facts: [range, inWords(line)],
      at: line.at,
      where: watch.split(" ")[0] ?? "",
    };
  });
}

interface Place {
  readonly revision: number;
  readonly n: number;
}

function laterOf(one: Place, other: Place | undefined): Place {
  return other === undefined || inLogOrder(one, other) > 0 ? one : other;
}

/**
 * A holder may learn of its grant late, and of a later revision. By its token it lies between two that one watch was
 * told of: that watch was told of it, too. Jobs are all of one partition; of keys only those of one name are for certain.
 */
function grantsLeftOut(
  { held, told }: ToldHistory,
  segments: readonly Segment[],
): readonly PlacedFinding[] {
  const granted = new Set(toldGrants(told).map(({ thing, token }) => `${thing} ${token}`));
  const ranges = groupedBy(
    segments.flatMap(({ events }) => tokenRanges(events)),
    ({ of }) => of,
  );
  return held.flatMap((line) => {
    const { thing, token, worker } = line;
    const its = ranges.get(comparable(thing)) ?? [];
    const range = its.find(({ from, to }) => from < token && token < to);
    const isTold = granted.has(`${thing} ${token}`) || mayHaveSeveral(thing);
    if (range === undefined || isTold) return [];
    const toldBeside = `a watch was told of the tokens ${range.from} and ${range.to}, and no watch of this one`;
    const facts = [heldInWords(line), toldBeside];
    return [{ property: "a grant is not told (I11)", facts, at: line.at, where: worker }];
  });
}

function tokenRanges(events: readonly ToldLine[]) {
  const comparables = groupedBy(toldGrants(events), ({ thing }) => comparable(thing));
  return [...comparables].map(([of, grants]) => {
    const tokens = grants.map(({ token }) => token);
    const from = tokens.reduce((least, token) => Math.min(least, token));
    return { of, from, to: tokens.reduce((most, token) => Math.max(most, token)) };
  });
}

function comparable(thing: string): string {
  return thing.startsWith("job ") ? "jobs" : thing;
}

function inWords(line: Event): string {
  if (line.kind === "happened") {
    return `the log at ${placeOf(line)}: ${JSON.stringify(line.event)}`;
  }
  return `${nameOf(line)}  ${seconds(line.at)} s, at ${placeOf(line)}: ${JSON.stringify(line.event)}`;
}
