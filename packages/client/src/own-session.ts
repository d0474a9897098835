// own-session.ts — the session this client has just now, from the moment its `session.open` is sent until
// it is given up for another: which one an answer names, how long it may be counted on, and what
// comes after it. It opens nothing itself: conversation.ts knows to whom one can speak.
import type { Answer, ErrorObject, Pushes } from "@rogerd/protocol";
import type { Connection } from "./connection.ts";
import { LeaseLostError } from "./errors.ts";
import type { EventFeed } from "./events.ts";
import { type KeepaliveOwner, Keepalives } from "./keepalives.ts";
import type { KeeperThread } from "./keeper-thread.ts";
import { isOver, type LeaseStanding } from "./lease.ts";
import type { ClientPlatform } from "./platform.ts";
import {
  drawOpenId,
  isAlive,
  isStill,
  moveSession,
  Session,
  type SessionState,
} from "./session.ts";
import { type NewsReader, SessionNews } from "./session-news.ts";

/** Who counts on the session. */
export interface SessionReader extends NewsReader {
  /** It is over, or may be: what was held and waited for in it is lost. */
  lost(error: LeaseLostError): void;
}

export interface OwnSessionOwner {
  /** An id for a request, never the same twice on one connection. */
  takeId(): number;
  /** This node does not lead. */
  elsewhere(connection: Connection, error: ErrorObject): void;
  /** Another session than before: what was sent in that one is over. */
  sessionBegins(): void;
  /** What counted on the session ends with this error; the next one wants to be opened. */
  sessionLost(error: LeaseLostError): void;
}

export class OwnSession implements KeepaliveOwner {
  readonly #platform: ClientPlatform;
  readonly #events: EventFeed;
  readonly #owner: OwnSessionOwner;
  readonly #keepalives: Keepalives;
  readonly #news: SessionNews;
  readonly #reader: SessionReader;
  #session: Session;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly events: EventFeed;
    readonly owner: OwnSessionOwner;
    readonly reader: SessionReader;
    readonly thread: KeeperThread | undefined;
  }) {
    const { platform, events, owner, reader, thread } = parts;
    this.#platform = platform;
    this.#events = events;
    this.#owner = owner;
    this.#session = new Session(drawOpenId(platform));
    this.#keepalives = new Keepalives({ platform, owner: this, thread });
    this.#reader = reader;
    this.#news = new SessionNews({ platform, owner: this, reader });
  }

  get session(): Session {
    return this.#session;
  }

  get isAwaiting(): boolean {
    return this.#keepalives.isAwaiting || this.#news.isAwaiting;
  }

  /** A `session.open` with this openId is about to be sent. */
  opens(): string {
    this.#session.openingSince ??= this.#keepalives.now();
    return this.#session.openId;
  }

  /**
   * What a `session.open` was answered. Another id under our openId: the session we had has ended, and
   * this is a new one. False: it is not one to count on, and the next one wants to be opened.
   */
  opened(answered: { readonly session: number; readonly ttlMs: number }): boolean {
    const { session: id, ttlMs } = answered;
    const asked = this.#session;
    const now = this.#keepalives.now();
    const sentAt = asked.openingSince ?? now;
    asked.openingSince = undefined;
    if (isStill(asked, id)) return true;
    this.#lost("another one has begun");
    // It may have begun with the first open that was sent, whose answer never came.
    if (isOver({ sentAt, now, ttlMs })) {
      this.#session = new Session(drawOpenId(this.#platform));
      return false;
    }
    this.#session = new Session(asked.openId);
    this.#owner.sessionBegins();
    this.#session.id = id;
    this.#move("live");
    this.#keepalives.begin({ id, openId: asked.openId, ttlMs }, sentAt);
    // The clocks went on meanwhile.
    return isStill(this.#session, id);
  }

  /** The connection speaks for it from now on. */
  attached(connection: Connection): void {
    const { id } = this.#session;
    if (id === undefined) return;
    this.#keepalives.attached({ connection, session: id });
    this.#news.attached({ connection, session: id });
  }

  detached(): void {
    this.#keepalives.detached();
    this.#news.detached();
  }

  /** What others do to it is to be told from now on. */
  wantNews(): void {
    this.#news.want();
  }

  missedNews(): void {
    this.#news.missed();
  }

  pushed(connection: Connection, pushes: Pushes): void {
    this.#news.pushed(connection, pushes);
  }

  /** To be asked before something counts on it: the process may have slept. */
  look(): void {
    this.#keepalives.look();
  }

  /** False: the answer is to something else. */
  takes(connection: Connection, answer: Answer): boolean {
    return this.#keepalives.takes(connection, answer) || this.#news.takes(connection, answer);
  }

  /** The next one has an openId of its own, so that its numbers can never be taken for those of this one. */
  giveUp(): void {
    this.#giveUp("it is another's, or has ended in the log");
  }

  #giveUp(why: string): LeaseLostError | undefined {
    if (!isAlive(this.#session)) return undefined;
    const error = this.#lost(why);
    this.#keepalives.stop();
    this.#session = new Session(drawOpenId(this.#platform));
    return error;
  }

  /** Who counts on it is told in this instant. */
  #lost(why: string): LeaseLostError {
    const error = new LeaseLostError({ message: `session ${this.#session.id} is lost: ${why}` });
    this.#move("expired");
    // Also when that was known before: an answer of the session may have come since.
    this.#reader.lost(error);
    return error;
  }

  /** It is about to be closed in the log. */
  leaves(): void {
    this.#keepalives.endThread();
  }

  close(): void {
    this.#keepalives.endThread();
    this.#keepalives.stop();
    this.#move("closed");
  }

  takeId(): number {
    return this.#owner.takeId();
  }

  elsewhere(connection: Connection, error: ErrorObject): void {
    this.#owner.elsewhere(connection, error);
  }

  leaseStands(standing: LeaseStanding): void {
    if (standing === "lost") return this.#lose("no keepalive was confirmed in time");
    if (isAlive(this.#session)) this.#move(standing === "jeopardy" ? "jeopardy" : "live");
  }

  sessionEnded(): void {
    this.#lose("it has ended in the log");
  }

  #lose(why: string): void {
    const error = this.#giveUp(why);
    if (error !== undefined) this.#owner.sessionLost(error);
  }

  #move(state: SessionState): void {
    if (!moveSession(this.#session, state)) return;
    this.#events.tell({ kind: "session", state, session: this.#session.id });
  }
}
