// connection.ts — one WebSocket to one node: dialing → greeting → open → closing → closed, never
// back.
// It says hello, judges the welcome, finds half-open sockets by ping, and hands on frames that were
// checked. It decides nothing about whom to ask and what to repeat.
import {
  type Answer,
  type ClientFrame,
  closeCodes,
  type DaemonFrame,
  decodeDaemonFrame,
  type ErrorObject,
  type Events,
  encodeFrame,
  errorObject,
  type FrameError,
  type Hello,
  handshakeTimeoutMs,
  type LeaderHint,
  type NodeHint,
  type Pushes,
  protocolVersion,
  type Subprotocol,
  type WatchEnded,
  type Welcome,
  welcomeProblem,
} from "@rogerd/protocol";
import { errorFromWire, type RogerdError, UnavailableError } from "./errors.ts";
import type { ClientPlatform, Socket, Timer } from "./platform.ts";

export interface ConnectionSettings {
  readonly subprotocol: Subprotocol;
  readonly credential: string | undefined;
  readonly clientName: string;
  readonly pingIntervalMs: number;
  readonly frameBytesMax: number;
}

export interface ConnectionEnd {
  readonly error: RogerdError;
  /** `final`: this node will never take this client; dialing again is of no use. `superseded`:
   *  somebody else speaks for our session there. `unread`: it could not read what it was sent. */
  readonly verdict: "final" | "passing" | "superseded" | "unread";
}

export type Told = Pushes | Events | WatchEnded;

/** Who is told. `closed` comes exactly once and last; nothing comes inside the constructor. */
export interface ConnectionOwner {
  /** The cluster to insist on; undefined before the first welcome. */
  clusterId(): string | undefined;
  welcomed(connection: Connection, welcome: Welcome): void;
  answered(connection: Connection, answers: readonly Answer[]): void;
  /** What was not asked for just then. */
  told(connection: Connection, frame: Told): void;
  leaderMoved(connection: Connection): void;
  leaving(connection: Connection): void;
  /** Something that was sent here is not answered yet. */
  isAwaiting(connection: Connection): boolean;
  closed(connection: Connection, end: ConnectionEnd): void;
}

/** Silence for so many ping intervals means that nobody is there. */
const silentIntervalsMax = 2;
/**
 * The interval while answers are awaited: a leader that is frozen or cut off closes no socket, and
 * after three of these, some election timeouts, another one leads. The calls go there, numbers kept.
 */
const awaitingIntervalMs = 800;
/** How long the other end may take to agree to a close. */
const closeTimeoutMs = 1_000;

const finalCloseCodes: readonly number[] = [
  closeCodes.unauthenticated,
  closeCodes.versionMismatch,
  closeCodes.otherCluster,
];

export class Connection {
  readonly url: string;
  readonly #platform: ClientPlatform;
  readonly #settings: ConnectionSettings;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  #state: "dialing" | "greeting" | "open" | "closing" | "closed" = "dialing";
  #timer: Timer | undefined;
  #silentIntervals = 0;
  #isAwaiting = false;
  #pings = 0;
  readonly #beganMs: number;
  /** What the other end said, or we found, before the close. */
  #reason:
    | { readonly error: ErrorObject; readonly verdict: "final" | "passing" | "unread" }
    | undefined;
  #welcome: Welcome | undefined;
  #leader: LeaderHint | null = null;
  #isInDoubt = false;
  #members: readonly NodeHint[] = [];
  #isLeaving = false;

