// peer-port.ts — the port where peers connect, and nodes that want to become some. Open from the start to
// the end of the process; who receives peers changes once: forming, then the transport. It bounds how
// many may be here at all.
import type { FeatureLevel } from "@rogerd/global-state";
import { JoinArrival } from "../membership/join-arrival.ts";
import { type JoinAnswer, type JoinRequest, joinSubprotocol } from "../membership/join-frames.ts";
import type {
  ListeningPort,
  PortListener,
  Socket,
  SocketListener,
  UpgradeRequest,
  UpgradeVerdict,
} from "../network.ts";
import type { Platform } from "../platform.ts";
import type { Endpoint } from "../settings/settings.ts";
import { PeerArrival, type PeerReception } from "./peer-arrival.ts";
import { peerPath, peerSubprotocols } from "./peer-hello.ts";
import type { PeerLimits } from "./peer-limits.ts";

export interface PeerPortParts {
  readonly platform: Pick<Platform, "setTimer" | "network">;
  readonly limits: PeerLimits;
  readonly endpoint: Endpoint;
}

/** Who decides about nodes that want in. */
export interface JoinReception {
  answer(request: JoinRequest): Promise<JoinAnswer>;
}

export class PeerPort {
  readonly #parts: PeerPortParts;
  readonly #arrivals = new Set<{ end(): void }>();
  #reception: PeerReception | undefined;
  #joins: JoinReception | undefined;
  #port: ListeningPort | undefined;

  private constructor(parts: PeerPortParts) {
    this.#parts = parts;
  }

  /** Rejects with ListenError. */
  static async open(parts: PeerPortParts): Promise<PeerPort> {
    const peerPort = new PeerPort(parts);
    peerPort.#port = await parts.platform.network.listen(
      { ...parts.endpoint, frameBytesMax: parts.limits.frameBytesMax },
      peerPort.#portListener(),
    );
    return peerPort;
  }

  /** As bound. */
  get endpoint(): Endpoint {
    return this.#port ?? this.#parts.endpoint;
  }

  /** From now on arrivals are judged by it. Who was here goes; undefined: nobody is received. */
  receive(reception: PeerReception | undefined): void {
    this.#reception = reception;
    for (const arrival of this.#arrivals) arrival.end();
  }

  /** Undefined: nobody is let in just now. */
  receiveJoins(joins: JoinReception | undefined): void {
    this.#joins = joins;
  }

  async close(): Promise<void> {
    this.receive(undefined);
    await this.#port?.close();
  }

  #portListener(): PortListener {
    return {
      judgeUpgrade: (request) => this.#judge(request),
      accepted: ({ socket, subprotocol }) => {
        const spoken = peerSubprotocols.find(({ name }) => name === subprotocol);
        if (spoken === undefined) return this.#acceptJoin(socket);
        return this.#acceptPeer(socket, spoken.level);
      },
      answer: async () => ({
        status: 404,
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: "this port is for the other nodes of the cluster\n",
      }),
    };
  }

  #acceptPeer(socket: Socket, level: FeatureLevel): SocketListener {
    const arrival = new PeerArrival({
      platform: this.#parts.platform,
      limits: this.#parts.limits,
      socket,
      level,
      reception: () => this.#reception,
      ended: () => this.#arrivals.delete(arrival),
    });
    this.#arrivals.add(arrival);
    return arrival;
  }

  #acceptJoin(socket: Socket): SocketListener {
    const { limits, platform } = this.#parts;
    const arrival = new JoinArrival({
      platform,
      timeoutMs: 2 * limits.handshakeTimeoutMs,
      socket,
      answer: (request) => this.#joins?.answer(request) ?? Promise.resolve(notYet),
      ended: () => this.#arrivals.delete(arrival),
    });
    this.#arrivals.add(arrival);
    return arrival;
  }

  #judge(request: UpgradeRequest): UpgradeVerdict {
    // No browser has any business here, whatever page it shows (DESIGN §3).
    if (request.headers["origin"] !== undefined) {
      return { kind: "refuse", status: 403, reason: "this port is not for browsers" };
    }
    const known = [...peerSubprotocols.map(({ name }) => name), joinSubprotocol];
    const subprotocol = known.find((each) => request.subprotocols.includes(each));
    if (request.path !== peerPath || subprotocol === undefined) {
      return { kind: "refuse", status: 404, reason: "this port is for the other nodes" };
    }
    if (this.#arrivals.size >= this.#parts.limits.arrivalsMax) {
      return { kind: "refuse", status: 503, reason: "too many connections" };
    }
    return { kind: "accept", subprotocol };
  }
}

const notYet: JoinAnswer = { kind: "later", sentence: "that node is starting or stopping" };
