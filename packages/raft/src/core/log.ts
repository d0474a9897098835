// log.ts — the entries after the snapshot, in memory, and the matching check (§3.5).
// Entries never change once appended; indexes follow each other without gaps, terms never go down.
// It only looks after itself: what a change means for disk, configuration and who waits is
// log-changes.ts. It never holds what lies at or before `base`, only that one's term.
import { assert } from "./assert.ts";
import { type Entry, entryBytes, type Position } from "./entry.ts";
import { type LogIndex, logIndex, type Term } from "./ids.ts";

/** Dropped entries stay referenced until they are as many as the living ones, and at least these. */
const DROPPED_MIN = 256;

export class Log {
  #base: Position;
  /** Living entries begin at `#head`: dropping a prefix moves nothing, mostly. */
  #entries: Entry[] = [];
  #head = 0;
  /** Beside each entry, the bytes of all entries through it: any range is one subtraction. */
  #bytesThrough: number[] = [];
  #bytesThroughBase = 0;

  constructor(base: Position, entries: readonly Entry[]) {
    this.#base = base;
    this.append(entries);
  }

  /** The position before the first entry that is held: a snapshot's last, or 0. */
  get base(): Position {
    return this.#base;
  }

  get lastIndex(): LogIndex {
    return logIndex(this.#base.index + this.#entries.length - this.#head);
  }

  get lastTerm(): Term {
    return this.#entries.length === this.#head
      ? this.#base.term
      : this.#entryAt(this.lastIndex).term;
  }

  /** Undefined where nothing is known: before the base, after the end. */
  termAt(index: LogIndex): Term | undefined {
    if (index === this.#base.index) return this.#base.term;
    if (index < this.#base.index || index > this.lastIndex) return undefined;
    return this.#entryAt(index).term;
  }

  /** The consistency check of AppendEntries (§3.5): same index and term, hence same prefix. */
  matches(position: Position): boolean {
    return this.termAt(position.index) === position.term;
  }

  /**
   * Election restriction (§3.6.1): the log whose last entry has the later term is more up to date;
   * with equal terms, the longer one (E5: term first, then index).
   */
  isAtMostAsUpToDateAs(last: Position): boolean {
    if (last.term !== this.lastTerm) return last.term > this.lastTerm;
    return last.index >= this.lastIndex;
  }

  /** How many of these, from the first, are here already: the rest is new or in conflict. */
  countMatching(entries: readonly Entry[]): number {
    const conflict = entries.findIndex((entry) => !this.matches(entry));
    return conflict === -1 ? entries.length : conflict;
  }

  /**
   * The last position at or before `index` whose term is at most `term`: both sides of the matching
   * check skip a whole term at a time with it (§3.5). Terms never go down, so it can be bisected.
   * Undefined if it lies before the base.
   */
  lastPositionAtMost(wanted: Position): Position | undefined {
    if (wanted.index < this.#base.index || wanted.term < this.#base.term) return undefined;
    let low: number = this.#base.index;
    let high: number = Math.min(wanted.index, this.lastIndex);
    while (low < high) {
      const middle = low + Math.ceil((high - low) / 2);
      if (this.#termOf(logIndex(middle)) <= wanted.term) low = middle;
      else high = middle - 1;
    }
    const index = logIndex(low);
    return { index, term: this.#termOf(index) };
  }

  append(entries: readonly Entry[]): void {
    let index: number = this.lastIndex;
    let lastTerm = this.lastTerm;
    let bytes = this.#bytesThrough.at(-1) ?? this.#bytesThroughBase;
    for (const entry of entries) {
      index += 1;
      assert(entry.index === index, "entries follow each other without a gap");
      assert(entry.term >= lastTerm, "terms never go down along the log");
      lastTerm = entry.term;
      bytes += entryBytes(entry);
      this.#entries.push(entry);
      this.#bytesThrough.push(bytes);
    }
  }

  /** Removes the entries from `from` on. */
  truncate(from: LogIndex): void {
    assert(from > this.#base.index, "what a snapshot covers is never removed as a conflict");
    assert(from <= this.lastIndex, "only what is there can be removed");
    this.#entries.length = this.#offsetOf(from);
    this.#bytesThrough.length = this.#offsetOf(from);
  }

  /** Drops the prefix through `through`, which becomes the base. */
  compact(through: LogIndex): void {
    if (through <= this.#base.index) return;
    const term = this.termAt(through);
    assert(term !== undefined, "only what is there can be dropped");
    const dropped = through - this.#base.index;
    this.#bytesThroughBase = this.#bytesThrough[this.#head + dropped - 1] ?? this.#bytesThroughBase;
    this.#head += dropped;
    this.#base = { index: through, term };
    if (this.#head < DROPPED_MIN || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#bytesThrough = this.#bytesThrough.slice(this.#head);
    this.#head = 0;
  }

  /** Forgets every entry: a snapshot took the place of all of them (§5). */
  restart(base: Position): void {
    this.#base = base;
    this.#entries = [];
    this.#bytesThrough = [];
    this.#bytesThroughBase = 0;
    this.#head = 0;
  }

  /** Entries after `after` through `through`; the first one always, more while they fit `bytesMax`. */
  entriesBetween(range: {
    readonly after: LogIndex;
    readonly through: LogIndex;
    readonly bytesMax: number;
  }): readonly Entry[] {
    const { after, through, bytesMax } = range;
    if (through <= after) return [];
    assert(after >= this.#base.index, "entries before the base are not here any more");
    assert(through <= this.lastIndex, "entries after the last are not here yet");
    const allowed = this.#bytesAt(after) + bytesMax;
    let low = after + 1;
    let high: number = through;
    while (low < high) {
      const middle = low + Math.ceil((high - low) / 2);
      if (this.#bytesAt(logIndex(middle)) <= allowed) low = middle;
      else high = middle - 1;
    }
    return this.#entries.slice(
      this.#offsetOf(logIndex(after + 1)),
      this.#offsetOf(logIndex(low)) + 1,
    );
  }

  bytesBetween(range: { readonly after: LogIndex; readonly through: LogIndex }): number {
    return this.#bytesAt(range.through) - this.#bytesAt(range.after);
  }

  /** The first position from which on the entries through `through` have at most so many bytes. */
  indexWithin(range: { readonly through: LogIndex; readonly bytesMax: number }): LogIndex {
    const { bytesMax, through } = range;
    let low: number = Math.min(this.#base.index, through);
    let high: number = through;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.bytesBetween({ after: logIndex(middle), through }) <= bytesMax) high = middle;
      else low = middle + 1;
    }
    return logIndex(low);
  }

  /** The whole scan, for tests and simulation: everything above holds for every entry. */
  check(): void {
    let before = this.#base;
    let bytes = this.#bytesThroughBase;
    for (let offset = this.#head; offset < this.#entries.length; offset++) {
      const entry = this.#entries[offset];
      assert(entry !== undefined, "the log has no holes");
      assert(entry.index === before.index + 1, "entries follow each other without a gap");
      assert(entry.term >= before.term, "terms never go down along the log");
      bytes += entryBytes(entry);
      assert(this.#bytesThrough[offset] === bytes, "the log knows its bytes");
      before = entry;
    }
  }

  #offsetOf(index: LogIndex): number {
    return this.#head + index - this.#base.index - 1;
  }

  #bytesAt(index: LogIndex): number {
    if (index === this.#base.index) return this.#bytesThroughBase;
    const bytes = this.#bytesThrough[this.#offsetOf(index)];
    assert(bytes !== undefined, "what is asked for is in the log");
    return bytes;
  }

  #termOf(index: LogIndex): Term {
    return index === this.#base.index ? this.#base.term : this.#entryAt(index).term;
  }

  #entryAt(index: LogIndex): Entry {
    const entry = this.#entries[this.#offsetOf(index)];
    assert(entry !== undefined, "what is asked for is in the log");
    return entry;
  }
}
