// refused-starts.ts — judges that a cancel sticks and a pause holds (I6, SEMANTICS §4): no start that began after either
// was acknowledged is answered `started`, unless somebody may have cleared or resumed meanwhile.
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
  readonly bans: readonly ToldCall[];
  readonly lifts: readonly ToldCall[];
}

export function checkRefusals(history: ToldHistory): Checked {
  const jobs = history.calls.filter(({ workload }) => workload === "jobs");
  const byForm = groupedBy(jobs, ({ asks }) => textOf(asks, "form"));
  const of = (form: string): ReadonlyMap<string, readonly ToldCall[]> =>
    groupedBy(byForm.get(form) ?? [], ({ object }) => object);
  const [cancels, clears] = [of("cancel"), of("clear")];
  const [pauses, resumes] = [of("pause"), of("resume")];
  const starts = byForm.get("start") ?? [];
  const findings = starts.filter(isStarted).flatMap((start) => {
    const cancelled = {
      property: "a job that was cancelled starts (I6)",
      bans: (cancels.get(start.object) ?? []).filter((cancel) => isInForce(cancel, start)),
      lifts: clears.get(start.object) ?? [],
    };
    const selectors = ["queue *", `queue ${textOf(start.asks, "queue")}`];
    const paused = selectors.map((selector) => ({
      property: "a job of a paused queue starts (SEMANTICS §4.6)",
      bans: pauses.get(selector) ?? [],
      lifts: resumes.get(selector) ?? [],
    }));
    return [cancelled, ...paused].flatMap((ban) => broken(start, ban));
  });
  const count = (form: string): number => byForm.get(form)?.length ?? 0;
  const counts = { starts: starts.length, cancels: count("cancel"), pauses: count("pause") };
  return { findings, counts };
}

function isStarted(call: ToldCall): boolean {
  return statusOf(call) === "started";
}

/** Its time to live is a lower bound. */
function isInForce({ asks, begin }: ToldCall, start: ToldCall): boolean {
  const ttlMs = numberOf(asks, "ttlMs");
  return ttlMs === undefined || (start.end ?? 0) < begin + ttlMs * 1_000;
}

/** Any that was acknowledged before the start, and that nobody may have lifted since. */
function broken(start: ToldCall, { bans, lifts, property }: Ban): readonly PlacedFinding[] {
  const before = bans.filter(
    (ban) => ban.outcome === "answered" && ban.end !== undefined && ban.end < start.begin,
  );
  const ban = before.find((each) => !lifts.some((lift) => mayLift(lift, each, start)));
  if (ban === undefined) return [];
  const facts = [callInWords(ban), callInWords(start)];
  return [{ property, facts, at: start.begin, where: start.object }];
}

/** It may have taken effect after the ban, and before the start. */
function mayLift(lift: ToldCall, ban: ToldCall, start: ToldCall): boolean {
  if (lift.outcome === "without-effect") return false;
  const isBefore = lift.begin <= (start.end ?? Number.POSITIVE_INFINITY);
  const isAfter = lift.outcome === "unknown" || (lift.end ?? 0) >= ban.begin;
  return isBefore && isAfter;
}
