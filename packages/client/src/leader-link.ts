// leader-link.ts — keeps one connection to whoever leads (DESIGN §7). While nobody is known to, it
// looks at several nodes at once: those that follow stay open as lookouts and say at once when
// leadership moves, so that a fail-over takes little more than the election. It repeats no calls.
import type { Answer, LeaderHint, Welcome } from "@rogerd/protocol";
import { type BackOffBounds, backOffMs } from "./back-off.ts";
import {
  Connection,
  type ConnectionEnd,
  type ConnectionOwner,
  type ConnectionSettings,
  type Told,
} from "./connection.ts";
import { type Endpoints, endpointUrl } from "./endpoints.ts";
import type { RogerdError } from "./errors.ts";
import type { EventFeed } from "./events.ts";
import type { ClientPlatform, Timer } from "./platform.ts";

export interface LinkSettings extends ConnectionSettings {
  /** While a dial hangs, another node is tried after this. */
  readonly staggerMs: number;
  readonly backOff: BackOffBounds;
}

export interface LinkOwner {
  /** Calls go here from now on. */
  leading(connection: Connection): void;
  /** Nothing more may be sent here; what is in flight may still be answered. */
  ceased(connection: Connection): void;
  answered(connection: Connection, answers: readonly Answer[]): void;
  /** What was not asked for just then. */
  told(connection: Connection, frame: Told): void;
  /** What was in flight here will not be answered. `unread`: because the node could not read something of it. */
  lost(connection: Connection, unread?: RogerdError): void;
  /** Something that was sent here is not answered yet. */
  isAwaiting(connection: Connection): boolean;
  /** Another client speaks for our session: it is ours no more. */
  superseded(): void;
  /** A node took us, whether it leads or not. */
  opened(connection: Connection): void;
  /** Nothing that it still says is handed on; also said of one that was `lost`. */
  gone(connection: Connection): void;
  /** Every node there is refuses this client for good. */
  refused(error: RogerdError): void;
}

/** A leader lost sooner than this after it was found counts as a failed try. */
const steadyAfterMs = 1_000;

