// run-story.ts — what a history tells, put together for the report: a call with its end, a strike with its heal, holdings and
// freezes. What was never told to have ended is open: it lasts as long as its worker, or the run.
import {
  type Freeze,
  freezesOf,
  type Holding,
  holdingsOf,
  Lives,
  type Span,
} from "../checkers/holdings.ts";
import type { ToldHistory } from "../checkers/told-history.ts";
import type { EndLine, NodeEndLine, RunLine, WorkloadName } from "../history/history-line.ts";

export type Outcome = EndLine["outcome"];

export interface StoryCall extends Span {
  readonly worker: string;
  readonly id: number;
  readonly workload: WorkloadName;
  readonly object: string;
  readonly asks: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
  readonly by: EndLine["by"];
  readonly code: string | undefined;
  /** False: nobody told how it ended. */
  readonly hasEnd: boolean;
}

export interface ToldStrike extends Span {
  readonly name: string;
  readonly says: string;
  readonly whom: readonly string[];
  readonly isHealed: boolean;
}

export interface RunStory extends Span {
  readonly calls: readonly StoryCall[];
  readonly strikes: readonly ToldStrike[];
  readonly holdings: readonly Holding[];
  readonly elections: readonly RunLine[];
  readonly phases: readonly RunLine[];
  /** Of workers. */
  readonly kills: readonly RunLine[];
  readonly nodeEnds: readonly NodeEndLine[];
  readonly freezes: readonly Freeze[];
}

export function storyOf(told: ToldHistory): RunStory {
  const of = (kind: RunLine["kind"]): readonly RunLine[] =>
    told.run.filter((line) => line.kind === kind);
  return {
    from: told.firstAt,
    to: told.lastAt,
    calls: callsOf(told),
    strikes: strikesOf(of("strike"), { heals: of("heal"), last: told.lastAt }),
    holdings: holdingsOf(told),
    elections: of("elected"),
    phases: of("phase"),
    kills: of("killed"),
    nodeEnds: told.ends,
    freezes: freezesOf(told),
  };
}

function callsOf(told: ToldHistory): readonly StoryCall[] {
  const lives = new Lives(told);
  return told.calls.map(({ begin, end, worker, id, workload, object, asks, outcome, by, code }) => {
    const to = end ?? lives.endAfter({ at: begin, worker });
    const call = { worker, id, workload, object, asks, outcome, by, code };
    return { ...call, from: begin, to, hasEnd: end !== undefined };
  });
}

/** A heal belongs to the oldest open strike of the same name and the same ones. Lines are in the order of time. */
function strikesOf(
  strikes: readonly RunLine[],
  { heals, last }: { readonly heals: readonly RunLine[]; readonly last: number },
): readonly ToldStrike[] {
  const free = [...heals];
  return strikes.map((strike) => {
    const { at: from, says, whom, name } = strike;
    const at = free.findIndex((heal) => heal.at >= from && nameOf(heal) === nameOf(strike));
    const [heal] = at === -1 ? [] : free.splice(at, 1);
    const isHealed = heal !== undefined;
    return { from, to: heal?.at ?? last, says, whom, name: name ?? strike.kind, isHealed };
  });
}

function nameOf(line: RunLine): string {
  return `${line.name ?? ""} ${line.whom.join(" ")}`;
}

/** The times at which at least one of them lasts, in order, none touching the next. */
export function unionOf(spans: readonly Span[]): readonly Span[] {
  const union: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((one, other) => one.from - other.from)) {
    const last = union.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else union.push({ from, to });
  }
  return union;
}
