// session-news.ts — how this client learns what others do to its session (SEMANTICS §4.9): once on each
// connection that speaks for it `session.sync` asks for all that it has, page by page, and from then on the
// daemon pushes. Nobody is asked before somebody wants to know. What the news mean is holdings.ts.
import {
  type Answer,
  type ErrorObject,
  errorCodes,
  type Push,
  type Pushes,
  type Synced,
  type SyncedEnding,
} from "@rogerd/protocol";
import type { Connection } from "./connection.ts";
import { errorFromWire, type RogerdError } from "./errors.ts";
import type { ClientPlatform, Timer } from "./platform.ts";
import { SessionPages, type SessionView } from "./session-pages.ts";

/** Who wants to know. */
export interface NewsReader {
  pushed(push: Push): void;
  /** A wait ended, as a page says: perhaps long ago, perhaps told before. */
  ended(ended: SyncedEnding & { readonly revision: number }): void;
  synced(view: SessionView): void;
  /** Nothing is told by this daemon, whoever asks how often. */
  untold(error: RogerdError): void;
}

export interface NewsOwner {
  takeId(): number;
  sessionEnded(connection: Connection): void;
  elsewhere(connection: Connection, error: ErrorObject): void;
}

interface Carrying {
  readonly connection: Connection;
  readonly session: number;
}

/** After a page that can't be had just now. */
const retryAfterMs = 200;

export class SessionNews {
  readonly #platform: ClientPlatform;
  readonly #owner: NewsOwner;
  readonly #reader: NewsReader;
  #isWanted = false;
  #carrying: Carrying | undefined;
  /** On this connection. */
  #hasBegun = false;
  /** Undefined: none are to come. */
  #pages: SessionPages | undefined;
  /** Of the page that is asked for; 0: none. */
  #sentId = 0;
  #timer: Timer | undefined;
  #isMissed = false;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly owner: NewsOwner;
    readonly reader: NewsReader;
  }) {
    this.#platform = parts.platform;
    this.#owner = parts.owner;
    this.#reader = parts.reader;
  }

  get isAwaiting(): boolean {
    return this.#sentId !== 0;
  }

  /** From now on, on this connection and on all that follow. */
  want(): void {
    this.#isWanted = true;
    if (!this.#hasBegun) this.#begin();
  }

  /** Not all that was told could be remembered: the state says it once more, once a turn. */
  missed(): void {
    if (this.#isMissed) return;
    this.#isMissed = true;
    this.#platform.afterTurn(() => {
      this.#isMissed = false;
      if (this.#hasBegun) this.#begin();
    });
  }

  /** The connection speaks for the session from now on. */
  attached(carrying: Carrying): void {
    this.detached();
    this.#carrying = carrying;
    if (this.#isWanted) this.#begin();
  }

  detached(): void {
    this.#carrying = undefined;
    this.#hasBegun = false;
    this.#pages = undefined;
    this.#sentId = 0;
    this.#timer?.cancel();
  }

  /** False: it answers something else. */
  takes(connection: Connection, answer: Answer): boolean {
    const pages = this.#pages;
    if (this.#sentId === 0 || answer.id !== this.#sentId) return false;
    if (pages === undefined || this.#carrying?.connection !== connection) return false;
    this.#sentId = 0;
    if ("error" in answer) this.#failed(connection, answer.error);
    else if (answer.result.status === "synced") this.#read(pages, answer.revision, answer.result);
    return true;
  }

  pushed(connection: Connection, { session, pushes }: Pushes): void {
    if (this.#carrying?.connection !== connection || this.#carrying.session !== session) return;
    for (const push of pushes) {
      this.#pages?.pushed(push);
      this.#reader.pushed(push);
    }
  }

  #begin(): void {
    if (this.#carrying === undefined) return;
    this.#timer?.cancel();
    this.#hasBegun = true;
    this.#pages = new SessionPages();
    this.#ask(this.#pages);
  }

  #ask({ next }: SessionPages): void {
    const { connection } = this.#carrying ?? {};
    if (connection === undefined) return;
    this.#sentId = this.#owner.takeId();
    const args = next === null ? {} : { cursor: next };
    const request = { id: this.#sentId, command: "session.sync", args };
    connection.sendEncoded(connection.encode({ kind: "requests", requests: [request] }));
    connection.awaitAnswers();
  }

  /** What happens between two pages is pushed between them: nothing has to be looked at twice. */
  #read(pages: SessionPages, revision: number, page: Synced): void {
    pages.add(page, { revision });
    for (const ending of page.endings) this.#reader.ended({ ...ending, revision });
    // What was told may have ended this: a session that is lost, a connection that is given up.
    if (this.#pages !== pages) return;
    if (pages.next !== null) return this.#ask(pages);
    this.#pages = undefined;
    this.#reader.synced(pages.view);
    for (const stop of pages.stops) this.#reader.pushed(stop);
  }

  #failed(connection: Connection, error: ErrorObject): void {
    if (error.code === "session_expired") return this.#owner.sessionEnded(connection);
    if (error.code === "not_leader") return this.#owner.elsewhere(connection, error);
    const pages = this.#pages;
    if (errorCodes[error.code].retryable && pages !== undefined) {
      const delayMs = Math.max(retryAfterMs, error.retryAfterMs ?? 0);
      this.#timer = this.#platform.setTimer(delayMs, () => this.#ask(pages));
      return;
    }
    this.#reader.untold(errorFromWire(error, { outcomeKnown: true }));
  }
}
