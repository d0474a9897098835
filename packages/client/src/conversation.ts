// conversation.ts — the talk with the leader: attaches the session to each new connection, sends
// the calls of a turn in as few frames as fit, and acts on what the answers say about connection
// and session. What an answer means for its call is decided in requests.ts, whom to ask in
// leader-link.ts. A write is sent only on a connection that speaks for the session.
import { type Answer, type ErrorObject, errorObject, requestsPerFrameMax } from "@rogerd/protocol";
import { AnyNode } from "./any-node.ts";
import { backOffMs } from "./back-off.ts";
import { type CallSpec, closedRejection, needsSession, type Reply } from "./call.ts";
import type { Connection, Told } from "./connection.ts";
import { Endpoints } from "./endpoints.ts";
import { errorFromWire, type LeaseLostError, type RogerdError } from "./errors.ts";
import type { EventFeed } from "./events.ts";
import { unsendable } from "./given.ts";
import { keeperThreadOf } from "./keeper-thread.ts";
import { LeaderLink, type LinkOwner } from "./leader-link.ts";
import { OwnSession, type OwnSessionOwner, type SessionReader } from "./own-session.ts";
import type { ClientPlatform, Timer } from "./platform.ts";
import { Requests } from "./requests.ts";
import { RevisionSeen } from "./revision-seen.ts";
import { bufferedBytesMax, bufferedCheckMs, sendCalls } from "./send-calls.ts";
import { windowSizeMax } from "./sequence-window.ts";
import type { Session } from "./session.ts";
import type { ClientSettings } from "./settings.ts";
import type { OpenWatch, WatchWish } from "./watch.ts";

/** A leader that has not opened a session after this is looked for elsewhere. */
const openTimeoutMs = 5_000;
/** Room for the client's own requests beside the calls. */
const ownRequests = 16;

