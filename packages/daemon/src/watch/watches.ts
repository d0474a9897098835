// watches.ts — who watches what on this node, and how far each has been told (SEMANTICS §3). All are told
// from one ring, at their own pace: nothing is copied for a slow one, and who falls out of the ring is
// told `overflow`. Followers may be watched, too: they tell what they have applied.
import {
  type Answer,
  type ErrorObject,
  type Events,
  errorObject,
  type Request,
  type WatchEnded,
  type WatchedEvent,
} from "@rogerd/protocol";
import type { Timer } from "@rogerd/raft";
import type { Bounds } from "../listener/bounds.ts";
import type { CurrentState, OuterPlatform } from "../request/surroundings.ts";
import type { ReplicatedState } from "../state/replicated-state.ts";
import { EventRing, isAfter, type RingBounds } from "./event-ring.ts";
import { isWished, parseWatch, seenThrough, type WatchWish } from "./watch-request.ts";

/** The connection that a watch came on. */
export interface Watcher {
  readonly isListening: boolean;
  /** It reads what it is told. */
  readonly hasRoom: boolean;
  answer(answer: Answer): void;
  tellWatch(frame: Events | WatchEnded): void;
}

export interface WatchesParts {
  readonly platform: Pick<OuterPlatform, "afterTurn" | "setTimer">;
  readonly state: CurrentState & Pick<ReplicatedState, "listen">;
  readonly bounds: Pick<
    Bounds,
    | "eventsKeptMax"
    | "eventsKeptIdle"
    | "eventsBytesMax"
    | "eventsBytesIdle"
    | "watchesMax"
    | "watchesTotalMax"
    | "retryAfterMs"
  >;
}

interface Watch {
  readonly id: number;
  readonly watcher: Watcher;
  readonly wish: WatchWish;
  /** In the ring: what was not looked at yet. */
  next: number;
  /** All of it through here was told. */
  told: number;
}

/** Looked at, and told, in one go for one watch; then it is the others' turn. */
const looksPerTurn = 2_048;
const eventsPerFrame = 256;
const bytesPerFrame = 256 * 1024;
/** Who has heard nothing for so long is told how far nothing has happened (SEMANTICS §3: 10 s). */
const bookmarkEveryMs = 5_000;
/** Who did not read is looked at again. */
const retryEveryMs = 100;

export class Watches {
  readonly #parts: WatchesParts;
  readonly #ring: EventRing;
  readonly #watches = new Map<Watcher, Map<number, Watch>>();
  #count = 0;
  #isDue = false;
  #retry: Timer | undefined;
  #bookmark: Timer | undefined;
  #isStopped = false;

