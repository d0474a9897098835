// hand-made.ts — histories as tests write them by hand, a line or a call each; times in milliseconds.
import type {
  HappenedLine,
  HeldLine,
  HistoryLine,
  LeftLine,
  LogLine,
  ResourceLine,
  RunLine,
  ToldLine,
  WatchLine,
  WorkloadName,
} from "../history/history-line.ts";
import type { Checked } from "./finding.ts";
import { type ToldHistory, toldHistory } from "./told-history.ts";

type Asks = Readonly<Record<string, unknown>>;

/** Without an end it is open for ever. */
export type Span = readonly [begin: number, end?: number];

let calls = 0;

/** Without an answer its outcome is unknown; without an end there is none. */
export function call(
  [workload, object, worker = "w1"]: readonly [WorkloadName, string, string?],
  [begin, end]: Span,
  asks: Asks,
  answer?: unknown,
): readonly HistoryLine[] {
  calls += 1;
  const name = { worker, id: calls };
  const began = { kind: "begin", at: us(begin), ...name, workload, object, asks } as const;
  if (end === undefined) return [began];
  const ended = { kind: "end", at: us(end), ...name } as const;
  if (answer === undefined) return [began, { ...ended, outcome: "unknown" }];
  return [began, { ...ended, outcome: "answered", answer, revision: 1 }];
}

/** The same call, decided at another revision than the first one. */
export function decidedAt(revision: number, lines: readonly HistoryLine[]): readonly HistoryLine[] {
  return lines.map((line) => (line.kind === "end" ? { ...line, revision } : line));
}

/** An answer that no node gave. */
export function byUser(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  return lines.map((line) => (line.kind === "end" ? { ...line, by: "user" } : line));
}

/** The runner itself stood still from then on, for so long. */
export function stalled(at: number, ms: number): HistoryLine {
  return { kind: "stalled", at: us(at), ms };
}

export function held(
  at: number,
  grant: Pick<HeldLine, "thing" | "token"> & Partial<HeldLine>,
): HeldLine {
  const { worker = "w1", token } = grant;
  return { owner: worker, revision: 10 * token, ...grant, kind: "held", at: us(at), worker };
}

export function left(
  at: number,
  grant: Pick<LeftLine, "thing" | "token"> & Partial<LeftLine>,
): LeftLine {
  return { worker: "w1", why: "gives-back", ...grant, kind: "left", at: us(at) };
}

export function resource(
  at: number,
  write: Pick<ResourceLine, "token"> & Partial<ResourceLine>,
): ResourceLine {
  return {
    owner: `o${write.token}`,
    isTaken: true,
    thing: "key k taken",
    ...write,
    kind: "resource",
    at: us(at),
  };
}

export function run(
  kind: RunLine["kind"],
  at: number,
  says = "",
  whom: readonly string[] = [],
): RunLine {
  return { kind, at: us(at), says, whom };
}

export function watches(
  at: number,
  what: WatchLine["what"],
  revision: number,
  watch = "watch-1",
): WatchLine {
  return { kind: "watch", at: us(at), worker: "w1", watch, what, revision };
}

export function told(
  at: number,
  [revision, n]: readonly [number, number],
  event: Asks,
  watch = "watch-1",
): ToldLine {
  return { kind: "told", at: us(at), worker: "w1", watch, revision, n, event };
}

/** The committed log, folded through this entry. */
export function folded(through: number, parts: Partial<LogLine> = {}): LogLine {
  return {
    ...{ kind: "log", at: us(1_000), through, hash: "h", partitions: ["keys", "jobs", "claims"] },
    ...{ lives: 3, entries: 3 * through, disagreements: [], damaged: [], unread: [] },
    ...parts,
  };
}

export function happened(
  [revision, n]: readonly [number, number],
  event: Asks,
  partition = "keys",
): HappenedLine {
  return { kind: "happened", at: us(1_000), partition, revision, n, event };
}

export function historyOf(
  ...lines: readonly (HistoryLine | readonly HistoryLine[])[]
): ToldHistory {
  return toldHistory(lines.flat());
}

/** What is found: each property once. */
export function found({ findings }: Checked): readonly string[] {
  return [...new Set(findings.map(({ property }) => property))];
}

function us(ms: number): number {
  return Math.round(ms * 1_000);
}
