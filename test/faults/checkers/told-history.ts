// told-history.ts — the lines of all workers and of the run, in one order and by kind, as the checkers read them: each
// call with its end. It judges nothing.
import type {
  BeginLine,
  EndLine,
  HappenedLine,
  HeldLine,
  HistoryLine,
  LeftLine,
  LogLine,
  NodeEndLine,
  ResourceLine,
  RunLine,
  StallLine,
  ToldLine,
  WatchLine,
} from "../history/history-line.ts";

/** A call and what became of it. Without an end it is `unknown`, for ever. */
export interface ToldCall extends Omit<BeginLine, "kind" | "at"> {
  readonly begin: number;
  /** When its worker learned what became of it. */
  readonly end: number | undefined;
  readonly outcome: EndLine["outcome"];
  readonly answer: unknown;
  readonly revision: number | undefined;
  readonly by: EndLine["by"];
  /** Of a failure. */
  readonly code: string | undefined;
}

export interface ToldHistory {
  readonly calls: readonly ToldCall[];
  readonly held: readonly HeldLine[];
  readonly left: readonly LeftLine[];
  readonly told: readonly ToldLine[];
  readonly watches: readonly WatchLine[];
  /** Of the committed log; undefined: it was not read. */
  readonly log: LogLine | undefined;
  /** In the order of the log. */
  readonly happened: readonly HappenedLine[];
  readonly resource: readonly ResourceLine[];
  readonly run: readonly RunLine[];
  readonly ends: readonly NodeEndLine[];
  readonly stalls: readonly StallLine[];
  /** Of the first line, and of the last. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export function toldHistory(lines: readonly HistoryLine[]): ToldHistory {
  // Stable: lines of one process and one microsecond stay as they were written.
  const ordered = [...lines].sort((one, other) => one.at - other.at);
  const of = <Kind extends HistoryLine["kind"]>(...kinds: readonly Kind[]) =>
    ordered.filter((line): line is Extract<HistoryLine, { kind: Kind }> =>
      (kinds as readonly string[]).includes(line.kind),
    );
  return {
    calls: callsOf(ordered),
    held: of("held"),
    left: of("left"),
    told: of("told"),
    watches: of("watch"),
    log: of("log").at(-1),
    happened: of("happened"),
    resource: of("resource"),
    run: ordered.filter(isRunLine),
    ends: of("ended"),
    stalls: of("stalled"),
    firstAt: ordered[0]?.at ?? 0,
    lastAt: ordered.at(-1)?.at ?? 0,
  };
}

const runKinds = new Set<string>([
  "strike",
  "heal",
  "killed",
  "frozen",
  "thawed",
  "phase",
  "elected",
] satisfies RunLine["kind"][]);

function isRunLine(line: HistoryLine): line is RunLine {
  return runKinds.has(line.kind);
}

/** A worker that takes the place of a killed one may have its name, and count from the beginning. */
function callsOf(ordered: readonly HistoryLine[]): readonly ToldCall[] {
  const calls: ToldCall[] = [];
  const open = new Map<string, number>();
  for (const line of ordered) {
    if (line.kind === "begin") {
      open.set(`${line.worker} ${line.id}`, calls.length);
      const { kind: _, at: begin, ...asked } = line;
      calls.push({ ...asked, begin, ...neverKnown });
    }
    if (line.kind !== "end") continue;
    const name = `${line.worker} ${line.id}`;
    const at = open.get(name);
    const call = at === undefined ? undefined : calls[at];
    if (at === undefined || call === undefined) continue;
    open.delete(name);
    const { at: end, outcome, answer, revision, by, code } = line;
    calls[at] = { ...call, end, outcome, answer, revision, by, code };
  }
  return calls;
}

const neverKnown = {
  end: undefined,
  outcome: "unknown",
  answer: undefined,
  revision: undefined,
  by: undefined,
  code: undefined,
} as const;

/** A text among what a call asks, or was answered; undefined: there is none. */
export function textOf(record: unknown, name: string): string | undefined {
  const value = fieldOf(record, name);
  return typeof value === "string" ? value : undefined;
}

export function numberOf(record: unknown, name: string): number | undefined {
  const value = fieldOf(record, name);
  return typeof value === "number" ? value : undefined;
}

export function fieldOf(record: unknown, name: string): unknown {
  if (typeof record !== "object" || record === null) return undefined;
  return (record as Readonly<Record<string, unknown>>)[name];
}

export function statusOf(call: ToldCall): string | undefined {
  return call.outcome === "answered" ? textOf(call.answer, "status") : undefined;
}

/** In words, for a finding. */
export function callInWords(call: ToldCall): string {
  const { worker, id, begin, end, asks, outcome, answer } = call;
  const when =
    end === undefined ? `${seconds(begin)} s on` : `${seconds(begin)} to ${seconds(end)} s`;
  const became = outcome === "answered" ? JSON.stringify(answer) : outcome;
  return `${worker}  call ${id}, ${when}: ${JSON.stringify(asks)} → ${became}`;
}

export function heldInWords({ at, worker, owner, thing, token, revision }: HeldLine): string {
  return `${worker}  ${seconds(at)} s: ${owner} has ${thing} with token ${token} since revision ${revision}`;
}

export function seconds(us: number): string {
  return (us / 1_000_000).toFixed(6);
}

/** By key, in the order of the list; what has no key is left out. */
export function groupedBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key | undefined,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
