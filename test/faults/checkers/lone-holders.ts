// lone-holders.ts — judges exclusion in real time (I1): of a thing that is one's alone no two are awake and believe in it
// at the same time. Whoever is killed believes nothing. Whoever is frozen knows nothing: his lease may run out
// meanwhile, and only what he still believes after he woke up is held against him. And no watch is told of a key that
// two have, whoever may believe what, and whatever may be taken over: in the log each grant has its place.
import { isShared } from "../../simulation/hold-checks.ts";
import type { HeldLine, ToldLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import {
  type Freeze,
  freezesOf,
  grantOf,
  type Holding,
  holdingsOf,
  type Span,
} from "./holdings.ts";
import { holdersTold, mayHaveSeveral } from "./told-grants.ts";
import { groupedBy, heldInWords, seconds, type ToldHistory } from "./told-history.ts";

interface Piece extends Span {
  readonly held: HeldLine;
}

/** What wakes up has heard of its loss after so long, and said so. */
const awakeAfterUs = 500_000;

export function checkExclusion(history: ToldHistory): Checked {
  const alone = holdingsOf(history).filter(({ held }) => !isShared(held.thing));
  const freezes = groupedBy(freezesOf(history), ({ worker }) => worker);
  const pieces = alone.flatMap((holding) =>
    awakeParts(holding, freezes.get(holding.held.worker) ?? []),
  );
  const believed = [...groupedBy(pieces, ({ held }) => held.thing).values()].flatMap(overlaps);
  const told = history.told.flatMap((line) => holdersTold(line) ?? []);
  const things = new Set(alone.map(({ held }) => held.thing)).size;
  const counts = {
    holdings: alone.length,
    intervals: pieces.length,
    things,
    "holds told": told.length,
  };
  return { findings: [...believed, ...severalTold(history.told)], counts };
}

/** While its worker is awake, and has looked up again if it was frozen. */
function awakeParts({ from, held, to }: Holding, freezes: readonly Freeze[]): readonly Piece[] {
  let parts: readonly Piece[] = [{ held, from, to }];
  for (const freeze of freezes) {
    const wakes = freeze.isThawed ? freeze.to + awakeAfterUs : freeze.to;
    parts = parts.flatMap((part) => {
      if (freeze.from >= part.to || wakes <= part.from) return [part];
      const before = { ...part, to: freeze.from };
      const after = { ...part, from: wakes };
      return [before, after].filter((each) => each.from < each.to);
    });
  }
  return parts;
}

/** Of one thing. Told is each pair once, however many pieces of theirs meet. */
function overlaps(pieces: readonly Piece[]): readonly PlacedFinding[] {
  const findings = new Map<string, PlacedFinding>();
  let open: readonly Piece[] = [];
  for (const piece of [...pieces].sort((one, other) => one.from - other.from)) {
    open = open.filter(({ to }) => to > piece.from);
    for (const other of open) {
      if (grantOf(other.held) === grantOf(piece.held)) continue;
      const pair = [grantOf(other.held), grantOf(piece.held)].sort().join(" and ");
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

/** Once each, however many watches were told. */
function severalTold(told: readonly ToldLine[]): readonly PlacedFinding[] {
  const findings = new Map<string, PlacedFinding>();
  for (const line of told) {
    const { holders, thing } = holdersTold(line) ?? { thing: "", holders: [] };
    if (holders.length < 2 || mayHaveSeveral(thing)) continue;
    const { at, event, n, revision } = line;
    const says = `a watch was told at revision ${revision}, ${n}: ${JSON.stringify(event)}`;
    const property = "a key with two holders, as a watch was told (I1)";
    findings.set(says, { property, facts: [says], at, where: thing });
  }
  return [...findings.values()];
}
