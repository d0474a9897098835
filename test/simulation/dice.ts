// dice.ts — all chance of a simulation comes from here, from one seed. Each concern throws dice of its
// own (`fork`), so that a change in one does not shift the others: a smaller fault plan stays alike.

export class Dice {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** Other dice, always the same for the same name; nothing is thrown here. */
  fork(name: string): Dice {
    let mixed = this.#seed ^ 0x9e3779b9;
    for (let at = 0; at < name.length; at += 1) {
      mixed = Math.imul(mixed ^ name.charCodeAt(at), 0x01000193);
      mixed ^= mixed >>> 15;
    }
    const forked = new Dice(mixed);
    forked.draw();
    return forked;
  }

  /** 32 bits (mulberry32). */
  draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** From 0 up to, not including, 1. */
  share(): number {
    return this.draw() / 2 ** 32;
  }

  below(sides: number): number {
    return Math.floor(this.share() * sides);
  }

  between(range: { readonly from: number; readonly to: number }): number {
    return range.from + this.share() * (range.to - range.from);
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** Memoryless waits: mostly short, now and then long. */
  around(mean: number): number {
    return -mean * Math.log(1 - this.share());
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}
