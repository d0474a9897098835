// run-story.ts — what a history tells, put together: a call with its end, a strike with its heal, a holding with how it
// ended. Lines may come in any order. What was never told to have ended is open: it lasts as long as its worker, or the run.
import { type ToldHistory, toldHistory } from "../checkers/told-history.ts";
import type {
  EndLine,
  HeldLine,
  HistoryLine,
  LeftLine,
  RunLine,
  WorkloadName,
} from "../history/history-line.ts";

export type Outcome = EndLine["outcome"];

/** Of the machine's monotonic clock, in microseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface StoryCall extends Span {
  readonly worker: string;
  readonly id: number;
  readonly workload: WorkloadName;
  readonly object: string;
  readonly asks: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
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

export interface Holding extends Span {
  readonly thing: string;
  readonly owner: string;
  readonly worker: string;
  readonly token: number;
  /** Undefined: nobody told; it may have ended earlier than drawn. */
  readonly why: string | undefined;
}

export interface RunStory extends Span {
  readonly calls: readonly StoryCall[];
  readonly strikes: readonly ToldStrike[];
  readonly holdings: readonly Holding[];
  readonly elections: readonly RunLine[];
  readonly phases: readonly RunLine[];
  readonly kills: readonly RunLine[];
  /** Workers that stood still. */
  readonly freezes: readonly ToldStrike[];
}

export function storyOf(lines: readonly HistoryLine[]): RunStory {
  const told = toldHistory(lines);
  const of = (kind: RunLine["kind"]): readonly RunLine[] =>
    told.run.filter((line) => line.kind === kind);
  const to = told.lastAt;
  const kills = of("killed");
  const lives = new Lives(kills, to);
  return {
    from: lines.reduce((first, { at }) => Math.min(first, at), to),
    to,
    calls: callsOf(told, lives),
    strikes: spansOf({ begins: of("strike"), ends: of("heal"), endOf: () => to }),
    holdings: holdingsOf(told, lives),
    elections: of("elected"),
    phases: of("phase"),
    kills,
    freezes: spansOf({
      begins: of("frozen"),
      ends: of("thawed"),
      endOf: ({ at, whom }) => lives.endAfter(at, whom[0] ?? ""),
    }),
  };
}

/** Until when a process can have done something. */
class Lives {
  readonly #kills = new Map<string, number[]>();
  readonly #last: number;

  constructor(kills: readonly RunLine[], last: number) {
    this.#last = last;
    for (const { whom, at } of kills) {
      for (const name of whom) this.#kills.set(name, [...(this.#kills.get(name) ?? []), at]);
    }
  }

  endAfter(at: number, name: string): number {
    return this.#kills.get(name)?.find((kill) => kill >= at) ?? this.#last;
  }
}

function callsOf(told: ToldHistory, lives: Lives): readonly StoryCall[] {
  return told.calls.map(({ begin, end, worker, id, workload, object, asks, outcome, code }) => {
    const to = end ?? lives.endAfter(begin, worker);
    const call = { worker, id, workload, object, asks, outcome, code };
    return { ...call, from: begin, to, hasEnd: end !== undefined };
  });
}

function holdingsOf(told: ToldHistory, lives: Lives): readonly Holding[] {
  const nameOf = ({ worker, thing, token }: HeldLine | LeftLine): string =>
    `${worker} ${thing} ${token}`;
  const left = new Map(told.left.map((line) => [nameOf(line), line]));
  return told.held.map((held) => {
    const { at: from, worker, owner, thing, token } = held;
    const end = left.get(nameOf(held));
    const to = end?.at ?? lives.endAfter(from, worker);
    return { from, to, worker, owner, thing, token, why: end?.why };
  });
}

/** An end belongs to the oldest open begin of the same name and the same ones. Lines are in the order of time. */
function spansOf(told: {
  readonly begins: readonly RunLine[];
  readonly ends: readonly RunLine[];
  readonly endOf: (begin: RunLine) => number;
}): readonly ToldStrike[] {
  const free = [...told.ends];
  return told.begins.map((begin) => {
    const { at: from, says, whom, name } = begin;
    const at = free.findIndex((end) => end.at >= from && nameOf(end) === nameOf(begin));
    const [end] = at === -1 ? [] : free.splice(at, 1);
    const to = end?.at ?? told.endOf(begin);
    return { from, to, says, whom, name: name ?? begin.kind, isHealed: end !== undefined };
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