export class LeaderLink implements ConnectionOwner {
  readonly #platform: ClientPlatform;
  readonly #settings: LinkSettings;
  readonly #endpoints: Endpoints;
  readonly #owner: LinkOwner;
  readonly #events: EventFeed;
  /** All connections that are not closed, by their URL: the leader's, lookouts, dials under way. */
  readonly #connections = new Map<string, Connection>();
  /** Dialed in this round. */
  readonly #tried = new Set<string>();
  readonly #refusals = new Map<string, RogerdError>();
  #leader: Connection | undefined;
  #leadingSinceMs = 0;
  /** Was the leader's; calls are still in flight on it. */
  #former: Connection | undefined;
  /** Rounds without a leader that stayed. */
  #failures = 0;
  /** All nodes were dialed: what the timer is for. */
  #waitingFor: "round" | "refresh" | undefined;
  #timer: Timer | undefined;
  #clusterId: string | undefined;
  #isClosed = false;
  #lastFailure: RogerdError | undefined;
  /** A node will never take us, and none has taken us since. */
  #refusal: RogerdError | undefined;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly settings: LinkSettings;
    readonly endpoints: Endpoints;
    readonly clusterId: string | undefined;
    readonly owner: LinkOwner;
    readonly events: EventFeed;
  }) {
    this.#platform = parts.platform;
    this.#settings = parts.settings;
    this.#endpoints = parts.endpoints;
    this.#clusterId = parts.clusterId;
    this.#owner = parts.owner;
    this.#events = parts.events;
  }

  /** Why no node can be asked: for the error of a call whose time is up. */
  get lastFailure(): RogerdError | undefined {
    return this.refusal ?? this.#lastFailure;
  }

  /**
   * What a node refuses us for, where no other takes us: that is to be mended, however many more can't be reached.
   * It ends nothing by itself: while credentials change node by node, one that is coming back may take us.
   */
  get refusal(): RogerdError | undefined {
    return this.nodes().length === 0 ? this.#refusal : undefined;
  }

  /** Nodes that take requests now, whether they lead or not; the leader first. */
  nodes(): readonly Connection[] {
    const open = [...this.#connections.values()].filter((node) => node.takesRequests);
    const leader = open.filter((node) => node === this.#leader);
    return [...leader, ...open.filter((node) => node !== this.#leader)];
  }

  start(): void {
    this.#search();
  }

  /** The leader's connection answered that it does not lead. */
  moved(connection: Connection, leader: LeaderHint | null): void {
    connection.learnLeader(leader);
    this.leaderMoved(connection);
  }

  /** It says that it leads, and does not act like it: others first. */
  abandon(connection: Connection, reason: string): void {
    if (!this.#isOurs(connection)) return;
    connection.close(reason);
    this.#forget(connection);
    this.#endpoints.failed(connection.url);
    this.#events.tell({ kind: "disconnected", endpoint: connection.url, reason });
    this.#lose(connection);
    this.#search();
  }

  close(reason: string): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    for (const connection of connections) connection.close(reason);
  }

  clusterId(): string | undefined {
    return this.#clusterId;
  }

  welcomed(connection: Connection, welcome: Welcome): void {
    if (!this.#isOurs(connection)) return;
    this.#clusterId ??= welcome.clusterId;
    this.#refusal = undefined;
    this.#endpoints.members(connection.members);
    this.#consider(connection);
    this.#owner.opened(connection);
  }

  leaderMoved(connection: Connection): void {
    if (!this.#isOurs(connection)) return;
    this.#endpoints.members(connection.members);
    if (connection === this.#leader && !connection.believesItLeads) this.#cease(connection);
    this.#consider(connection);
  }

  leaving(connection: Connection): void {
    if (!this.#isOurs(connection)) return;
    this.#endpoints.failed(connection.url);
    this.leaderMoved(connection);
  }

  isAwaiting(connection: Connection): boolean {
    return this.#isOurs(connection) && this.#owner.isAwaiting(connection);
  }

  answered(connection: Connection, answers: readonly Answer[]): void {
    if (this.#isOurs(connection)) this.#owner.answered(connection, answers);
  }

  told(connection: Connection, frame: Told): void {
    if (this.#isOurs(connection)) this.#owner.told(connection, frame);
  }

  closed(connection: Connection, end: ConnectionEnd): void {
    if (!this.#isOurs(connection)) return;
    this.#forget(connection);
    this.#endpoints.failed(connection.url);
    this.#lastFailure = end.error;
    if (end.verdict === "final") {
      this.#refusal = end.error;
      this.#refusals.set(connection.url, end.error);
    }
    this.#tellClosed(connection, end);
    if (connection === this.#leader || connection === this.#former) {
      if (end.verdict === "superseded") this.#owner.superseded();
      this.#lose(connection, end.verdict === "unread" ? end.error : undefined);
    }
    if (this.#areAllRefusing()) return this.#owner.refused(end.error);
    this.#search();
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection.url);
    this.#owner.gone(connection);
  }

  #isOurs(connection: Connection): boolean {
    return this.#connections.get(connection.url) === connection;
  }

  #tellClosed(connection: Connection, { error, verdict }: ConnectionEnd): void {
    const endpoint = connection.url;
    const reason = error.message;
    if (connection === this.#leader) this.#events.tell({ kind: "disconnected", endpoint, reason });
    if (verdict === "final") this.#events.tell({ kind: "refused", endpoint, error });
    else if (!connection.wasWelcome) this.#events.tell({ kind: "unreachable", endpoint, reason });
  }

  /** What this node last said about who leads. */
  #consider(connection: Connection): void {
    if (this.#isClosed || this.#leader !== undefined) return;
    if (connection.believesItLeads) return this.#lead(connection);
    if (connection.leader !== null) this.#endpoints.hint(connection.leader);
    const url = connection.leader === null ? undefined : endpointUrl(connection.leader.clientUrl);
    if (url !== undefined) this.#freeStuck(url);
    if (url !== undefined && this.#isFree(url)) this.#dial(url);
    else if (this.#timer === undefined) this.#search();
  }

  /** A dial from before the node came back may hang for as long as a handshake takes: others know better. */
  #freeStuck(url: string): void {
    const dial = this.#connections.get(url);
    if (dial?.isStuck(this.#settings.staggerMs) !== true) return;
    this.#forget(dial);
    dial.close("dialing anew: it is said to lead");
    this.#tried.delete(url);
  }

  #lead(connection: Connection): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waitingFor = undefined;
    this.#leader = connection;
    this.#leadingSinceMs = this.#platform.monotonicNow();
    this.#tried.clear();
    this.#refusals.clear();
    const former = this.#former;
    this.#former = undefined;
    for (const other of this.#connections.values()) {
      if (other === connection) continue;
      this.#forget(other);
      other.close("another node leads");
    }
    if (former !== undefined && former !== connection) this.#owner.lost(former);
    this.#events.tell({ kind: "connected", endpoint: connection.url, node: connection.node });
    this.#owner.leading(connection);
  }

  /** It leads no more; its socket stays, for answers that may still come. */
  #cease(connection: Connection): void {
    this.#leader = undefined;
    this.#former = connection;
    this.#countFailure(connection);
    const reason = `${connection.node} does not lead any more`;
    this.#events.tell({ kind: "disconnected", endpoint: connection.url, reason });
    this.#owner.ceased(connection);
  }

  #lose(connection: Connection, unread?: RogerdError): void {
    if (connection === this.#leader) this.#countFailure(connection);
    this.#leader = undefined;
    this.#former = undefined;
    this.#owner.lost(connection, unread);
  }

  /** Found and lost at once: this one has had its try of the round. Else nobody waits. */
  #countFailure(connection: Connection): void {
    const isSteady = this.#platform.monotonicNow() - this.#leadingSinceMs >= steadyAfterMs;
    if (isSteady) this.#failures = 0;
    else this.#tried.add(connection.url);
  }

  #search(): void {
    if (this.#isClosed || this.#leader !== undefined) return;
    const url = this.#endpoints.next((candidate) => this.#isFree(candidate));
    if (url === undefined) this.#waitForNextRound();
    else this.#dial(url);
  }

  #isFree(url: string): boolean {
    return !this.#tried.has(url) && !this.#connections.has(url);
  }

  #dial(url: string): void {
    this.#tried.add(url);
    const connection = new Connection({
      url,
      platform: this.#platform,
      settings: this.#settings,
      owner: this,
    });
    this.#connections.set(url, connection);
    this.#arm(this.#settings.staggerMs, () => this.#search());
  }

  /** All were dialed. Who failed or is in doubt is dialed again after a back-off; lookouts are trusted for long. */
  #waitForNextRound(): void {
    const isTrusted = (url: string): boolean => this.#connections.get(url)?.isInDoubt === false;
    const hasFailed = this.#endpoints.next((url) => !isTrusted(url)) !== undefined;
    if (hasFailed) return this.#waitFor("round", this.#backOffMs());
    const hasLookout = [...this.#connections.values()].some(({ isOpen }) => isOpen);
    if (hasLookout) this.#waitFor("refresh", this.#settings.backOff.longestMs);
  }

  #backOffMs(): number {
    const { backOff } = this.#settings;
    return backOffMs({ ...backOff, failures: this.#failures, seed: this.#platform.drawSeed() });
  }

  #waitFor(what: "round" | "refresh", delayMs: number): void {
    if (this.#waitingFor === what) return;
    this.#arm(delayMs, () => {
      // All are connected and none leads: a lookout that has missed the news helps nobody.
      this.#dropLookouts((lookout) => what === "refresh" || lookout.isInDoubt);
      this.#startRound();
    });
    this.#waitingFor = what;
  }

  #arm(delayMs: number, callback: () => void): void {
    this.#timer?.cancel();
    this.#waitingFor = undefined;
    this.#timer = this.#platform.setTimer(delayMs, () => {
      this.#timer = undefined;
      this.#waitingFor = undefined;
      callback();
    });
  }

  #startRound(): void {
    this.#failures += 1;
    this.#tried.clear();
    this.#refusals.clear();
    this.#search();
  }

  /** To be dialed anew. */
  #dropLookouts(isDropped: (lookout: Connection) => boolean): void {
    for (const connection of this.#connections.values()) {
      if (!connection.isOpen || !isDropped(connection)) continue;
      this.#forget(connection);
      connection.close("asking anew who leads");
      if (connection === this.#former) this.#lose(connection);
    }
  }

  /** In one round. Only the addresses the user gave count, not a hint to a stranger. */
  #areAllRefusing(): boolean {
    return this.#endpoints.given().every((url) => this.#refusals.has(url));
  }
}
