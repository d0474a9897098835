// peer-arrival.ts — a connection that a peer made to us: its hello, our answer, then its frames.
// What does not read closes it, and harms nobody else. It decides nothing: a reception judges.
import type { FeatureLevel } from "@rogerd/global-state";
import type { NodeId, Timer } from "@rogerd/raft";
import { MalformedError } from "../flat-codec.ts";
import type { Closing, Socket, SocketListener } from "../network.ts";
import type { Platform } from "../platform.ts";
import { HalfOpenGuard } from "./half-open-guard.ts";
import type { Verdict } from "./handshake.ts";
import { outOfPlace, readOpening } from "./opening.ts";
import { decodePeerFrame, encodePeerFrame, type PeerFrame } from "./peer-codec.ts";
import type { PeerHello, PeerRefusal } from "./peer-hello.ts";
import type { PeerLimits } from "./peer-limits.ts";

/** Who judges arrivals and hears them: forming first, the transport once there is a cluster. */
export interface PeerReception {
  ownHello(): PeerHello;
  judge(hello: PeerHello): Verdict;
  /** It was welcome. Its frames and its end go to what this returns. */
  arrived(arrival: WelcomePeer): ArrivalListener;
  refused(refused: { readonly peer: string; readonly refusal: PeerRefusal }): void;
}

export interface WelcomePeer {
  readonly hello: PeerHello;
  /** Up to which both know the rules. */
  readonly level: FeatureLevel;
  /** Ends the connection; `closed` is told. */
  terminate(): void;
  /** The same, and it is told why. */
  refuse(refusal: PeerRefusal): void;
}

export interface ArrivalListener {
  frame(frame: PeerFrame): void;
  closed(): void;
}

type Stage =
  | { readonly kind: "opening"; readonly timer: Timer }
  | {
      readonly kind: "open";
      readonly hello: PeerHello;
      readonly self: NodeId;
      readonly listener: ArrivalListener;
      readonly guard: HalfOpenGuard;
    }
  | { readonly kind: "closed" };

export interface PeerArrivalParts {
  readonly platform: Pick<Platform, "setTimer">;
  readonly limits: PeerLimits;
  readonly socket: Socket;
  readonly level: FeatureLevel;
  /** Undefined: nobody is ready to hear peers. */
  readonly reception: () => PeerReception | undefined;
  /** The socket is closed. */
  readonly ended: () => void;
}

export class PeerArrival implements SocketListener {
  readonly #parts: PeerArrivalParts;
  #stage: Stage;

  constructor(parts: PeerArrivalParts) {
    this.#parts = parts;
    const { platform, limits, socket } = parts;
    const timer = platform.setTimer(limits.handshakeTimeoutMs, () => socket.terminate());
    this.#stage = { kind: "opening", timer };
  }

  /** Ends it now; its listener is told at once. */
  end(): void {
    this.#parts.socket.close({ code: 1001, reason: "going away" });
    this.#leave();
  }

  frame(bytes: Uint8Array | string): void {
    const stage = this.#stage;
    if (stage.kind === "opening") return this.#open(bytes);
    if (stage.kind === "closed") return;
    stage.guard.heard();
    const frame = readFrame(bytes, { from: stage.hello.nodeId, to: stage.self });
    if (frame === undefined) return this.#refuse(outOfPlace, stage.hello.name);
    stage.listener.frame(frame);
  }

  pong(): void {
    if (this.#stage.kind === "open") this.#stage.guard.heard();
  }

  closed(_closing: Closing): void {
    this.#leave();
    this.#parts.ended();
  }

  #open(bytes: Uint8Array | string): void {
    const reception = this.#parts.reception();
    if (reception === undefined) return this.#turnAway(notReady);
    const opening = readOpening(bytes);
    if (opening.kind === "unread") return this.#refuse(opening.refusal, this.#parts.socket.remote);
    if (opening.kind === "refusal") return this.#parts.socket.terminate();
    const { hello } = opening;
    const verdict = reception.judge(hello);
    if (verdict.kind === "refuse") return this.#refuse(verdict.refusal, hello.name);
    this.#send({ kind: "hello", hello: reception.ownHello() });
    if (verdict.kind === "introduce") return this.#turnAway(verdict.refusal);
    this.#welcome(reception, hello);
  }

  #welcome(reception: PeerReception, hello: PeerHello): void {
    if (this.#stage.kind === "opening") this.#stage.timer.cancel();
    const { platform, level, limits, socket } = this.#parts;
    const guard = new HalfOpenGuard({ platform, socket, intervalMs: limits.pingIntervalMs });
    const listener = reception.arrived({
      hello,
      level,
      terminate: () => this.#terminate(),
      refuse: (refusal) => this.#refuse(refusal, hello.name),
    });
    const self = reception.ownHello().nodeId;
    if (this.#isClosed()) {
      guard.stop();
      return listener.closed();
    }
    this.#stage = { kind: "open", hello, self, listener, guard };
  }

  #isClosed(): boolean {
    return this.#stage.kind === "closed";
  }

  #refuse(refusal: PeerRefusal, peer: string): void {
    this.#parts.reception()?.refused({ peer, refusal });
    this.#turnAway(refusal);
  }

  #turnAway(refusal: PeerRefusal): void {
    this.#send({ kind: "refusal", refusal });
    this.#parts.socket.close({ code: 4403, reason: refusal.code });
    this.#leave();
  }

  #terminate(): void {
    this.#parts.socket.terminate();
    this.#leave();
  }

  #send(frame: PeerFrame): void {
    this.#parts.socket.send(encodePeerFrame(frame));
  }

  #leave(): void {
    const stage = this.#stage;
    this.#stage = { kind: "closed" };
    if (stage.kind === "opening") stage.timer.cancel();
    if (stage.kind !== "open") return;
    stage.guard.stop();
    stage.listener.closed();
  }
}

const notReady: PeerRefusal = { code: "not-ready", sentence: "it is starting or stopping" };

/** Undefined: not a frame that may come here. */
function readFrame(
  bytes: Uint8Array | string,
  route: { readonly from: NodeId; readonly to: NodeId },
): PeerFrame | undefined {
  if (typeof bytes === "string") return undefined;
  try {
    const frame = decodePeerFrame(bytes, route);
    return frame.kind === "hello" || frame.kind === "refusal" ? undefined : frame;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
