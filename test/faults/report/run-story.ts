// run-story.ts — what a history tells, put together: a call with its end, a strike with its heal, a holding with how it
// ended. Lines may come in any order. What was never told to have ended is open: it lasts as long as its worker, or the run.
import type {
  BeginLine,
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

export interface ToldCall extends Span {
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
  readonly calls: readonly ToldCall[];
  readonly strikes: readonly ToldStrike[];
  readonly holdings: readonly Holding[];
  readonly elections: readonly RunLine[];
  readonly phases: readonly RunLine[];
  readonly kills: readonly RunLine[];
  /** Workers that stood still. */
  readonly freezes: readonly ToldStrike[];
}

export function storyOf(lines: Iterable<HistoryLine>): RunStory {
  const sorted = new SortedLines();
  for (const line of lines) sorted.add(line);
  const of = (kind: RunLine["kind"]): readonly RunLine[] =>
    sorted.run.filter((line) => line.kind === kind).sort((one, other) => one.at - other.at);
  const kills = of("killed");
  const lives = new Lives(kills, sorted.last);
  return {
    from: Math.min(sorted.first, sorted.last),
    to: sorted.last,
    calls: callsOf(sorted, lives),
    strikes: spansOf({ begins: of("strike"), ends: of("heal"), last: sorted.last }),
    holdings: holdingsOf(sorted, lives),
    elections: of("elected"),
    phases: of("phase"),
    kills,
    freezes: spansOf({ begins: of("frozen"), ends: of("thawed"), last: sorted.last }),
  };
}

class SortedLines {
  readonly begins: BeginLine[] = [];
  readonly ends = new Map<string, EndLine>();
  readonly held: HeldLine[] = [];
  readonly left = new Map<string, LeftLine>();
  readonly run: RunLine[] = [];
  first = Number.POSITIVE_INFINITY;
  last = 0;

  add(line: HistoryLine): void {
    this.first = Math.min(this.first, line.at);
    this.last = Math.max(this.last, line.at);
    switch (line.kind) {
      case "begin":
        this.begins.push(line);
        break;
      case "end":
        this.ends.set(`${line.worker} ${line.id}`, line);
        break;
      case "held":
        this.held.push(line);
        break;
      case "left":
        this.left.set(`${line.worker} ${line.thing} ${line.token}`, line);
        break;
      case "told":
      case "watch":
      case "resource":
        break;
      default:
        this.run.push(line);
    }
  }
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

function callsOf(lines: SortedLines, lives: Lives): readonly ToldCall[] {
  const calls = lines.begins.map((begin): ToldCall => {
    const { at: from, worker, id, workload, object, asks } = begin;
    const end = lines.ends.get(`${worker} ${id}`);
    const to = end?.at ?? lives.endAfter(from, worker);
    const outcome = end?.outcome ?? "unknown";
    const call = { from, to, worker, id, workload, object, asks, outcome };
    return { ...call, code: end?.code, hasEnd: end !== undefined };
  });
  return calls.sort((one, other) => one.from - other.from);
}

function holdingsOf(lines: SortedLines, lives: Lives): readonly Holding[] {
  const holdings = lines.held.map((held): Holding => {
    const { at: from, worker, owner, thing, token } = held;
    const left = lines.left.get(`${worker} ${thing} ${token}`);
    const to = left?.at ?? lives.endAfter(from, worker);
    return { from, to, worker, owner, thing, token, why: left?.why };
  });
  return holdings.sort((one, other) => one.from - other.from);
}

/** An end belongs to the oldest open begin of the same name and the same ones. */
function spansOf(told: {
  readonly begins: readonly RunLine[];
  readonly ends: readonly RunLine[];
  readonly last: number;
}): readonly ToldStrike[] {
  const free = [...told.ends];
  return told.begins.map((begin) => {
    const { at: from, says, whom, name } = begin;
    const at = free.findIndex((end) => end.at >= from && nameOf(end) === nameOf(begin));
    const [end] = at === -1 ? [] : free.splice(at, 1);
    const to = end?.at ?? told.last;
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
