// watch.ts — what a user holds of a watch: an iterable of changes in the order of the log (SEMANTICS §3). It
// ends when the user leaves it or the client closes, and with an error where changes were lost. Whom to
// ask, and to ask again, is watches.ts.
import type { EventKind, EventType, WatchedEvent } from "@rogerd/protocol";
import { CompactedError, InvalidArgumentError, type RogerdError } from "./errors.ts";

export interface WatchOptions {
  /** Kinds (`queueKey`) or types (`queueKey.taken`) of changes; default: all. */
  readonly types?: readonly (EventKind | EventType)[];
  /** Only of things whose name begins so. */
  readonly prefix?: string;
  /**
   * What happened after this revision, as after a list at it, or after this event of it. Default: from
   * now on. Where no node knows that any more, the watch ends with `CompactedError`.
   */
  readonly from?: number | { readonly revision: number; readonly n: number };
  /** Ends the watch, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Told so far; without `n` all of the revision. */
export interface WatchPlace {
  readonly revision: number;
  readonly n?: number;
}

export interface WatchWish {
  readonly partition: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly prefix: string | undefined;
  readonly from: WatchPlace | undefined;
}

/** So many events wait for the user; then no more are asked for, until half of them are taken. */
export const eventsWaitingMax = 8_192;

export interface WatchOwner {
  /** The user has left it: nothing more is wanted. */
  left(watch: OpenWatch): void;
  /** The user has caught up. */
  hasRoom(watch: OpenWatch): void;
}

interface Asker {
  readonly resolve: (next: IteratorResult<WatchedEvent>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Changes in the order of the log, as an async iterable; from `watch` of a client or a partition. Leaving the loop
 * ends it.
 */
export interface Watch extends AsyncIterableIterator<WatchedEvent>, AsyncDisposable {
  /** A bookmark: all events through this revision were handed out, or wait here; undefined: nothing is known yet. */
  readonly through: number | undefined;
  /** Nothing more comes but what waits here. */
  readonly isOver: boolean;
  next(): Promise<IteratorResult<WatchedEvent>>;
  /** Leaves it; what waits is dropped. */
  return(): Promise<IteratorResult<WatchedEvent>>;
  [Symbol.asyncIterator](): this;
}

/** As watches.ts sees it, who fills it. */
export class OpenWatch implements Watch {
  readonly #owner: WatchOwner;
  readonly #waiting: WatchedEvent[] = [];
  readonly #askers: Asker[] = [];
  #through: number | undefined;
  #end: { readonly error: unknown } | "done" | undefined;
  #stopListening: (() => void) | undefined;

  constructor(owner: WatchOwner) {
    this.#owner = owner;
  }

  /** Aborted, it ends with the signal's reason. */
  endWith(signal: AbortSignal | undefined): void {
    if (signal === undefined || this.isOver) return;
    const end = (): void => this.fail(signal.reason);
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
    this.#stopListening = () => signal.removeEventListener("abort", end);
  }

  get through(): number | undefined {
    return this.#through;
  }

  get isFull(): boolean {
    return this.#waiting.length >= eventsWaitingMax;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  next(): Promise<IteratorResult<WatchedEvent>> {
    const value = this.#waiting.shift();
    if (value === undefined) return this.#nextToCome();
    if (this.#waiting.length === eventsWaitingMax / 2) this.#owner.hasRoom(this);
    return Promise.resolve({ done: false, value });
  }

  return(): Promise<IteratorResult<WatchedEvent>> {
    this.#waiting.length = 0;
    this.#finish("done");
    return Promise.resolve({ done: true, value: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // From watches.ts.

  push(event: WatchedEvent): void {
    if (this.#end !== undefined) return;
    const asker = this.#askers.shift();
    if (asker === undefined) this.#waiting.push(event);
    else asker.resolve({ done: false, value: event });
  }

  told(through: number): void {
    this.#through = Math.max(this.#through ?? 0, through);
  }

  /** Nothing more comes; what waits is still handed out. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  close(): void {
    this.#finish("done");
  }

  #nextToCome(): Promise<IteratorResult<WatchedEvent>> {
    const end = this.#end;
    if (end === "done") return Promise.resolve({ done: true, value: undefined });
    if (end !== undefined) {
      // Told once: whoever asks again hears that it is over.
      this.#end = "done";
      return Promise.reject(end.error);
    }
    return new Promise((resolve, reject) => this.#askers.push({ resolve, reject }));
  }

  #finish(end: { readonly error: unknown } | "done"): void {
    if (this.#end !== undefined) return;
    this.#stopListening?.();
    const [first, ...others] = this.#askers.splice(0);
    this.#end = first === undefined ? end : "done";
    this.#owner.left(this);
    if (end !== "done" && first !== undefined) first.reject(end.error);
    else first?.resolve({ done: true, value: undefined });
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }
}

/** What no answer can heal, and what the user must do about. */
export function isFinal(error: RogerdError): boolean {
  return (
    error instanceof CompactedError ||
    error instanceof InvalidArgumentError ||
    !(error.retryable || error.code === "overflow")
  );
}

export function wishOf(partition: string | undefined, options: WatchOptions): WatchWish {
  const { types, prefix, from } = options;
  const place = typeof from === "number" ? { revision: from } : from;
  return { partition, types, prefix, from: place };
}
