// held-lanes.ts — who had which key or job, and when: a lane of each thing, a colour of each owner. Two at the same time
// lie one below the other, so that what must not be is seen. Things beyond the first lanes share lanes.
import type { Holding } from "../checkers/holdings.ts";
import { groupedBy } from "../checkers/told-history.ts";
import { type Drawn, marksOf } from "./fault-lanes.ts";
import { boxes, type Fact, type Lane, packed } from "./lanes.ts";
import type { MsSpan } from "./scale.ts";
import { byName, numberText, timeText } from "./words.ts";

const lanesMax = 60;
const rowPx = 9;
const rowsMax = 12;
const looks = 12;

interface DrawnHolding extends MsSpan {
  readonly holding: Holding;
}

/** `named`: things that findings speak of; they come first, then keys, then the jobs that were held most often. */
export function heldLanes({ story, time }: Drawn, named: ReadonlySet<string>): readonly Lane[] {
  const drawn = story.holdings.map((holding) => ({ ...time.span(holding), holding }));
  const ofThings = groupedBy(drawn, ({ holding }) => holding.held.thing);
  const rank = (thing: string): number => (named.has(thing) ? 0 : thing.startsWith("key ") ? 1 : 2);
  const times = (thing: string): number => ofThings.get(thing)?.length ?? 0;
  const things = [...ofThings.keys()].sort(
    (one, other) => rank(one) - rank(other) || times(other) - times(one) || byName(one, other),
  );
  const lookOf = looksOf(story.holdings);
  const own = things
    .slice(0, lanesMax)
    .sort((one, other) => rank(one) - rank(other) || byName(one, other))
    .map((thing) => laneOf({ name: thing, drawn: ofThings.get(thing) ?? [], lookOf }));
  const rest = things.slice(lanesMax);
  if (rest.length === 0) return own;
  const shared = rest.flatMap((thing) => ofThings.get(thing) ?? []);
  const name = `${numberText(rest.length)} more`;
  return [...own, laneOf({ name, drawn: shared, lookOf, isShared: true })];
}

/** In the order in which they came; there are more owners than colours. */
function looksOf(holdings: readonly Holding[]): (owner: string) => number {
  const order = new Map<string, number>();
  for (const { held } of holdings) {
    if (!order.has(held.owner)) order.set(held.owner, order.size);
  }
  return (owner) => (order.get(owner) ?? 0) % looks;
}

function laneOf(parts: {
  readonly name: string;
  readonly drawn: readonly DrawnHolding[];
  readonly lookOf: (owner: string) => number;
  readonly isShared?: boolean;
}): Lane {
  const { name, drawn, lookOf, isShared = false } = parts;
  const rows = folded(packed(drawn));
  const marks = rows.flatMap((row, at) => {
    const byLook = groupedBy(row, ({ holding }) => {
      const ended = holding.why === undefined ? "held open" : "held";
      return `${ended} own${lookOf(holding.held.owner)}`;
    });
    const topPx = 3 + at * rowPx;
    return [...byLook].map(([className, of]) =>
      boxes(of, { className, topPx, heightPx: rowPx - 1 }),
    );
  });
  const title = `${name}: held ${numberText(drawn.length)} times`;
  const facts = drawn.map(({ fromMs, toMs, holding }): Fact => {
    const text = holdingText(holding, timeText(toMs - fromMs));
    return { fromMs, toMs, text: isShared ? `${holding.held.thing}: ${text}` : text };
  });
  const heightPx = Math.max(1, rows.length) * rowPx + 5;
  return { name, title, heightPx, marks: marksOf(...marks), facts, isShaded: true };
}

/** What overlaps more often than that is drawn one upon the other in the last row. */
function folded(rows: readonly (readonly DrawnHolding[])[]): readonly (readonly DrawnHolding[])[] {
  if (rows.length <= rowsMax) return rows;
  return [...rows.slice(0, rowsMax - 1), rows.slice(rowsMax - 1).flat()];
}

function holdingText({ held, why }: Holding, lasted: string): string {
  const { owner, worker, token } = held;
  const who = owner === worker ? owner : `${owner} (${worker})`;
  const ended = why === undefined ? "never left, drawn until it can't have held any more" : why;
  return `${who}, token ${token}, ${lasted}, ${ended}`;
}