  constructor(parts: WatchesParts) {
    this.#parts = parts;
    const { state } = parts;
    this.#ring = new EventRing({
      ...this.#idle,
      completeAfter: state.current.revision,
    });
  }

  /** What is kept while nobody watches. */
  get #idle(): RingBounds {
    const { eventsBytesIdle: bytesMax, eventsKeptIdle: eventsMax } = this.#parts.bounds;
    return { eventsMax, bytesMax };
  }

  /** From now on, for as long as the state lives. */
  start(): void {
    const { state } = this.#parts;
    // What was applied before is not in the ring.
    this.#ring.restart(state.current.revision);
    state.listen({
      appliedOne: () => this.#gather(),
      appliedAll: () => this.#deliverSoon(),
      restored: () => this.#restart(),
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#bookmark?.cancel();
  }

  /** Begins a watch; or the error that is the answer. */
  take(request: Request, watcher: Watcher): ErrorObject | undefined {
    const parsed = parseWatch(request);
    if (parsed.kind === "invalid") return invalidArgument(parsed);
    const problem = this.#whyNot(request.id, watcher);
    if (problem !== undefined) return problem;
    const { wish } = parsed;
    const { revision } = this.#parts.state.current;
    const next = wish.from === undefined ? this.#ring.end : this.#ring.numberAfter(wish.from);
    if (next === undefined) return this.#compacted();
    this.#add({ id: request.id, watcher, wish, next, told: seenThrough(wish) ?? revision });
    const result = { status: "watching", revision } as const;
    watcher.answer({ id: request.id, revision, n: 0, result });
    this.#deliverSoon();
    return undefined;
  }

  /** `unwatch`: nothing more is told, but for what is on its way. */
  end(request: Request, watcher: Watcher): ErrorObject | undefined {
    const { watch: id } = request.args;
    const watch = typeof id === "number" ? this.#watches.get(watcher)?.get(id) : undefined;
    if (watch === undefined) {
      return invalidArgument({ path: "args.watch", reason: "is no watch of this connection" });
    }
    this.#remove(watch);
    const { revision } = this.#parts.state.current;
    watcher.answer({ id: request.id, revision, n: 0, result: { status: "done" } });
    return undefined;
  }

  /** Its connection has ended. */
  gone(watcher: Watcher): void {
    for (const watch of this.#watches.get(watcher)?.values() ?? []) this.#remove(watch);
  }

  #whyNot(id: number, watcher: Watcher): ErrorObject | undefined {
    const own = this.#watches.get(watcher);
    if (own?.has(id) === true) {
      return invalidArgument({ path: "id", reason: "is that of a watch of this connection" });
    }
    const { retryAfterMs, watchesMax, watchesTotalMax } = this.#parts.bounds;
    if ((own?.size ?? 0) < watchesMax && this.#count < watchesTotalMax) return undefined;
    return errorObject("overloaded", "there are too many watches", { retryAfterMs });
  }

  #add(watch: Watch): void {
    const { id, watcher } = watch;
    const own = this.#watches.get(watcher) ?? new Map<number, Watch>();
    this.#watches.set(watcher, own.set(id, watch));
    this.#count += 1;
    if (this.#count > 1) return;
    const { eventsKeptMax: eventsMax, eventsBytesMax: bytesMax } = this.#parts.bounds;
    this.#ring.keep({ eventsMax, bytesMax });
    this.#armBookmark();
  }

  #remove({ id, watcher }: Watch): void {
    const own = this.#watches.get(watcher);
    if (own?.delete(id) !== true) return;
    if (own.size === 0) this.#watches.delete(watcher);
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#bookmark?.cancel();
    this.#ring.keep(this.#idle);
  }

  #gather(): void {
    const { events } = this.#parts.state.current;
    if (events === undefined) this.#restart();
    else this.#ring.add(events);
  }

  /** The state is another one, and nobody was told how it came to be (SEMANTICS §3). */
  #restart(): void {
    const { revision } = this.#parts.state.current;
    this.#ring.restart(revision);
    for (const watch of this.#all()) {
      if (watch.told < revision) this.#finish(watch, this.#compacted());
      else watch.next = this.#ring.end;
    }
  }

  #all(): readonly Watch[] {
    return [...this.#watches.values()].flatMap((own) => [...own.values()]);
  }

  #finish(watch: Watch, error: ErrorObject): void {
    this.#remove(watch);
    if (watch.watcher.isListening)
      watch.watcher.tellWatch({ kind: "watchEnded", watch: watch.id, error });
  }

  #deliverSoon(): void {
    if (this.#isDue || this.#count === 0 || this.#isStopped) return;
    this.#isDue = true;
    this.#parts.platform.afterTurn(() => {
      this.#isDue = false;
      if (!this.#isStopped) this.#deliver();
    });
  }

  #deliver(): void {
    const { notServing } = this.#parts.state;
    let isMore = false;
    for (const watch of this.#all()) {
      if (notServing !== undefined) this.#finish(watch, this.#unavailable(notServing));
      else isMore = this.#tell(watch) || isMore;
    }
    if (isMore) this.#deliverSoon();
  }

  /** Answers whether there is more for it to be told at once. */
  #tell(watch: Watch): boolean {
    const ring = this.#ring;
    if (watch.next === ring.end) return false;
    if (watch.next < ring.first) {
      const error = errorObject("overflow", "events were not read as fast as they came");
      this.#finish(watch, error);
      return false;
    }
    if (!watch.watcher.hasRoom) {
      this.#retryLater();
      return false;
    }
    const events = this.#take(watch);
    const isAll = watch.next === ring.end;
    if (events.length > 0) this.#send(watch, { events, isAll });
    return !isAll;
  }

  #take(watch: Watch): readonly WatchedEvent[] {
    const { from } = watch.wish;
    const events: WatchedEvent[] = [];
    const end = Math.min(this.#ring.end, watch.next + looksPerTurn);
    let bytesLeft = bytesPerFrame;
    for (; watch.next < end && events.length < eventsPerFrame; watch.next += 1) {
      const event = this.#ring.at(watch.next);
      if (event === undefined || !isWished(watch.wish, event)) continue;
      if (from !== undefined && !isAfter(event, from)) continue;
      bytesLeft -= this.#ring.bytesAt(watch.next);
      // One alone always fits: it says what one call has changed.
      if (bytesLeft < 0 && events.length > 0) break;
      events.push(plain(event));
    }
    return events;
  }

  #send(
    watch: Watch,
    told: { readonly events: readonly WatchedEvent[]; readonly isAll: boolean },
  ): void {
    const { revision } = this.#parts.state.current;
    const through = told.isAll ? Math.max(revision, watch.told) : null;
    if (through !== null) watch.told = through;
    watch.watcher.tellWatch({ kind: "events", watch: watch.id, events: told.events, through });
  }

  #retryLater(): void {
    this.#retry ??= this.#parts.platform.setTimer(retryEveryMs, () => {
      this.#retry = undefined;
      this.#deliverSoon();
    });
  }

  #armBookmark(): void {
    this.#bookmark = this.#parts.platform.setTimer(bookmarkEveryMs, () => {
      const { revision } = this.#parts.state.current;
      for (const watch of this.#all()) {
        const isBehind = watch.next !== this.#ring.end || !watch.watcher.hasRoom;
        if (!isBehind && watch.told < revision) this.#send(watch, { events: [], isAll: true });
      }
      this.#armBookmark();
    });
  }

  #compacted(): ErrorObject {
    const revision = this.#ring.completeAfter;
    const message = `what happened through revision ${revision} is not known here any more: list, and watch from the list's revision on`;
    return errorObject("compacted", message, { revision });
  }

  #unavailable(reason: string): ErrorObject {
    const { retryAfterMs } = this.#parts.bounds;
    return errorObject("unavailable", reason, { retryAfterMs });
  }
}

/** The same, with no more said of its parts than that they are plain. */
function plain(event: Omit<WatchedEvent, "item" | "was"> & Parts): WatchedEvent {
  return { ...event, item: map(event.item), was: map(event.was) };
}

interface Parts {
  readonly item: object | null;
  readonly was: object | null;
}

function map(item: object | null): WatchedEvent["item"] {
  return item === null ? null : { ...item };
}

function invalidArgument(wrong: { readonly path: string; readonly reason: string }): ErrorObject {
  const { path, reason } = wrong;
  return errorObject("invalid_argument", `${path}: ${reason}`, { path });
}
