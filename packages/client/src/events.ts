// events.ts — what happens between calls, for those who want to know: an async iterable that
// nobody has to read. A slow reader loses the oldest and is told how many; nothing is ever thrown.
import type { RogerdError } from "./errors.ts";
import type { SessionState } from "./session.ts";

export type ClientEvent =
  /** Commands go here now. */
  | { readonly kind: "connected"; readonly endpoint: string; readonly node: string }
  /** The leader's connection is gone; the next one is being looked for. */
  | { readonly kind: "disconnected"; readonly endpoint: string; readonly reason: string }
  | { readonly kind: "unreachable"; readonly endpoint: string; readonly reason: string }
  /** A node that will never take this client: other cluster, wrong credential, other version. */
  | { readonly kind: "refused"; readonly endpoint: string; readonly error: RogerdError }
  | {
      readonly kind: "session";
      readonly state: SessionState;
      readonly session: number | undefined;
    }
  /** No new session could be opened; it is tried again, unless the client is being closed. */
  | { readonly kind: "session-refused"; readonly endpoint: string; readonly error: RogerdError }
  /** With `keepalives: "thread"`: this loop was blocked for longer than `maxStallMs`, and nothing kept the session. */
  | { readonly kind: "stalled"; readonly stalledMs: number }
  /** No node, or not this one, lets a thread keep the session: this loop alone does. */
  | { readonly kind: "keeper-refused"; readonly error: RogerdError }
  /** The thread has ended by itself: this loop alone keeps the session from now on. */
  | { readonly kind: "keeper-died"; readonly reason: string }
  /** A key or a wait that nobody here wants any more could not be given back: it ends with the session. */
  | {
      readonly kind: "not-given-back";
      readonly partition: string;
      /** Undefined: of a job that runs without one. */
      readonly key: string | undefined;
      readonly owner: string;
      readonly error: unknown;
    }
  /** The reader was slow: so many events before this one are missing. */
  | { readonly kind: "overflow"; readonly missing: number }
  | { readonly kind: "closed" };

const eventsWaitingMax = 256;

class Reader implements AsyncIterableIterator<ClientEvent> {
  readonly #waiting: ClientEvent[] = [];
  #missing = 0;
  #isOver = false;
  readonly #askers: ((next: IteratorResult<ClientEvent>) => void)[] = [];
  readonly #left: (reader: Reader) => void;

  constructor(left: (reader: Reader) => void) {
    this.#left = left;
  }

  push(event: ClientEvent): void {
    const asker = this.#askers.shift();
    if (asker !== undefined) return asker({ done: false, value: event });
    if (this.#waiting.length === eventsWaitingMax) {
      this.#waiting.shift();
      this.#missing += 1;
    }
    this.#waiting.push(event);
  }

  end(): void {
    this.#isOver = true;
    for (const asker of this.#askers.splice(0)) asker({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<ClientEvent>> {
    if (this.#missing > 0) {
      const missing = this.#missing;
      this.#missing = 0;
      return Promise.resolve({ done: false, value: { kind: "overflow", missing } });
    }
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#askers.push(resolve));
  }

  return(): Promise<IteratorResult<ClientEvent>> {
    this.#waiting.length = 0;
    this.#missing = 0;
    this.end();
    this.#left(this);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export class EventFeed {
  readonly #readers = new Set<Reader>();
  #isOver = false;

  /** From now on; ends after `closed`. */
  read(): AsyncIterableIterator<ClientEvent> {
    const reader = new Reader((left) => this.#readers.delete(left));
    if (this.#isOver) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  tell(event: ClientEvent): void {
    for (const reader of this.#readers) reader.push(event);
  }

  end(): void {
    this.#isOver = true;
    this.tell({ kind: "closed" });
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}