export class Conversation implements LinkOwner, OwnSessionOwner {
  readonly #platform: ClientPlatform;
  readonly #settings: ClientSettings;
  readonly #events: EventFeed;
  readonly #link: LeaderLink;
  readonly #requests: Requests;
  readonly #anyNode: AnyNode;
  readonly #own: OwnSession;
  #nextId = 1;
  #carrier: Connection | undefined;
  /** The carrier speaks for the session: calls may be sent. */
  #isAttached = false;
  /** The id of the session.open under way on the carrier; 0: none. */
  #openingId = 0;
  #openTimer: Timer | undefined;
  #isLeaving = false;
  #isFlushPlanned = false;
  /** Nothing is sent while it runs. */
  #pause: Timer | undefined;
  /** Answers in a row that said "later". */
  #setbacks = 0;
  #obstacle: RogerdError | undefined;
  #onFirstLive: { live(): void; failed(error: RogerdError): void } | undefined;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly settings: ClientSettings;
    readonly events: EventFeed;
    /** Who counts on the session. */
    readonly reader: SessionReader;
  }) {
    const { platform, settings, events, reader } = parts;
    this.#platform = platform;
    this.#settings = settings;
    this.#events = events;
    const thread = keeperThreadOf({ platform, settings, events, clusterId: () => this.clusterId });
    this.#own = new OwnSession({ platform, events, owner: this, reader, thread });
    const requests = {
      platform,
      callsOpenMax: settings.callsOpenMax,
      callsOpen: () => this.#requests.openCount + this.#anyNode.openCount,
      takeId: () => this.takeId(),
      seen: new RevisionSeen(),
    };
    this.#requests = new Requests({
      ...requests,
      onWaiting: () => this.#planFlush(),
      obstacle: () => this.obstacle,
    });
    this.#anyNode = new AnyNode({
      platform,
      backOff: settings.link.backOff,
      requests,
      nodes: () => this.#link.nodes(),
      room: (connection) => this.#room(connection),
      obstacle: () => this.#link.lastFailure,
    });
    this.#link = new LeaderLink({
      platform,
      settings: settings.link,
      endpoints: new Endpoints(settings.endpoints),
      clusterId: settings.clusterId,
      owner: this,
      events,
    });
  }

  get session(): Session {
    return this.#own.session;
  }

  get clusterId(): string | undefined {
    return this.#link.clusterId();
  }

  /** Connects; tells once when the session is live, or when no node will ever take this client. */
  start(onFirstLive: { live(): void; failed(error: RogerdError): void }): void {
    this.#onFirstLive = onFirstLive;
    this.#link.start();
  }

  /** What stands in the way, as far as known. */
  get obstacle(): RogerdError | undefined {
    return this.refusal ?? this.#obstacle ?? this.#link.lastFailure;
  }

  get refusal(): RogerdError | undefined {
    return this.#link.refusal;
  }

  issue(spec: CallSpec): Promise<Reply> {
    const wrong = unsendable(spec);
    if (wrong !== undefined) return Promise.reject(wrong);
    if (spec.kind === "stale-read") return this.#anyNode.issue(spec);
    if (this.#settings.session === "none") return Promise.reject(needsSession(spec));
    const issued = this.#requests.issue(spec);
    // After a sleep the session may be lost already that a write counts on.
    this.#own.look();
    return issued;
  }

  async whenIdle(): Promise<void> {
    await Promise.all([this.#requests.whenIdle(), this.#anyNode.whenIdle()]);
  }

  /** Rejects what is open and hangs up. Nothing happens after it. */
  stop(reason: string): void {
    this.#pause?.cancel();
    const rejection = closedRejection(reason);
    this.#requests.rejectAll(rejection);
    this.#requests.stop();
    this.#anyNode.stop(rejection);
    this.#detach();
    this.#own.close();
    this.#link.close(reason);
  }

  /** Says goodbye for the session; one that can't hear it ends with its lease. */
  async closeSession(timeoutMs: number): Promise<void> {
    if (!this.#isAttached) return;
    this.#isLeaving = true;
    this.#own.leaves();
    const command = { command: "session.close", partition: undefined, args: {} };
    await this.issue({ kind: "write", ...command, timeoutMs, signal: undefined });
  }

  leading(connection: Connection): void {
    // A session opened now would be a new one, just to be closed.
    if (this.#isLeaving) return;
    if (this.#settings.session === "own") this.#attach(connection);
    this.#anyNode.opened(connection);
  }

  #attach(connection: Connection): void {
    this.#carrier = connection;
    this.#isAttached = false;
    this.#openSession();
  }

  ceased(_connection: Connection): void {
    // What it wished as the leader binds nobody at the next one.
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#detach();
  }

  lost(connection: Connection, unread?: RogerdError): void {
    if (this.#carrier === connection) this.#detach();
    this.#requests.carrierLost(unread);
  }

  /** For whom an older state will do, any node will do. */
  opened(connection: Connection): void {
    this.#anyNode.opened(connection);
    if (this.#settings.until === "node") this.#tellFirstLive();
  }

  gone(connection: Connection): void {
    this.#anyNode.gone(connection);
  }

  isAwaiting(connection: Connection): boolean {
    if (this.#anyNode.isAwaiting(connection)) return true;
    if (connection !== this.#carrier) return false;
    const isOpening = this.#openingId !== 0;
    return isOpening || this.#own.isAwaiting || this.#requests.inFlightCount > 0;
  }

  /**
   * Somebody else opened a session with our openId: two that count their calls under the same numbers
   * would take each other's answers. This one is over for us; the next has an openId of its own.
   */
  superseded(): void {
    this.#own.giveUp();
  }

  refused(error: RogerdError): void {
    this.#onFirstLive?.failed(error);
  }

  answered(connection: Connection, answers: readonly Answer[]): void {
    for (const answer of answers) {
      if (answer.id === this.#openingId) this.#opened(connection, answer);
      else if (this.#own.takes(connection, answer)) continue;
      else if (!this.#anyNode.takes(connection, answer)) this.#heed(connection, answer);
    }
    if (this.#requests.isWaiting) this.#planFlush();
    this.#anyNode.planFlush();
  }

  told(connection: Connection, frame: Told): void {
    if (frame.kind === "pushes") this.#own.pushed(connection, frame);
    else this.#anyNode.told(connection, frame);
  }

  watch(wish: WatchWish): OpenWatch {
    return this.#anyNode.watch(wish);
  }

  wantNews(): void {
    this.#own.wantNews();
  }

  missedNews(): void {
    this.#own.missedNews();
  }

  #detach(): void {
    this.#carrier = undefined;
    this.#isAttached = false;
    this.#openingId = 0;
    this.#openTimer?.cancel();
    this.#own.detached();
  }

  #heed(connection: Connection, answer: Answer): void {
    const advice = this.#requests.answered(answer);
    switch (advice.kind) {
      case "nobody":
        return;
      case "go-on":
        this.#setbacks = 0;
        this.#obstacle = undefined;
        return;
      case "elsewhere":
        return this.elsewhere(connection, advice.error);
      case "later":
        return this.#waitBefore(advice.error);
      case "session-ended":
        return this.#replaceSession(connection);
    }
  }

  elsewhere(connection: Connection, error: ErrorObject): void {
    this.#obstacle = errorFromWire(error, { outcomeKnown: true });
    if (connection === this.#carrier) this.#link.moved(connection, error.leader ?? null);
  }

  /** The daemon's wish, and some more, so that not all come back at once. */
  #waitBefore(error: ErrorObject): void {
    this.#obstacle = errorFromWire(error, { outcomeKnown: true });
    if (this.#pause !== undefined) return;
    const jitterMs = backOffMs({
      ...this.#settings.link.backOff,
      failures: this.#setbacks,
      seed: this.#platform.drawSeed(),
    });
    this.#setbacks += 1;
    this.#pauseFor((error.retryAfterMs ?? 0) + jitterMs);
  }

  #pauseFor(delayMs: number): void {
    this.#pause ??= this.#platform.setTimer(delayMs, () => {
      this.#pause = undefined;
      if (this.#carrier !== undefined && !this.#isAttached) this.#openSession();
      else this.#flush();
    });
  }

  /** The same openId each time: it finds the session we have, while it lives. */
  #openSession(): void {
    const carrier = this.#carrier;
    if (carrier === undefined || this.#openingId !== 0 || this.#pause !== undefined) return;
    if (this.#isLeaving) return;
    const { name, sessionTtlMs: ttlMs, keyDelayMs } = this.#settings;
    const openId = this.#own.opens();
    const ttl = ttlMs === undefined ? {} : { ttlMs };
    const args = { openId, name, ...ttl, ...(keyDelayMs === undefined ? {} : { keyDelayMs }) };
    this.#openingId = this.takeId();
    const request = { id: this.#openingId, command: "session.open", args };
    carrier.sendEncoded(carrier.encode({ kind: "requests", requests: [request] }));
    carrier.awaitAnswers();
    this.#openTimer = this.#platform.setTimer(openTimeoutMs, () => {
      this.#link.abandon(carrier, `session.open got no answer within ${openTimeoutMs} ms`);
    });
  }

  #opened(connection: Connection, answer: Answer): void {
    this.#openingId = 0;
    this.#openTimer?.cancel();
    if (connection !== this.#carrier) return;
    if ("error" in answer) return this.#notOpened(connection, answer.error);
    if (answer.result.status !== "opened") {
      const message = `session.open was answered with "${answer.result.status}"`;
      return this.#notOpened(connection, errorObject("version_mismatch", message));
    }
    if (!this.#own.opened(answer.result)) return this.#openSession();
    this.#isAttached = true;
    this.#own.attached(connection);
    this.#setbacks = 0;
    this.#obstacle = undefined;
    this.#tellFirstLive();
    this.#planFlush();
  }

  #tellFirstLive(): void {
    this.#onFirstLive?.live();
    this.#onFirstLive = undefined;
  }

  #notOpened(connection: Connection, error: ErrorObject): void {
    if (error.code === "not_leader") return this.elsewhere(connection, error);
    const told = errorFromWire(error, { outcomeKnown: true });
    this.#events.tell({ kind: "session-refused", endpoint: connection.url, error: told });
    if (!error.retryable) {
      this.#onFirstLive?.failed(told);
      // What was sent on an earlier connection may have been executed.
      this.#requests.rejectAll((call) =>
        errorFromWire(error, { outcomeKnown: !call.mayHaveHappened }),
      );
    }
    this.#waitBefore(error);
  }

  /** It ended in the log. */
  #replaceSession(connection: Connection): void {
    this.#own.giveUp();
    if (connection === this.#carrier) this.#attach(connection);
  }

  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  sessionBegins(): void {
    this.#requests.sessionEnded();
  }

  sessionLost(error: LeaseLostError): void {
    this.#requests.leaseLost(error);
    const carrier = this.#carrier;
    const isOpening = this.#openingId !== 0;
    this.#detach();
    if (carrier === undefined) return;
    // The answer to that open is still to come: then the connection would speak for what is over.
    if (isOpening) this.#link.abandon(carrier, "the session was lost while it was opened again");
    else this.#attach(carrier);
  }

  /** Once a turn: its calls go out together. */
  #planFlush(): void {
    if (this.#isFlushPlanned || !this.#isAttached) return;
    this.#isFlushPlanned = true;
    this.#platform.afterTurn(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    const carrier = this.#carrier;
    if (carrier === undefined || !this.#isAttached || this.#pause !== undefined) return;
    while (this.#requests.isWaiting) {
      if (carrier.bufferedBytes() > bufferedBytesMax) return this.#pauseFor(bufferedCheckMs);
      const room = this.#room(carrier);
      const calls = this.#requests.take(Math.min(room, requestsPerFrameMax));
      if (calls.length === 0) return;
      sendCalls(calls, { connection: carrier, requests: this.#requests });
    }
  }

  /** Stale reads count as if all of them were there: a few calls wait that need not. */
  #room(connection: Connection): number {
    const inFlightMax = Math.min(connection.callsInFlightMax, windowSizeMax) - ownRequests;
    const inFlight = this.#requests.inFlightCount + this.#anyNode.inFlightCount;
    return Math.max(1, inFlightMax) - inFlight;
  }
}