  constructor(parts: {
    readonly url: string;
    readonly platform: ClientPlatform;
    readonly settings: ConnectionSettings;
    readonly owner: ConnectionOwner;
  }) {
    const { url, platform, settings, owner } = parts;
    this.url = url;
    this.#platform = platform;
    this.#settings = settings;
    this.#owner = owner;
    this.#beganMs = platform.monotonicNow();
    const { subprotocol, frameBytesMax } = settings;
    const target = { url, subprotocol, frameBytesMax, timeoutMs: handshakeTimeoutMs };
    this.#socket = platform.dial(target, {
      opened: () => this.#greet(),
      received: (data) => this.#received(data),
      closed: (end) => this.#closed(end),
    });
    this.#timer = platform.setTimer(handshakeTimeoutMs, () => {
      this.#giveUp(errorObject("unavailable", `no welcome within ${handshakeTimeoutMs} ms`));
    });
  }

  /** Who leads, as this node last said; not itself once it is leaving. */
  get leader(): LeaderHint | null {
    return this.#isLeaving && this.#namesItself ? null : this.#leader;
  }

  /** Of the cluster, as this node last said; none where it is too old to say. */
  get members(): readonly NodeHint[] {
    return this.#members;
  }

  get believesItLeads(): boolean {
    return this.#namesItself && this.#state === "open" && !this.#isLeaving;
  }

  get #namesItself(): boolean {
    return this.#leader !== null && this.#leader.name === this.#welcome?.node;
  }

  /**
   * What it last said of the leader was an answer, and no announcement: should that hold for a while only, as a
   * hand-over that fails does, it has nothing to announce when it is over. Only a new welcome tells.
   */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Open, and it has not said goodbye. */
  get takesRequests(): boolean {
    return this.isOpen && !this.#isLeaving;
  }

  /** No welcome for so long. */
  isStuck(afterMs: number): boolean {
    const isWaiting = this.#state === "dialing" || this.#state === "greeting";
    return isWaiting && this.#platform.monotonicNow() - this.#beganMs >= afterMs;
  }

  get wasWelcome(): boolean {
    return this.#welcome !== undefined;
  }

  get node(): string {
    return this.#welcome?.node ?? "";
  }

  /** Calls that the node lets be in flight here. */
  get callsInFlightMax(): number {
    return this.#welcome?.limits.callsInFlightMax ?? 0;
  }

  get frameBytesMax(): number {
    const own = this.#settings.frameBytesMax;
    return Math.min(own, this.#welcome?.limits.frameBytesMax ?? own);
  }

  bufferedBytes(): number {
    return this.#socket.bufferedBytes();
  }

  /** An answer told more than the last `leader` frame. A node that sends us to itself knows nobody. */
  learnLeader(leader: LeaderHint | null): void {
    this.#leader = leader?.name === this.#welcome?.node ? null : leader;
    this.#isInDoubt = true;
  }

  encode(frame: ClientFrame): Uint8Array | string {
    return encodeFrame(this.#settings.subprotocol, frame);
  }

  sendEncoded(data: Uint8Array | string): void {
    if (this.#state === "open") this.#socket.send(data);
  }

  /** Answers are expected from now on: silence is noticed sooner until they are there. */
  awaitAnswers(): void {
    if (this.#isAwaiting || this.#state !== "open") return;
    this.#isAwaiting = true;
    this.#silentIntervals = 0;
    this.#armPing();
  }

  /** What was sent goes out first; what still comes is not handed on. */
  close(reason: string): void {
    if (this.#state === "dialing") return this.#giveUp(errorObject("unavailable", reason));
    this.#startClosing({ code: 1000, reason });
    this.#reason ??= { error: errorObject("unavailable", reason), verdict: "passing" };
  }

  #startClosing(end: { readonly code: number; readonly reason: string }): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#timer?.cancel();
    this.#timer = this.#platform.setTimer(closeTimeoutMs, () => this.#socket.terminate());
    this.#socket.close(end);
  }

  #greet(): void {
    if (this.#state !== "dialing") return;
    this.#state = "greeting";
    const hello: Hello = {
      kind: "hello",
      protocol: protocolVersion,
      client: this.#settings.clientName,
      ...definedOnly("clusterId", this.#owner.clusterId()),
      ...definedOnly("credential", this.#settings.credential),
    };
    this.#socket.send(this.encode(hello));
  }

  #received(data: Uint8Array | string): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#silentIntervals = 0;
    const decoded = decodeDaemonFrame(this.#settings.subprotocol, data);
    if (decoded.kind === "problem") return this.#fail(decoded.problem, "passing");
    this.#take(decoded.frame);
  }

  #take(frame: DaemonFrame): void {
    if (frame.kind === "welcome") return this.#welcomed(frame);
    if (frame.kind === "error") return this.#refused(frame);
    if (this.#state !== "open") return;
    switch (frame.kind) {
      case "answers":
        return this.#owner.answered(this, frame.answers);
      case "leader":
        this.#leader = frame.leader;
        this.#isInDoubt = false;
        this.#members = frame.members ?? this.#members;
        return this.#owner.leaderMoved(this);
      case "goodbye":
        this.#isLeaving = true;
        return this.#owner.leaving(this);
      case "pushes":
      case "events":
      case "watchEnded":
        return this.#owner.told(this, frame);
      case "pong":
        return undefined;
    }
  }

  #welcomed(welcome: Welcome): void {
    if (this.#state !== "greeting") return;
    const problem = welcomeProblem(welcome, { clusterId: this.#owner.clusterId() });
    if (problem !== undefined) return this.#fail(problem, "final");
    this.#state = "open";
    this.#welcome = welcome;
    this.#leader = welcome.leader;
    this.#members = welcome.members ?? [];
    this.#armPing();
    this.#owner.welcomed(this, welcome);
  }

  /** Its close code follows; the words are here. */
  #refused(frame: FrameError): void {
    const { error } = frame;
    const isFinal = ["unauthenticated", "forbidden", "version_mismatch"].includes(error.code);
    const isUnread = error.code === "invalid_argument";
    this.#reason = { error, verdict: isFinal ? "final" : isUnread ? "unread" : "passing" };
  }

  #fail(
    problem: { readonly error: ErrorObject; readonly closeCode: number },
    verdict: "final" | "passing",
  ): void {
    this.#reason ??= { error: problem.error, verdict };
    this.#startClosing({ code: problem.closeCode, reason: problem.error.code });
  }

  #armPing(): void {
    const { pingIntervalMs } = this.#settings;
    const delayMs = this.#isAwaiting
      ? Math.min(pingIntervalMs, awaitingIntervalMs)
      : pingIntervalMs;
    this.#timer?.cancel();
    this.#timer = this.#platform.setTimer(delayMs, () => this.#ping());
  }

  #ping(): void {
    this.#isAwaiting &&= this.#owner.isAwaiting(this);
    if (this.#silentIntervals >= silentIntervalsMax) {
      const message = `nothing was heard for ${silentIntervalsMax} ping intervals`;
      return this.#giveUp(errorObject("unavailable", message));
    }
    this.#silentIntervals += 1;
    this.#pings += 1;
    this.sendEncoded(this.encode({ kind: "ping", id: this.#pings }));
    this.#armPing();
  }

  #giveUp(error: ErrorObject): void {
    this.#reason ??= { error, verdict: "passing" };
    this.#socket.terminate();
  }

  #closed(end: { readonly code: number; readonly reason: string }): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.cancel();
    this.#owner.closed(this, this.#judgeEnd(end));
  }

  #judgeEnd(end: { readonly code: number; readonly reason: string }): ConnectionEnd {
    if (this.#reason !== undefined) {
      const { error, verdict } = this.#reason;
      return { error: errorFromWire(error, { outcomeKnown: true }), verdict };
    }
    const message = `connection to ${this.url} closed: ${end.code} ${end.reason}`.trimEnd();
    return { error: new UnavailableError({ message }), verdict: verdictOf(end.code) };
  }
}

function verdictOf(closeCode: number): ConnectionEnd["verdict"] {
  if (closeCode === closeCodes.superseded) return "superseded";
  return finalCloseCodes.includes(closeCode) ? "final" : "passing";
}

/** A field only where there is a value: absent is not undefined on the wire. */
function definedOnly<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Field in Name]?: string } {
  const fields: { [Field in Name]?: string } = {};
  if (value !== undefined) fields[name] = value;
  return fields;
}
