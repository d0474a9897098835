// deadlines.ts — everything that waits for a log time, earliest first (SEMANTICS §5).
// A binary heap over the rows themselves, each knowing its place, so that a deadline can move and
// leave without a trace. It is no state of its own: it follows from the rows, and is built from them
// after a restore. Ties are broken by name, so the order is the same whatever the heap's history.
import { assert } from "./assert.ts";
import type { LogTimeMs } from "./ids.ts";
import { compareNames, type Row } from "./table/row.ts";

export interface Deadline extends Row {
  /** Tells rows of different tables apart, and orders those that are due at the same time. */
  readonly kind: string;
  expiresAt: LogTimeMs;
  /** Kept by this file alone; −1 while it waits for nothing. */
  place: number;
}

export class Deadlines<Kind extends Deadline> {
  readonly #heap: Kind[] = [];

  get count(): number {
    return this.#heap.length;
  }

  first(): Kind | undefined {
    return this.#heap[0];
  }

  add(row: Kind): void {
    assert(row.place === -1, "a row waits for one time only");
    row.place = this.#heap.length;
    this.#heap.push(row);
    this.#up(row.place);
  }

  remove(row: Kind): void {
    const place = row.place;
    assert(this.#heap[place] === row, "a removed deadline was there");
    row.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === row) return;
    this.#put(last, place);
    this.#settle(place);
  }

  move(row: Kind, to: LogTimeMs): void {
    assert(this.#heap[row.place] === row, "a moved deadline was there");
    row.expiresAt = to;
    this.#settle(row.place);
  }

  /** For invariants.ts: every row is where it says, and none is before its parent. */
  check(): void {
    for (const [place, row] of this.#heap.entries()) {
      assert(row.place === place, "a row knows its place among the deadlines");
      const parent = this.#heap[(place - 1) >> 1];
      const isInOrder = place === 0 || parent === undefined || compareDeadlines(parent, row) <= 0;
      assert(isInOrder, "no deadline is before the one above it");
    }
  }

  #settle(place: number): void {
    this.#up(place);
    this.#down(place);
  }

  #up(from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#isInOrder(above, place)) return;
      this.#swap(above, place);
      place = above;
    }
  }

  #down(from: number): void {
    let place = from;
    for (;;) {
      const left = place * 2 + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const next = right < this.#heap.length && !this.#isInOrder(left, right) ? right : left;
      if (this.#isInOrder(place, next)) return;
      this.#swap(place, next);
      place = next;
    }
  }

  #isInOrder(first: number, second: number): boolean {
    return compareDeadlines(this.#at(first), this.#at(second)) <= 0;
  }

  #swap(one: number, other: number): void {
    const moved = this.#at(one);
    this.#put(this.#at(other), one);
    this.#put(moved, other);
  }

  #at(place: number): Kind {
    const row = this.#heap[place];
    assert(row !== undefined, "a place among the deadlines is taken");
    return row;
  }

  #put(row: Kind, place: number): void {
    this.#heap[place] = row;
    row.place = place;
  }
}

function compareDeadlines(left: Deadline, right: Deadline): number {
  if (left.expiresAt !== right.expiresAt) return left.expiresAt - right.expiresAt;
  if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1;
  return compareNames(left, right);
}
