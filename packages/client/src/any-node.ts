// any-node.ts — what needs neither a session nor a leader, so that any node will do: stale reads and watches.
// It hands on what nodes say to whom it is for.
import type { Answer, Events, WatchEnded } from "@rogerd/protocol";
import type { CallSpec, Rejection, Reply } from "./call.ts";
import type { Connection } from "./connection.ts";
import { StaleReads, type StaleReadsParts } from "./stale-reads.ts";
import type { OpenWatch, WatchWish } from "./watch.ts";
import { Watches } from "./watches.ts";

export class AnyNode {
  readonly #staleReads: StaleReads;
  readonly #watches: Watches;

  constructor(parts: StaleReadsParts) {
    const { platform, backOff, nodes, requests } = parts;
    this.#staleReads = new StaleReads(parts);
    this.#watches = new Watches({ platform, backOff, nodes, takeId: requests.takeId });
  }

  get openCount(): number {
    return this.#staleReads.openCount;
  }

  get inFlightCount(): number {
    return this.#staleReads.inFlightCount;
  }

  issue(spec: CallSpec): Promise<Reply> {
    return this.#staleReads.issue(spec);
  }

  watch(wish: WatchWish): OpenWatch {
    return this.#watches.begin(wish);
  }

  whenIdle(): Promise<void> {
    return this.#staleReads.whenIdle();
  }

  /** Rejects what is open, ends what is watched. Nothing happens after it. */
  stop(rejection: Rejection): void {
    this.#staleReads.stop(rejection);
    this.#watches.stop();
  }

  opened(connection: Connection): void {
    this.#staleReads.opened(connection);
    this.#watches.opened(connection);
  }

  gone(connection: Connection): void {
    this.#staleReads.gone(connection);
    this.#watches.gone(connection);
  }

  isAwaiting(connection: Connection): boolean {
    return this.#staleReads.isAwaiting(connection) || this.#watches.isAwaiting(connection);
  }

  /** False: it is an answer to something else. */
  takes(connection: Connection, answer: Answer): boolean {
    return this.#watches.takes(connection, answer) || this.#staleReads.takes(connection, answer);
  }

  told(connection: Connection, frame: Events | WatchEnded): void {
    this.#watches.told(connection, frame);
  }

  planFlush(): void {
    this.#staleReads.planFlush();
  }
}
