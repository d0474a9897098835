// virtual-links.ts — how long things take from one host to another, and whether they get there: one
// direction of a cable at a time. What is sent into a cut is held and comes late, in order, when the
// cut ends, as TCP repeats it; it is never lost while the connection lives.
import type { Dice } from "./dice.ts";

export interface LinkTimes {
  readonly baseMs: number;
  readonly jitterMs: number;
  /** How probable a hiccup is, and how long it is on average. */
  readonly hiccup: number;
  readonly hiccupMs: number;
}

export class Link {
  readonly #times: LinkTimes;
  readonly #dice: Dice;
  #hiccupMsMax: number;
  #cuts = 0;
  #slowdown = 1;
  readonly #held = new Set<() => void>();

  constructor(parts: {
    readonly times: LinkTimes;
    readonly dice: Dice;
    readonly hiccupMsMax: number;
  }) {
    this.#times = parts.times;
    this.#dice = parts.dice;
    this.#hiccupMsMax = parts.hiccupMsMax;
  }

  get isCut(): boolean {
    return this.#cuts > 0;
  }

  delayMs(): number {
    const { baseMs, jitterMs, hiccup, hiccupMs } = this.#times;
    const isHiccup = this.#dice.chance(hiccup);
    const hiccupsMs = isHiccup ? Math.min(this.#dice.around(hiccupMs), this.#hiccupMsMax) : 0;
    return (baseMs + this.#dice.around(jitterMs) + hiccupsMs) * this.#slowdown;
  }

  /** Faults overlap: it is whole again when every cut has ended. */
  cut(): void {
    this.#cuts += 1;
  }

  mend(): void {
    if (this.#cuts === 0) return;
    this.#cuts -= 1;
    if (this.#cuts === 0) this.#release();
  }

  slow(factor: number): void {
    this.#slowdown = factor;
  }

  /** As new, whatever was done to it, and from now on no hiccup is longer. */
  restore(hiccupMsMax: number): void {
    this.#hiccupMsMax = hiccupMsMax;
    this.#slowdown = 1;
    this.#cuts = 0;
    this.#release();
  }

  /** Calls back when it is whole again. */
  hold(resume: () => void): void {
    this.#held.add(resume);
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const resume of held) resume();
  }
}

/** All directed links between hosts, made when first asked for. */
export class Links {
  readonly #links = new Map<string, Link>();
  readonly #times: LinkTimes;
  readonly #dice: Dice;
  #hiccupMsMax = Number.POSITIVE_INFINITY;

  constructor(parts: { readonly times: LinkTimes; readonly dice: Dice }) {
    this.#times = parts.times;
    this.#dice = parts.dice;
  }

  between(ends: { readonly from: string; readonly to: string }): Link {
    const name = `${ends.from}>${ends.to}`;
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const link = new Link({
      times: this.#times,
      dice: this.#dice.fork(name),
      hiccupMsMax: this.#hiccupMsMax,
    });
    this.#links.set(name, link);
    return link;
  }

  restoreAll(from: { readonly hiccupMsMax: number }): void {
    this.#hiccupMsMax = from.hiccupMsMax;
    for (const link of this.#links.values()) link.restore(from.hiccupMsMax);
  }
}
