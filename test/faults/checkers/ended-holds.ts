// ended-holds.ts — judges that a hold is over in the entry that gives its thing to another one (SEMANTICS §4.2, §4.3): no
// finish and no release is answered as done once a greater token was granted, and no job starts anew before a watch
// was told that the run before it has ended. So what may be taken over is judged, too: outside, its holders may meet.
import type { HeldLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { grantInWords, type ToldGrant, toldGrants } from "./told-grants.ts";
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

/** Somebody had this token by this revision at the latest: its holder may learn of his grant late. */
interface KnownGrant {
  readonly thing: string;
  readonly token: number;
  readonly by: number;
  readonly says: string;
}

export function checkEndedHolds(history: ToldHistory): Checked {
  const grants = grantsKnown(history);
  const ofThings = new Map(
    [...groupedBy(grants, ({ thing }) => thing)].map(([thing, its]) => [thing, new Greater(its)]),
  );
  const ofTokens = groupedBy(grants, ({ token }) => String(token));
  const ends = history.calls.flatMap(endOf);
  const late = ends.flatMap((end) => {
    const had = ofTokens.get(String(end.token))?.map(({ thing }) => thing) ?? [];
    const things = new Set([end.call.object, ...had]);
    return [...things].flatMap((thing) => lateEnd(end, ofThings.get(thing)?.before(end)));
  });
  const runs = segmentsOf(history).map(runsIn);
  const twice = new Map(
    runs.flatMap(({ findings }) => findings).map((each) => [each.facts.join(), each]),
  );
  const count = (of: "runs" | "takeovers") => runs.reduce((sum, each) => sum + each[of], 0);
  const counts = { ends: ends.length, "runs told": count("runs"), takeovers: count("takeovers") };
  return { findings: [...late, ...twice.values()], counts };
}

function grantsKnown({ held, told }: ToldHistory): readonly KnownGrant[] {
  const saysHeld = (line: HeldLine) => ({ ...line, by: line.revision, says: heldInWords(line) });
  const saysTold = (grant: ToldGrant) => ({
    ...grant,
    by: grant.revision,
    says: grantInWords(grant),
  });
  return [...held.map(saysHeld), ...toldGrants(told).map(saysTold)];
}

interface End {
  readonly call: ToldCall;
  readonly token: number;
  /** Of the entry that decided it, also where the answer was kept for a retry. */
  readonly revision: number;
}

function endOf(call: ToldCall): readonly End[] {
  const isDone = ["finished", "released"].includes(statusOf(call) ?? "");
  const token = numberOf(call.asks, "token");
  const { revision } = call;
  return isDone && token !== undefined && revision !== undefined ? [{ call, token, revision }] : [];
}

/** Of one thing: by revision, the greatest token that was granted up to there. */
class Greater {
  readonly #growing: readonly KnownGrant[];

  constructor(grants: readonly KnownGrant[]) {
    const growing: KnownGrant[] = [];
    for (const grant of [...grants].sort((one, other) => one.by - other.by)) {
      if (grant.token > (growing.at(-1)?.token ?? 0)) growing.push(grant);
    }
    this.#growing = growing;
  }

  /** One entry may end the one hold and grant the other: what it granted came after. */
  before({ revision, token }: End): KnownGrant | undefined {
    let [from, to] = [0, this.#growing.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#growing[middle]?.by ?? 0) < revision) from = middle + 1;
      else to = middle;
    }
    const greatest = this.#growing[from - 1];
    return greatest !== undefined && greatest.token > token ? greatest : undefined;
  }
}

function lateEnd({ call, revision }: End, grant: KnownGrant | undefined): readonly PlacedFinding[] {
  if (grant === undefined) return [];
  const facts = [callInWords(call), `it was decided at revision ${revision}`, grant.says];
  const property = "a hold ends after its thing went to another one (SEMANTICS §4.2)";
  return [{ property, facts, at: call.end ?? call.begin, where: grant.thing }];
}

interface Runs {
  readonly runs: number;
  readonly takeovers: number;
  readonly findings: readonly PlacedFinding[];
}

/** In the order of the log, without a gap. */
function runsIn({ events }: Segment): Runs {
  const running = new Map<string, ToldGrant>();
  const findings: PlacedFinding[] = [];
  let [runs, takeovers] = [0, 0];
  for (const line of events) {
    const type = textOf(line.event, "type");
    const job = `job ${textOf(line.event, "name")}`;
    if (type === "job.finished" || type === "job.fenced") {
      const ended = numberOf(line.event["was"], "token");
      if (running.get(job)?.token === ended) running.delete(job);
      if (type === "job.fenced" && textOf(line.event, "cause") === "job.start") takeovers += 1;
    }
    if (type !== "job.started") continue;
    const [grant] = toldGrants([line]);
    if (grant === undefined) continue;
    runs += 1;
    const before = running.get(job);
    running.set(job, grant);
    if (before === undefined) continue;
    const facts = [grantInWords(before), grantInWords(grant), "nothing was told of its end"];
    findings.push({ property: "a job runs twice at one time (I1)", facts, where: job });
  }
  return { runs, takeovers, findings };
}
