// lone-holders.ts — judges exclusion in real time (I1): of a thing that is one's alone no two are awake and believe in it
// at the same time. Whoever is killed believes nothing. Whoever is frozen knows nothing: his lease may run out
// meanwhile, and only what he still believes after he woke up is held against him.
import { isShared } from "../../simulation/hold-checks.ts";
import type { HeldLine, RunLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { groupedBy, heldInWords, seconds, type ToldHistory } from "./told-history.ts";

interface Piece {
  readonly held: HeldLine;
  readonly from: number;
  readonly to: number;
}

interface Freeze {
  readonly from: number;
  readonly to: number;
}

/** What wakes up has heard of its loss after so long, and said so. */
const awakeAfterUs = 500_000;

export function checkExclusion(history: ToldHistory): Checked {
  const alone = history.held.filter(({ thing }) => !isShared(thing));
  const pieces = piecesOf(history, alone);
  const findings = [...groupedBy(pieces, ({ held }) => held.thing).values()].flatMap(overlaps);
  const things = new Set(alone.map(({ thing }) => thing)).size;
  const counts = { holdings: alone.length, intervals: pieces.length, things };
  return { findings, counts };
}

function piecesOf(history: ToldHistory, holdings: readonly HeldLine[]): readonly Piece[] {
  const left = groupedBy(history.left, nameOf);
  const killed = momentsOf(history.run, "killed");
  const freezes = freezesOf(history);
  return holdings.flatMap((held) => {
    const { at: from, worker } = held;
    const ends = [
      left.get(nameOf(held))?.find(({ at }) => at >= from)?.at,
      killed.get(worker)?.find((at) => at >= from),
    ].filter((at) => at !== undefined);
    const whole = { held, from, to: Math.min(history.lastAt, ...ends) };
    return awakeParts(whole, freezes.get(worker) ?? []);
  });
}

function nameOf(line: {
  readonly worker: string;
  readonly thing: string;
  readonly token: number;
}): string {
  return `${line.worker} ${line.token} ${line.thing}`;
}

function awakeParts(whole: Piece, freezes: readonly Freeze[]): readonly Piece[] {
  let parts: readonly Piece[] = [whole];
  for (const freeze of freezes) {
    parts = parts.flatMap((part) => {
      if (freeze.from >= part.to || freeze.to <= part.from) return [part];
      const before = { ...part, to: freeze.from };
      const after = { ...part, from: freeze.to };
      return [before, after].filter(({ from, to }) => from < to);
    });
  }
  return parts;
}

/** From the freeze until its worker has looked up again; one that is never thawed stays so. */
function freezesOf({ run, lastAt }: ToldHistory): ReadonlyMap<string, readonly Freeze[]> {
  const thawed = momentsOf(run, "thawed");
  const freezes = new Map<string, readonly Freeze[]>();
  for (const [worker, moments] of momentsOf(run, "frozen")) {
    const wakes = thawed.get(worker) ?? [];
    const its = moments.map((from) => {
      const wake = wakes.find((at) => at >= from);
      return { from, to: wake === undefined ? lastAt : wake + awakeAfterUs };
    });
    freezes.set(worker, its);
  }
  return freezes;
}

function momentsOf(
  run: readonly RunLine[],
  kind: RunLine["kind"],
): ReadonlyMap<string, readonly number[]> {
  const moments = new Map<string, number[]>();
  for (const line of run) {
    if (line.kind !== kind) continue;
    for (const worker of line.whom) moments.set(worker, [...(moments.get(worker) ?? []), line.at]);
  }
  return moments;
}

/** Of one thing. Told is each pair once, however many pieces of theirs meet. */
function overlaps(pieces: readonly Piece[]): readonly PlacedFinding[] {
  const findings = new Map<string, PlacedFinding>();
  let open: readonly Piece[] = [];
  for (const piece of [...pieces].sort((one, other) => one.from - other.from)) {
    open = open.filter(({ to }) => to > piece.from);
    for (const other of open) {
      if (nameOf(other.held) === nameOf(piece.held)) continue;
      const pair = [nameOf(other.held), nameOf(piece.held)].sort().join(" and ");
      if (!findings.has(pair)) findings.set(pair, twoHolders(other, piece));
    }
    open = [...open, piece];
  }
  return [...findings.values()];
}

function twoHolders(one: Piece, other: Piece): PlacedFinding {
  const to = Math.min(one.to, other.to);
  const both = `both believe so, and are awake, from ${seconds(other.from)} to ${seconds(to)} s`;
  const { thing } = one.held;
  return {
    property: `a ${thing.split(" ")[0] ?? "thing"} with two live holders (I1)`,
    facts: [heldInWords(one.held), heldInWords(other.held), both],
    at: other.from,
    where: thing,
  };
}
