// watches.ts — keeps every watch of this client going: on the node that is there, the leader before others, and
// after a lost connection on another one from where it stopped, so that nothing is told twice and nothing is
// left out. It never decides that changes are lost: a node says so.
import type { Answer, ErrorObject, Events, WatchEnded } from "@rogerd/protocol";
import { type BackOffBounds, backOffMs } from "./back-off.ts";
import { unexpected } from "./caller.ts";
import type { Connection } from "./connection.ts";
import { errorFromWire } from "./errors.ts";
import type { ClientPlatform, Timer } from "./platform.ts";
import { isFinal, OpenWatch, type WatchOwner, type WatchPlace, type WatchWish } from "./watch.ts";

export interface WatchesParts {
  readonly platform: ClientPlatform;
  readonly backOff: BackOffBounds;
  readonly takeId: () => number;
  /** Nodes that take requests now, the leader first. */
  readonly nodes: () => readonly Connection[];
}

/** Where a watch is told. */
interface Asked {
  readonly connection: Connection;
  readonly id: number;
  isAnswered: boolean;
}

interface Standing {
  readonly watch: OpenWatch;
  readonly wish: WatchWish;
  /** Told so far. */
  place: WatchPlace | undefined;
  asked: Asked | undefined;
  /** Nobody is asked before it is over. */
  pause: Timer | undefined;
  /** Refusals in a row. */
  setbacks: number;
}

export class Watches implements WatchOwner {
  readonly #parts: WatchesParts;
  readonly #standings = new Map<OpenWatch, Standing>();
  #isStopped = false;

  constructor(parts: WatchesParts) {
    this.#parts = parts;
  }

  begin(wish: WatchWish): OpenWatch {
    const watch = new OpenWatch(this);
    const place = wish.from;
    const standing = { watch, wish, place, asked: undefined, pause: undefined, setbacks: 0 };
    this.#standings.set(watch, standing);
    if (this.#isStopped) watch.close();
    else this.#ask(standing);
    return watch;
  }

  /** What waits in them is still handed out. */
  stop(): void {
    this.#isStopped = true;
    for (const { watch } of [...this.#standings.values()]) watch.close();
  }

  opened(_connection: Connection): void {
    for (const standing of this.#standings.values()) this.#ask(standing);
  }

  gone(connection: Connection): void {
    for (const standing of this.#standings.values()) {
      if (standing.asked?.connection !== connection) continue;
      standing.asked = undefined;
      this.#ask(standing);
    }
  }

  isAwaiting(connection: Connection): boolean {
    return [...this.#standings.values()].some(
      ({ asked }) => asked?.connection === connection && !asked.isAnswered,
    );
  }

  /** False: it is no answer to one of these. */
  takes(connection: Connection, answer: Answer): boolean {
    const standing = this.#askedAs(connection, answer.id);
    if (standing?.asked === undefined) return false;
    standing.asked.isAnswered = true;
    if ("error" in answer) this.#ended(standing, answer.error);
    else if (answer.result.status === "watching") standing.place ??= { revision: answer.revision };
    else standing.watch.fail(unexpected("watch", answer));
    return true;
  }

  told(connection: Connection, frame: Events | WatchEnded): void {
    const standing = this.#askedAs(connection, frame.watch);
    if (standing === undefined) return;
    if (frame.kind === "watchEnded") return this.#ended(standing, frame.error);
    standing.setbacks = 0;
    const { watch } = standing;
    for (const event of frame.events) {
      const { revision, n } = event;
      standing.place = { revision, n };
      watch.push(event);
    }
    const { through } = frame;
    if (through !== null) {
      if (through >= (standing.place?.revision ?? 0)) standing.place = { revision: through };
      watch.told(through);
    }
    if (watch.isFull) this.#leave(standing);
  }

  left(watch: OpenWatch): void {
    const standing = this.#standings.get(watch);
    if (standing === undefined) return;
    this.#standings.delete(watch);
    standing.pause?.cancel();
    this.#leave(standing);
  }

  hasRoom(watch: OpenWatch): void {
    const standing = this.#standings.get(watch);
    if (standing !== undefined) this.#ask(standing);
  }

  #askedAs(connection: Connection, id: number): Standing | undefined {
    for (const standing of this.#standings.values()) {
      const { asked } = standing;
      if (asked?.id === id && asked.connection === connection) return standing;
    }
    return undefined;
  }

  #ask(standing: Standing): void {
    const { asked, pause, place, watch, wish } = standing;
    if (asked !== undefined || pause !== undefined || watch.isOver || watch.isFull) return;
    const [connection] = this.#parts.nodes();
    if (connection === undefined) return; // the next one comes by `opened`
    const { partition, types, prefix } = wish;
    const args = {
      ...(types === undefined ? {} : { types }),
      ...(prefix === undefined ? {} : { prefix }),
      ...(place === undefined ? {} : { from: place }),
    };
    const id = this.#parts.takeId();
    standing.asked = { connection, id, isAnswered: false };
    this.#say(connection, {
      id,
      command: "watch",
      args,
      ...(partition === undefined ? {} : { partition }),
    });
    connection.awaitAnswers();
  }

  /** Nothing more is wanted there for now. */
  #leave(standing: Standing): void {
    const { asked } = standing;
    standing.asked = undefined;
    if (asked === undefined || !this.#parts.nodes().includes(asked.connection)) return;
    const args = { watch: asked.id };
    this.#say(asked.connection, { id: this.#parts.takeId(), command: "unwatch", args });
  }

  #say(
    connection: Connection,
    request: {
      readonly id: number;
      readonly command: string;
      readonly args: Readonly<Record<string, unknown>>;
    },
  ): void {
    connection.sendEncoded(connection.encode({ kind: "requests", requests: [request] }));
  }

  #ended(standing: Standing, problem: ErrorObject): void {
    const error = errorFromWire(problem, { outcomeKnown: true });
    standing.asked = undefined;
    if (isFinal(error)) return standing.watch.fail(error);
    const { backOff, platform } = this.#parts;
    const seed = platform.drawSeed();
    const jitterMs = backOffMs({ ...backOff, failures: standing.setbacks, seed });
    standing.setbacks += 1;
    standing.pause = platform.setTimer((problem.retryAfterMs ?? 0) + jitterMs, () => {
      standing.pause = undefined;
      this.#ask(standing);
    });
  }
}
