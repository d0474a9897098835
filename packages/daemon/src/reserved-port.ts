// reserved-port.ts — the client port from the start of the process: taken before anything is written,
// so that a taken port is told at once and the address is known while the cluster forms. Until the
// listener takes it over, it says that it is alive and that nothing is served yet.
import type {
  HttpRequest,
  HttpResponse,
  ListeningPort,
  Network,
  PortListener,
  Socket,
  SocketListener,
  UpgradeRequest,
  UpgradeVerdict,
} from "./network.ts";
import type { Endpoint } from "./settings/settings.ts";

export interface ReservedPortParts {
  readonly network: Pick<Network, "dial" | "listen">;
  readonly endpoint: Endpoint;
  readonly frameBytesMax: number;
}

export class ReservedPort {
  readonly #network: Pick<Network, "dial" | "listen">;
  readonly #switch: PortSwitch;
  readonly #port: ListeningPort;

  private constructor(parts: ReservedPortParts, listening: PortSwitch, port: ListeningPort) {
    this.#network = parts.network;
    this.#switch = listening;
    this.#port = port;
  }

  /** Rejects with ListenError. */
  static async open(parts: ReservedPortParts): Promise<ReservedPort> {
    const listening = new PortSwitch();
    const { endpoint, frameBytesMax } = parts;
    const port = await parts.network.listen({ ...endpoint, frameBytesMax }, listening);
    return new ReservedPort(parts, listening, port);
  }

  /** As bound. */
  get endpoint(): Endpoint {
    return { host: this.#port.host, port: this.#port.port };
  }

  /** A network on which "listen" means to take this port over. */
  network(): Network {
    return {
      dial: (dial, listener) => this.#network.dial(dial, listener),
      listen: (_port, listener) => {
        this.#switch.takeOver(listener);
        return Promise.resolve(this.#port);
      },
    };
  }

  async close(): Promise<void> {
    await this.#port.close();
  }
}

class PortSwitch implements PortListener {
  #owner: PortListener | undefined;

  takeOver(owner: PortListener): void {
    this.#owner = owner;
  }

  judgeUpgrade(request: UpgradeRequest): UpgradeVerdict {
    if (this.#owner !== undefined) return this.#owner.judgeUpgrade(request);
    return { kind: "refuse", status: 503, reason: notYet };
  }

  accepted(arrival: { readonly socket: Socket; readonly subprotocol: string }): SocketListener {
    if (this.#owner !== undefined) return this.#owner.accepted(arrival);
    arrival.socket.terminate();
    return { frame: () => undefined, pong: () => undefined, closed: () => undefined };
  }

  answer(request: HttpRequest): Promise<HttpResponse> {
    if (this.#owner !== undefined) return this.#owner.answer(request);
    return Promise.resolve(request.path === "/livez" ? alive : unavailable);
  }
}

const notYet = "this node waits for its cluster to be formed";

const alive: HttpResponse = {
  status: 200,
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  body: "ok\n",
};

const unavailable: HttpResponse = {
  status: 503,
  headers: { "content-type": "application/json", "cache-control": "no-store", "retry-after": "1" },
  body: `${JSON.stringify({ error: { code: "unavailable", message: notYet, retryable: true } })}\n`,
};
