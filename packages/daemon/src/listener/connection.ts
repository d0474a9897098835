// connection.ts — one client's WebSocket: opening | open | draining | closed. Bytes become frames within
// limits here, and answers become bytes. What is wrong with a frame ends this connection with a reason
// and harms no other; the end of a connection never ends a proposal.

import type { SessionId } from "@rogerd/global-state";
import {
  type Answer,
  type ClientFrame,
  closeCodes,
  decodeClientFrame,
  type Events,
  errorObject,
  type FrameProblem,
  type Hello,
  type Push,
  type Requests,
  type Subprotocol,
  type WatchEnded,
} from "@rogerd/protocol";
import type { Timer } from "@rogerd/raft";
import { assert } from "@rogerd/raft";
import type { Closing, Socket, SocketListener } from "../network.ts";
import type { Log, LogFields } from "../observe/log.ts";
import type { Caller } from "../request/caller.ts";
import type { RequestRouter } from "../request/route-request.ts";
import type { OuterPlatform } from "../request/surroundings.ts";
import type { Keepers } from "../session/keepers.ts";
import type { Leases } from "../session/leases.ts";
import type { Sessions, Speaker } from "../session/sessions.ts";
import type { Watcher, Watches } from "../watch/watches.ts";
import type { Bounds } from "./bounds.ts";
import type { FlushTurn } from "./flush-turn.ts";
import { greet, type Reception } from "./hello.ts";
import { Outbox } from "./outbox.ts";

/** What all connections of a port share. */
export interface ConnectionCircle {
  readonly platform: Pick<OuterPlatform, "monotonicNow" | "setTimer">;
  readonly bounds: Bounds;
  readonly log: Log;
  readonly router: Pick<RequestRouter, "receive">;
  readonly sessions: Sessions;
  readonly leases: Pick<Leases, "closed">;
  readonly keepers: Pick<Keepers, "isKeeper" | "gone">;
  readonly watches: Pick<Watches, "gone">;
  readonly reception: Reception;
  readonly turn: FlushTurn;
  /** Called exactly once for each connection, last. */
  readonly ended: (connection: Connection) => void;
}

export interface ConnectionParts {
  readonly circle: ConnectionCircle;
  readonly socket: Socket;
  readonly subprotocol: Subprotocol;
  readonly serial: number;
}

export type ConnectionState = "opening" | "open" | "draining" | "closed";

/** `opening`: before its hello. `draining`: what is in flight is answered, nothing new is taken. */
const statesAfter = {
  opening: ["open", "closed"],
  open: ["draining", "closed"],
  draining: ["closed"],
  closed: [],
} as const satisfies Record<ConnectionState, readonly ConnectionState[]>;

/** So many pings in a row without a sound: half-open. */
const pingsUnansweredMax = 2;

export class Connection implements Caller, Speaker, Watcher, SocketListener {
  readonly serial: number;
  readonly subprotocol: Subprotocol;
  callsInFlight = 0;
  readonly #circle: ConnectionCircle;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  #state: ConnectionState = "opening";
  #heardAtMs: number;
  #isSilent = false;
  #pingsUnanswered = 0;
  /** With what it closes once it is drained. */
  #lastWords: Closing = { code: closeCodes.goingAway, reason: "" };
  /** For the hello first, later for the other end's part in closing. */
  #deadline: Timer;

  constructor(parts: ConnectionParts) {
    const { circle, socket, subprotocol } = parts;
    const { platform, bounds } = circle;
    this.serial = parts.serial;
    this.subprotocol = subprotocol;
    this.#circle = circle;
    this.#socket = socket;
    this.#heardAtMs = platform.monotonicNow();
    this.#deadline = platform.setTimer(bounds.handshakeTimeoutMs, () => this.#greetedTooLate());
    this.#outbox = new Outbox({
      socket,
      subprotocol,
      bounds,
      turn: circle.turn,
      overflowed: () => this.#overflowed(),
      flushed: () => this.#closeIfDrained(),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  get session(): SessionId | undefined {
    return this.#circle.sessions.sessionOf(this);
  }

  get isListening(): boolean {
    return this.#state === "open" || this.#state === "draining";
  }

  // From the socket.

