// event-ring.ts — the latest events of this node, in the order of the log, without a gap (SEMANTICS §3): what
// a watch that resumes may still be told. Few are kept while nobody watches. It knows nobody who watches.
import { type StateEvent, wireBytes } from "@rogerd/global-state";
import { assert } from "@rogerd/raft";

/** After the events of this revision up to `n`, `n` among them. */
export interface EventPlace {
  readonly revision: number;
  readonly n: number;
}

/** The places of dropped events are cut off when they are as many as the living ones, and at least these. */
const droppedMin = 256;

/** As many as both allow. */
export interface RingBounds {
  readonly eventsMax: number;
  readonly bytesMax: number;
}

interface Kept {
  readonly event: StateEvent;
  /** In a frame; in memory it is about as much. */
  readonly bytes: number;
}

export class EventRing {
  /** Undefined: dropped, and not cut off yet. */
  #kept: (Kept | undefined)[] = [];
  #head = 0;
  /** Of those that are kept. */
  #bytes = 0;
  /** The number of the first event that is kept: numbers count all events that this node has seen. */
  #first = 0;
  #bounds: RingBounds;
  /** The last one that is not here any more, and with it all before it. */
  #lastGone: EventPlace;

  constructor(parts: RingBounds & { readonly completeAfter: number }) {
    this.#bounds = parts;
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
    return this.#first + this.#kept.length - this.#head;
  }

  keep(bounds: RingBounds): void {
    this.#bounds = bounds;
    this.#trim();
  }

  add(events: readonly StateEvent[]): void {
    for (const event of events) {
      const bytes = wireBytes(event);
      this.#kept.push({ event, bytes });
      this.#bytes += bytes;
    }
    this.#trim();
  }

  /** What happened before is in a snapshot, or came with a backup, and was told as no event. */
  restart(completeAfter: number): void {
    assert(completeAfter >= this.completeAfter, "a ring begins anew behind what it had");
    this.#first = this.end;
    this.#kept = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#lastGone = endOf(completeAfter);
  }

  at(number: number): StateEvent | undefined {
    return this.#keptAt(number)?.event;
  }

  /** How much room it takes in a frame. */
  bytesAt(number: number): number {
    return this.#keptAt(number)?.bytes ?? 0;
  }

  #keptAt(number: number): Kept | undefined {
    return number < this.#first ? undefined : this.#kept[this.#head + number - this.#first];
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
    const { bytesMax, eventsMax } = this.#bounds;
    while (this.end - this.#first > eventsMax || this.#bytes > bytesMax) {
      const dropped = this.#kept[this.#head];
      assert(dropped !== undefined, "there is an event to drop");
      this.#kept[this.#head] = undefined;
      const { n, revision } = dropped.event;
      this.#lastGone = { revision, n };
      this.#bytes -= dropped.bytes;
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head < droppedMin || this.#head * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#head);
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
