// first-come.ts — judges who comes first (I5): an execution key that becomes free goes to the one who stands first in its
// line, unless he has left it; and whoever was told that he waits, before another one asked, has it before that one.
import type { HeldLine, LeftLine, ToldLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { grantInWords, inLogOrder, type ToldGrant, toldGrants } from "./told-grants.ts";
import {
  callInWords,
  groupedBy,
  heldInWords,
  numberOf,
  statusOf,
  type ToldCall,
  type ToldHistory,
  textOf,
} from "./told-history.ts";
import { type Segment, segmentsOf } from "./watch-segments.ts";

const passedOver = "a key goes past the one who stands first in its line (I5)";

export function checkFirstCome(history: ToldHistory): Checked {
  const lines = segmentsOf(history).flatMap(linesOf);
  const told = lines.flatMap(judgeLine);
  const waiting = acknowledgedWaits(history);
  const acknowledged = judgeable(history, waiting);
  const findings = [...unlike(told), ...acknowledged.flatMap(judgeAcknowledged)];
  const waits = lines.reduce((sum, { waits: its }) => sum + its.length, 0);
  const grants = lines.reduce((sum, { grants: its }) => sum + its.length, 0);
  const counts = {
    "waits told": waits,
    "grants told": grants,
    "waits acknowledged": waiting.length,
    "of them judged": acknowledged.length,
  };
  return { findings, counts };
}

interface Wait {
  readonly ticket: number;
  readonly owner: string;
  readonly since: Place;
  readonly until: Place | undefined;
}

interface Place {
  readonly revision: number;
  readonly n: number;
}

/** All that one watch was told of one key, without a gap. */
interface KeyLine {
  readonly waits: readonly Wait[];
  readonly grants: readonly ToldGrant[];
}

function linesOf({ events }: Segment): readonly KeyLine[] {
  const ofKeys = events.filter(({ event }) => textOf(event, "type")?.startsWith("executionKey."));
  const keys = groupedBy(
    ofKeys,
    ({ event }) => `${textOf(event, "partition")} ${textOf(event, "name")}`,
  );
  return [...keys.values()].map((its) => ({ waits: waitsOf(its), grants: toldGrants(its) }));
}

function waitsOf(events: readonly ToldLine[]): readonly Wait[] {
  const waits = new Map<number, Wait>();
  for (const { event, n, revision } of events) {
    const isWait = textOf(event, "type") === "executionKey.waiting";
    const isEnd = textOf(event, "type") === "executionKey.waitEnded";
    if (!isWait && !isEnd) continue;
    const item = event[isWait ? "item" : "was"];
    const ticket = numberOf(item, "ticket");
    if (ticket === undefined) continue;
    const owner = textOf(item, "owner") ?? "";
    const since = isWait ? { revision, n } : beforeAll;
    const wait = waits.get(ticket) ?? { ticket, owner, since, until: undefined };
    // One that is taken over is told again, and has its place.
    waits.set(ticket, isEnd ? { ...wait, until: { revision, n } } : wait);
  }
  return [...waits.values()].sort((one, other) => inLogOrder(one.since, other.since));
}

/** Of one that waited when the watch began. */
const beforeAll: Place = { revision: 0, n: 0 };

/** What ends in the entry of the grant may have ended before it; the events of one call have no order among them. */
function judgeLine({ grants, waits }: KeyLine): readonly PlacedFinding[] {
  let from = 0;
  let standing: readonly Wait[] = [];
  return grants.flatMap((grant, at) => {
    const { revision } = grant;
    const to = waits.findIndex(({ since }, index) => index >= from && since.revision >= revision);
    const came = waits.slice(from, to === -1 ? undefined : to);
    from = to === -1 ? waits.length : to;
    standing = [...standing, ...came].filter(
      ({ until }) => until === undefined || until.revision >= revision,
    );
    const passed = passedBy(grant, standing);
    if (passed === undefined || keepsItsSlot(grant, grants[at - 1])) return [];
    const facts = [grantInWords(grant), waitInWords(passed)];
    return [{ property: passedOver, facts, where: grant.thing }];
  });
}

function passedBy(grant: ToldGrant, standing: readonly Wait[]): Wait | undefined {
  const endsNow = ({ until }: Wait): boolean => until?.revision === grant.revision;
  const own = standing.find((wait) => wait.owner === grant.owner && endsNow(wait));
  const ticket = own?.ticket ?? Number.POSITIVE_INFINITY;
  return standing.find(
    (wait) => wait.owner !== grant.owner && wait.ticket < ticket && !endsNow(wait),
  );
}

/** A run that is taken over keeps its slot, whoever waits. */
function keepsItsSlot(grant: ToldGrant, before: ToldGrant | undefined): boolean {
  return before?.owner === grant.owner && !grant.cause.startsWith("executionKey.");
}

function waitInWords({ owner, since, ticket, until }: Wait): string {
  const left = until === undefined ? "and does" : `until revision ${until.revision}`;
  return `${owner} has waited with ticket ${ticket} since revision ${since.revision}, ${left}`;
}

/** Several watches tell of the same. */
function unlike(findings: readonly PlacedFinding[]): readonly PlacedFinding[] {
  return [...new Map(findings.map((finding) => [finding.facts.join(), finding])).values()];
}

interface AcknowledgedWait {
  readonly call: ToldCall;
  readonly key: string;
  readonly owner: string;
  readonly ticket: number | undefined;
  readonly at: number;
}

/** By an answer `waiting`: to the wish itself, or to another one of its owner. */
function acknowledgedWaits({ calls }: ToldHistory): readonly AcknowledgedWait[] {
  return calls.flatMap((call) => {
    const { asks, end, object, workload } = call;
    const owner = textOf(asks, "owner");
    const isWait =
      workload === "keys" && asks["form"] === "acquire" && statusOf(call) === "waiting";
    if (!isWait || owner === undefined || end === undefined) return [];
    return [{ call, key: object, owner, ticket: numberOf(call.answer, "ticket"), at: end }];
  });
}

/** One that came to a grant, and that grant. */
interface JudgedWait {
  readonly wait: AcknowledgedWait;
  readonly own: HeldLine;
  /** Of its key, to others, with lower tokens; told since he was told that he waits. */
  readonly earlier: readonly HeldLine[];
  /** Of its key, by owner. */
  readonly asked: ReadonlyMap<string, readonly ToldCall[]>;
}

function judgeable(
  { calls, held, left }: ToldHistory,
  waits: readonly AcknowledgedWait[],
): readonly JudgedWait[] {
  const grants = groupedBy(held, ({ thing }) => thing);
  const ofKeys = calls.filter(({ workload }) => workload === "keys");
  const askedFor = new Map(
    [...groupedBy(ofKeys, ({ object }) => object)].map(([key, its]) => [
      key,
      groupedBy(its, ({ asks }) => textOf(asks, "owner")),
    ]),
  );
  const losses = groupedBy(left.filter(isSessionLost), ({ worker }) => worker);
  return waits.flatMap((wait) => {
    const its = grants.get(wait.key) ?? [];
    const own = its.find(({ at, owner }) => owner === wait.owner && at >= wait.at);
    if (own === undefined) return [];
    const asked = askedFor.get(wait.key) ?? new Map<string, readonly ToldCall[]>();
    // He asked anew, or was taken out of the line: the grant is not of this wait. So it may be after a loss.
    const isOther = asked
      .get(wait.owner)
      ?.some(
        (call) =>
          call.begin > wait.at &&
          call.begin < own.at &&
          numberOf(call.answer, "ticket") !== wait.ticket,
      );
    const isLost = losses.get(own.worker)?.some(({ at }) => wait.at <= at && at <= own.at) ?? false;
    if (isOther || isLost) return [];
    const earlier = its.filter(
      ({ at, owner, token }) => owner !== wait.owner && token < own.token && at > wait.at,
    );
    return [{ wait, own, earlier, asked }];
  });
}

/** With the session went its place in every line; a run that was taken over, or ended by somebody, took nothing else with it. */
function isSessionLost({ why }: LeftLine): boolean {
  return why === "LeaseLostError" || why === "ClientClosedError";
}

function judgeAcknowledged(judged: JudgedWait): readonly PlacedFinding[] {
  return judged.earlier.flatMap((other) => judgePair(judged, other));
}

function judgePair({ asked, own, wait }: JudgedWait, other: HeldLine): readonly PlacedFinding[] {
  const its = asked.get(other.owner) ?? [];
  const asking = its.filter(({ asks }) => asks["form"] === "acquire");
  const got = asking.find(
    (call) => statusOf(call) === "held" && numberOf(call.answer, "token") === other.token,
  );
  if (got === undefined || got.begin <= wait.at) return [];
  const { begin } = got;
  // One that he asked before, and that was open, may have had its place in the line since then.
  const mayStand = asking.some(
    (call) =>
      call.begin <= wait.at &&
      (call.outcome === "unknown" || call.end === undefined || call.end >= begin),
  );
  if (mayStand) return [];
  const facts = [callInWords(wait.call), callInWords(got), heldInWords(other), heldInWords(own)];
  return [{ property: passedOver, facts, at: other.at, where: own.thing }];
}