  frame(data: Uint8Array | string): void {
    if (this.#state === "closed") return;
    this.#heard();
    const decoded = decodeClientFrame(this.subprotocol, data);
    if (decoded.kind === "problem") return this.refuse(decoded.problem);
    this.#take(decoded.frame, data.length);
    if (!this.isListening) return;
    for (const { id, error } of decoded.rejected) this.#outbox.answer({ id, error });
  }

  pong(): void {
    this.#heard();
  }

  closed(closing: Closing): void {
    const { circle, session } = { circle: this.#circle, session: this.session };
    if (session !== undefined) circle.leases.closed({ session, heardAtMs: this.#heardAtMs });
    circle.sessions.unbind(this);
    circle.watches.gone(this);
    circle.keepers.gone(this);
    if (this.#state !== "closed") this.#move("closed");
    this.#outbox.close();
    this.#deadline.cancel();
    circle.log.debug(this.#fields({ ...closing }), "client disconnected");
    circle.ended(this);
  }

  // From requests and sessions.

  answer(answer: Answer): void {
    this.#outbox.answer(answer);
  }

  speakFor(session: SessionId): void {
    // Its open was under way when it showed a secret: it has given up speaking for one.
    const speaks = this.isListening && !this.#circle.keepers.isKeeper(this);
    if (speaks) this.#circle.sessions.bind(session, this);
  }

  hearPushes(): void {
    if (this.isListening) this.#circle.sessions.listen(this);
  }

  told(push: Push): void {
    const { session } = this;
    if (session !== undefined) this.#outbox.push(push, session);
  }

  get watcher(): Watcher {
    return this;
  }

  get hasRoom(): boolean {
    return this.#socket.bufferedAmount < this.#circle.bounds.watchRoomBytes;
  }

  tellWatch(frame: Events | WatchEnded): void {
    if (this.isListening) this.#outbox.send(frame);
  }

  missed(): void {
    const reason = "the state here was replaced: sync on a new connection";
    this.#drain({ code: closeCodes.goingAway, reason });
  }

  superseded(): void {
    const reason = "a newer connection speaks for this session";
    this.#drain({ code: closeCodes.superseded, reason });
  }

  // From the listener.

  /** A frame that many are told alike, encoded once. */
  tell(encoded: Uint8Array | string): void {
    if (this.#state === "open") this.#outbox.sendEncoded(encoded);
  }

  /** Says goodbye, answers what is in flight, closes. */
  drain(reason: string): void {
    this.#drain({ code: closeCodes.goingAway, reason });
  }

  /** Once every ping interval. Who says nothing by itself is pinged; who stays mute is half-open. */
  probe(): void {
    const wasSilent = this.#isSilent;
    this.#isSilent = true;
    if (!wasSilent || this.#state === "closed") return;
    if (this.#pingsUnanswered >= pingsUnansweredMax) return this.#socket.terminate();
    this.#pingsUnanswered += 1;
    this.#socket.ping();
  }

  /** Says what is wrong, and closes. */
  refuse({ error, closeCode }: FrameProblem): void {
    if (this.#state === "closed") return;
    this.#circle.log.info(this.#fields({ problem: error.message }), "client frame refused");
    this.#outbox.send({ kind: "error", error });
    this.close({ code: closeCode, reason: error.message });
  }

  /** What is in flight is not answered here any more; it stands all the same. */
  close(closing: Closing): void {
    if (this.#state === "closed") return;
    this.#move("closed");
    this.#outbox.flush();
    this.#outbox.close();
    const { platform, bounds } = this.#circle;
    this.#deadline.cancel();
    this.#deadline = platform.setTimer(bounds.closeGraceMs, () => this.#socket.terminate());
    this.#socket.close(closing);
  }

  #drain(closing: Closing): void {
    if (this.#state === "opening") return this.close(closing);
    if (this.#state !== "open") return;
    this.#move("draining");
    this.#lastWords = closing;
    this.#outbox.send({ kind: "goodbye", reason: closing.reason });
    this.#closeIfDrained();
  }

  #take(frame: ClientFrame, bytes: number): void {
    switch (frame.kind) {
      case "hello":
        return this.#greet(frame);
      case "ping":
        if (!this.isListening) return this.refuse(outOfOrder("hello comes first"));
        return this.#outbox.send({ kind: "pong", id: frame.id });
      case "requests":
        return this.#ask(frame, bytes);
    }
  }

  #greet(hello: Hello): void {
    if (this.#state !== "opening") return this.refuse(outOfOrder("hello comes once"));
    this.#deadline.cancel();
    const greeting = greet(hello, this.#circle.reception);
    if (greeting.kind === "refused") return this.refuse(greeting.problem);
    this.#move("open");
    this.#outbox.send(greeting.welcome);
    this.#circle.log.debug(this.#fields({ client: hello.client }), "client connected");
  }

  #ask(frame: Requests, bytes: number): void {
    const { requests, floor } = frame;
    if (this.#state === "opening") return this.refuse(outOfOrder("hello comes first"));
    if (this.#state === "draining") return this.#sendElsewhere(frame);
    const bytesEach = Math.ceil(bytes / Math.max(1, requests.length));
    this.#circle.router.receive({ caller: this, requests, floor, bytesEach });
  }

  #sendElsewhere({ requests }: Requests): void {
    const { retryAfterMs } = this.#circle.bounds;
    const message = "this connection is going away: ask on a new one";
    const error = errorObject("unavailable", message, { retryAfterMs });
    for (const { id } of requests) this.#outbox.answer({ id, error });
  }

  #heard(): void {
    this.#heardAtMs = this.#circle.platform.monotonicNow();
    this.#isSilent = false;
    this.#pingsUnanswered = 0;
  }

  #closeIfDrained(): void {
    if (this.#state !== "draining" || this.callsInFlight > 0 || !this.#outbox.isEmpty) return;
    this.close(this.#lastWords);
  }

  #greetedTooLate(): void {
    const message = `no hello within ${this.#circle.bounds.handshakeTimeoutMs} ms`;
    const error = errorObject("deadline_exceeded", message);
    this.refuse({ error, closeCode: closeCodes.handshakeTimeout });
  }

  #overflowed(): void {
    this.#circle.log.info(this.#fields({}), "slow client cut off");
    this.close({ code: closeCodes.slowReader, reason: "answers are not read" });
  }

  #move(next: ConnectionState): void {
    const legal: readonly ConnectionState[] = statesAfter[this.#state];
    assert(legal.includes(next), `a connection does not go from ${this.#state} to ${next}`);
    this.#state = next;
  }

  #fields(more: LogFields): LogFields {
    return { remote: this.#socket.remote, connection: this.serial, ...more };
  }
}

function outOfOrder(message: string): FrameProblem {
  const error = errorObject("invalid_argument", message, { path: "kind" });
  return { error, closeCode: closeCodes.malformedFrame };
}
