// keeper.ts — keeps the session of a client whose own loop may be blocked. It runs on a loop of its own, with a
// connection of its own to whoever leads, and shows the session's number and secret there: it speaks for
// nobody (docs/protocol.md, section 4). A client whose loop has been blocked for too long is a client
// that hangs: then it keeps nothing, so that what a hung program holds is freed. It ends no session and
// no run: it says what it has learned, and its client decides.
import type { Answer, ErrorObject } from "@rogerd/protocol";
import type { Connection } from "./connection.ts";
import { Endpoints } from "./endpoints.ts";
import type { RogerdError } from "./errors.ts";
import { EventFeed } from "./events.ts";
import { KeepaliveRhythm, type RhythmOwner } from "./keepalive-rhythm.ts";
import type { KeeperNews, KeeperOrder, KeeperSettings, KeptSession } from "./keeper-words.ts";
import { LeaderLink, type LinkOwner } from "./leader-link.ts";
import type { Confirmation } from "./lease.ts";
import type { ClientPlatform } from "./platform.ts";

export interface KeeperParts {
  readonly platform: ClientPlatform;
  readonly settings: KeeperSettings;
  /** When the client's loop last turned, by the clock of the platform. */
  readonly lastBeatMs: () => number;
  readonly tell: (news: KeeperNews) => void;
}

/**
 * Keeps a client's session from a loop of its own; for platforms that bring their own threads
 * (`ClientPlatform.startKeeper`).
 */
export class Keeper {
  readonly #keeping: Keeping;

  constructor(parts: KeeperParts) {
    this.#keeping = new Keeping(parts);
  }

  /** What its client says, in the order in which it says it. */
  heed(order: KeeperOrder): void {
    this.#keeping.heed(order);
  }
}

class Keeping implements LinkOwner, RhythmOwner {
  readonly #parts: KeeperParts;
  readonly #rhythm: KeepaliveRhythm;
  readonly #link: LeaderLink;
  #hasStarted = false;
  #session: KeptSession | undefined;
  #carrier: Connection | undefined;
  #nextId = 1;
  #isWithholding = false;
  /** Since it last had a leader. */
  #hasSaidRefused = false;

  constructor(parts: KeeperParts) {
    const { platform, settings } = parts;
    this.#parts = parts;
    this.#rhythm = new KeepaliveRhythm(platform, this);
    this.#link = new LeaderLink({
      platform,
      settings: settings.link,
      endpoints: new Endpoints(settings.endpoints),
      clusterId: settings.clusterId,
      owner: this,
      // Its client tells of connections; nobody asks about these.
      events: new EventFeed(),
    });
  }

  heed(order: KeeperOrder): void {
    this.#rhythm.end();
    this.#session = order.kind === "keep" ? order.session : undefined;
    if (this.#session === undefined) return;
    this.#rhythm.ttlMs = this.#session.ttlMs;
    if (this.#hasStarted) return this.#keep();
    this.#hasStarted = true;
    this.#link.start();
  }

  #keep(): void {
    const [connection, session] = [this.#carrier, this.#session];
    if (connection === undefined || session === undefined) return;
    const { id, openId } = session;
    this.#rhythm.begin({ connection, session: id, args: { session: id, openId } });
  }

  // From the rhythm.

  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  mayKeep(): boolean {
    const { platform, settings, lastBeatMs, tell } = this.#parts;
    const stalledMs = platform.monotonicNow() - lastBeatMs();
    const isStalled = stalledMs > settings.maxStallMs;
    if (isStalled && !this.#isWithholding) tell({ kind: "withheld", stalledMs });
    this.#isWithholding = isStalled;
    return !isStalled;
  }

  confirmed(confirmation: Confirmation): void {
    if (this.#session === undefined) return;
    this.#parts.tell({ kind: "confirmed", session: this.#session.id, ...confirmation });
  }

  failed(connection: Connection, error: ErrorObject): void {
    const { code, message, retryable } = error;
    if (code === "not_leader") return this.#link.moved(connection, error.leader ?? null);
    if (code === "session_expired") return this.#ended();
    if (retryable) return undefined;
    // A daemon of before, or one that takes us for a stranger: the next one may not.
    this.#rhythm.hush();
    return this.#sayRefused({ code, message });
  }

  #sayRefused({ code, message }: Pick<RogerdError, "code" | "message">): void {
    if (!this.#hasSaidRefused) this.#parts.tell({ kind: "refused", code, message });
    this.#hasSaidRefused = true;
  }

  #ended(): void {
    if (this.#session !== undefined) {
      this.#parts.tell({ kind: "ended", session: this.#session.id });
    }
    this.#session = undefined;
    this.#rhythm.end();
  }

  // From the link.

  leading(connection: Connection): void {
    this.#carrier = connection;
    this.#hasSaidRefused = false;
    this.#keep();
  }

  ceased(_connection: Connection): void {
    this.#release();
  }

  lost(connection: Connection): void {
    if (connection === this.#carrier) this.#release();
  }

  #release(): void {
    this.#carrier = undefined;
    this.#rhythm.end();
  }

  answered(connection: Connection, answers: readonly Answer[]): void {
    for (const answer of answers) this.#rhythm.takes(connection, answer);
  }

  isAwaiting(connection: Connection): boolean {
    return connection === this.#carrier && this.#rhythm.isAwaiting;
  }

  refused(error: RogerdError): void {
    this.#sayRefused(error);
  }

  // Nothing is told to who speaks for no session, and nobody takes it from it.

  told(): void {}
  superseded(): void {}
  opened(): void {}
  gone(): void {}
}
