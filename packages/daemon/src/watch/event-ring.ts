// event-ring.ts — the latest events of this node, in the order of the log, without a gap (SEMANTICS §3): what
// a watch that resumes may still be told. Few are kept while nobody watches. It knows nobody who watches.
import type { StateEvent } from "@rogerd/global-state";
import { assert } from "@rogerd/raft";

/** After the events of this revision up to `n`, `n` among them. */
export interface EventPlace {
  readonly revision: number;
  readonly n: number;
}

/** Dropped events stay referenced until they are as many as the living ones, and at least these. */
const droppedMin = 256;

export class EventRing {
  #events: StateEvent[] = [];
  #head = 0;
  /** The number of the first event that is kept: numbers count all events that this node has seen. */
  #first = 0;
  #eventsMax: number;
  /** The last one that is not here any more, and with it all before it. */
  #lastGone: EventPlace;

  constructor(parts: { readonly eventsMax: number; readonly completeAfter: number }) {
    this.#eventsMax = parts.eventsMax;
    this.#lastGone = endOf(parts.completeAfter);
  }

  /** Everything that happened after this revision is here. */
  get completeAfter(): number {
    return this.#lastGone.revision;
  }

  get first(): number {
    return this.#first;
  }

  /** One more than the number of the last event. */
  get end(): number {
    return this.#first + this.#events.length - this.#head;
  }

  keep(limit: { readonly eventsMax: number }): void {
    this.#eventsMax = limit.eventsMax;
    this.#trim();
  }

  add(events: readonly StateEvent[]): void {
    for (const event of events) this.#events.push(event);
    this.#trim();
  }

  /** What happened before is in a snapshot, or came with a backup, and was told as no event. */
  restart(completeAfter: number): void {
    assert(completeAfter >= this.completeAfter, "a ring begins anew behind what it had");
    this.#first = this.end;
    this.#events = [];
    this.#head = 0;
    this.#lastGone = endOf(completeAfter);
  }

  at(number: number): StateEvent | undefined {
    return number < this.#first ? undefined : this.#events[this.#head + number - this.#first];
  }

  /** The number of the first event after a place; undefined: some of those are not here any more. */
  numberAfter(place: EventPlace): number | undefined {
    if (isAfter(this.#lastGone, place)) return undefined;
    let low = this.#first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const event = this.at(middle);
      if (event !== undefined && !isAfter(event, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    while (this.end - this.#first > this.#eventsMax) {
      const dropped = this.#events[this.#head];
      assert(dropped !== undefined, "there is an event to drop");
      this.#lastGone = dropped;
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head < droppedMin || this.#head * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }
}

function endOf(revision: number): EventPlace {
  return { revision, n: Number.MAX_SAFE_INTEGER };
}

export function isAfter(event: EventPlace, place: EventPlace): boolean {
  if (event.revision !== place.revision) return event.revision > place.revision;
  return event.n > place.n;
}
