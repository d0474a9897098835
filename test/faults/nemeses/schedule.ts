// schedule.ts — which nemesis strikes when, and for how long, drawn from the run's seed before the run: quiet first, then
// turns, one after the other, each healed before the next; now and then two at once. Cards of a deck, not dice for each turn:
// in the first deck each is once, so that all of them come where there is time.
import type { Dice } from "../../simulation/dice.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import type { Nemesis, Range } from "./nemesis.ts";
import { shuffled } from "./whom.ts";

export interface ScheduledStrike {
  readonly nemesis: Nemesis;
  /** After the turn has begun. */
  readonly afterMs: number;
  /** From when it has struck, until it is healed. */
  readonly forMs: number;
  /** For the strike alone: the same ones whatever came before. */
  readonly dice: Dice;
}

export interface Turn {
  readonly strikes: readonly ScheduledStrike[];
  /** All is well for so long after it. */
  readonly healedMs: number;
}

export interface Schedule {
  readonly quietMs: number;
  /** At least as many as there is time for. */
  readonly turns: readonly Turn[];
}

const quietMs: Range = { from: 4_000, to: 6_000 };
const healedMs: Range = { from: 3_000, to: 8_000 };
const pairShare = 0.25;

export function drawSchedule(
  dice: Dice,
  asked: { readonly forMs: number; readonly allowed: readonly CatalogueEntry[] },
): Schedule {
  const turns: Turn[] = [];
  const first = dice.between(quietMs);
  const deck = new Deck(dice.fork("deck"), asked.allowed);
  let leftMs = asked.forMs - first;
  while (leftMs > 0 && asked.allowed.length > 0) {
    const turnDice = dice.fork(`turn ${turns.length}`);
    const entries = deck.draw({ isPair: turnDice.chance(pairShare) });
    const turn = drawTurn(turnDice, entries);
    turns.push(turn);
    leftMs -= lengthOf(turn);
  }
  return { quietMs: first, turns };
}

/** As drawn, without what it takes to strike and to heal. */
export function lengthOf({ strikes, healedMs }: Turn): number {
  return Math.max(...strikes.map(({ afterMs, forMs }) => afterMs + forMs)) + healedMs;
}

function drawTurn(dice: Dice, entries: readonly CatalogueEntry[]): Turn {
  const strikes = entries.map(({ nemesis }, at): ScheduledStrike => {
    const own = dice.fork(`strike ${at} ${nemesis.name}`);
    const forMs = Math.round(own.between(nemesis.lastsMs));
    // The second one in the middle of the first, mostly.
    const afterMs = at === 0 ? 0 : Math.round(own.between({ from: 0, to: 3_000 }));
    return { nemesis, afterMs, forMs, dice: own };
  });
  return { strikes, healedMs: Math.round(dice.between(healedMs)) };
}

class Deck {
  readonly #dice: Dice;
  readonly #allowed: readonly CatalogueEntry[];
  #cards: CatalogueEntry[] = [];

  constructor(dice: Dice, allowed: readonly CatalogueEntry[]) {
    this.#dice = dice;
    this.#allowed = allowed;
    this.#cards = [...shuffled(dice, allowed)];
  }

  draw({ isPair }: { readonly isPair: boolean }): readonly CatalogueEntry[] {
    const one = this.#take(() => true);
    if (one === undefined) throw new Error("nothing may strike");
    const other = isPair ? this.#take((card) => canBeTogether(one, card)) : undefined;
    return other === undefined ? [one] : [one, other];
  }

  #take(suits: (card: CatalogueEntry) => boolean): CatalogueEntry | undefined {
    if (this.#cards.length === 0) {
      const cards = this.#allowed.flatMap((entry) =>
        Array.from({ length: entry.weight }, () => entry),
      );
      this.#cards = [...shuffled(this.#dice, cards)];
    }
    const at = this.#cards.findIndex(suits);
    return at < 0 ? undefined : this.#cards.splice(at, 1)[0];
  }
}

export function canBeTogether(one: CatalogueEntry, other: CatalogueEntry): boolean {
  if (one.at === other.at) return false;
  const kinds = [one.at, other.at];
  return !kinds.includes("members") || kinds.includes("workers");
}
