// line.ts — who stands where: joined at the end, or behind those few that come before it, left from any place,
// each at the same small cost however long it is. Derived: it follows from the waiters.
import { assert } from "../assert.ts";

interface Link<Item> {
  readonly item: Item;
  before: Link<Item> | undefined;
  behind: Link<Item> | undefined;
}

export class Line<Item> {
  readonly #links: Map<Item, Link<Item>> = new Map();
  #first: Link<Item> | undefined;
  #last: Link<Item> | undefined;

  get size(): number {
    return this.#links.size;
  }

  get first(): Item | undefined {
    return this.#first?.item;
  }

  join(item: Item): void {
    assert(!this.#links.has(item), "nobody stands in a line twice");
    const link: Link<Item> = { item, before: this.#last, behind: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.behind = link;
    this.#last = link;
    this.#links.set(item, link);
  }

  /** Behind all that come before it. Looks from the front: for one that stands near it. */
  joinBehind(item: Item, comesBefore: (other: Item) => boolean): void {
    let next = this.#first;
    while (next !== undefined && comesBefore(next.item)) next = next.behind;
    if (next === undefined) return this.join(item);
    assert(!this.#links.has(item), "nobody stands in a line twice");
    const link: Link<Item> = { item, before: next.before, behind: next };
    if (next.before === undefined) this.#first = link;
    else next.before.behind = link;
    next.before = link;
    this.#links.set(item, link);
  }

  leave(item: Item): void {
    const link = this.#links.get(item);
    assert(link !== undefined, "who leaves a line stood in it");
    if (link.before === undefined) this.#first = link.behind;
    else link.before.behind = link.behind;
    if (link.behind === undefined) this.#last = link.before;
    else link.behind.before = link.before;
    this.#links.delete(item);
  }

  behind(item: Item): Item | undefined {
    return this.#links.get(item)?.behind?.item;
  }

  *items(): Iterable<Item> {
    for (let link = this.#first; link !== undefined; link = link.behind) yield link.item;
  }
}
