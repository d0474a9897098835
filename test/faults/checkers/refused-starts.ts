// refused-starts.ts — judges that a cancel sticks and a pause holds (I6, SEMANTICS §3, §4): a start that began after either
// was acknowledged is refused for it, unless somebody may have cleared or resumed meanwhile. That is decided before
// all else: not even who runs it, or waits for it, is told then.
import type { WorkloadName } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import {
  callInWords,
  groupedBy,
  numberOf,
  statusOf,
  type ToldCall,
  type ToldHistory,
  textOf,
} from "./told-history.ts";

/** What refuses starts, and what takes it back; all of one job, or of one queue. */
interface Ban {
  readonly property: string;
  /** What a start is answered while it is in force. */
  readonly refusals: readonly string[];
  readonly bans: readonly ToldCall[];
  readonly lifts: readonly ToldCall[];
}

export function checkRefusals(history: ToldHistory): Checked {
  const calls = history.calls.filter(({ workload }) => ofWorkloads.has(workload));
  const byForm = groupedBy(calls, ({ asks }) => textOf(asks, "form"));
  const of = (form: string): ReadonlyMap<string, readonly ToldCall[]> =>
    groupedBy(byForm.get(form) ?? [], ({ object }) => object);
  const [cancels, clears] = [of("cancel"), of("clear")];
  const [pauses, resumes] = [of("pause"), of("resume")];
  const starts = byForm.get("start") ?? [];
  const banned = starts.flatMap((start) => {
    const cancelled = {
      property: "a job that was cancelled starts (I6)",
      refusals: ["cancelled"],
      bans: (cancels.get(start.object) ?? []).filter((cancel) => isInForce(cancel, start)),
      lifts: clears.get(start.object) ?? [],
    };
    const paused = selectorsOf(start).map((selector) => ({
      property: "a job of a paused queue starts (SEMANTICS §4.6)",
      refusals: ["cancelled", "paused"],
      bans: pauses.get(selector) ?? [],
      lifts: resumes.get(selector) ?? [],
    }));
    const standing = [cancelled, ...paused].flatMap((ban) => standingAt(start, ban));
    return standing.length === 0 ? [] : [{ start, standing }];
  });
  const findings = banned.flatMap(({ start, standing }) =>
    standing
      .filter(({ refusals }) => !refusals.includes(statusOf(start) ?? ""))
      .map((ban) => finding(start, ban)),
  );
  const count = (form: string): number => byForm.get(form)?.length ?? 0;
  const counts = {
    starts: starts.length,
    "starts that must be refused": banned.length,
    cancels: count("cancel"),
    pauses: count("pause"),
  };
  return { findings, counts };
}

const ofWorkloads = new Set<string>(["jobs", "pauses"] satisfies readonly WorkloadName[]);

/** `job j-1 of paused-7`: its queues are of that partition, too. */
function selectorsOf({ asks, object }: ToldCall): readonly string[] {
  const at = object.indexOf(" of ");
  const of = at === -1 ? "" : object.slice(at);
  return [`queue *${of}`, `queue ${textOf(asks, "queue")}${of}`];
}

/** Its time to live is a lower bound. */
function isInForce({ asks, begin }: ToldCall, start: ToldCall): boolean {
  const ttlMs = numberOf(asks, "ttlMs");
  return ttlMs === undefined || (start.end ?? 0) < begin + ttlMs * 1_000;
}

/** One that was acknowledged before the start; and nobody may have lifted it since. */
function standingAt(
  start: ToldCall,
  { bans, lifts, property, refusals }: Ban,
): readonly Standing[] {
  if (start.outcome !== "answered") return [];
  const liftedAt = lifts.reduce((latest, lift) => Math.max(latest, lastEffect(lift, start)), 0);
  const call = bans.find(
    ({ begin, end, outcome }) =>
      outcome === "answered" && end !== undefined && end < start.begin && begin > liftedAt,
  );
  return call === undefined ? [] : [{ call, property, refusals }];
}

interface Standing extends Pick<Ban, "property" | "refusals"> {
  readonly call: ToldCall;
}

/** Until when it may have taken effect, if before the start. */
function lastEffect({ begin, end, outcome }: ToldCall, start: ToldCall): number {
  const isBefore = begin <= (start.end ?? Number.POSITIVE_INFINITY);
  if (outcome === "without-effect" || !isBefore) return 0;
  return outcome === "unknown" ? Number.POSITIVE_INFINITY : (end ?? 0);
}

function finding(start: ToldCall, { call, property: starts }: Standing): PlacedFinding {
  const facts = [callInWords(call), callInWords(start)];
  const property = statusOf(start) === "started" ? starts : notRefused;
  return { property, facts, at: start.begin, where: start.object };
}

const notRefused = "a start that is to be refused is answered something else (SEMANTICS §3)";
