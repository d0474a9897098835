// virtual-network.ts — a client port without a socket: what would come from the network is called by the
// test, what would go out is kept.
import {
  type ClientFrame,
  type DaemonFrame,
  decodeDaemonFrame,
  encodeFrame,
  type Subprotocol,
  subprotocols,
} from "@rogerd/protocol";
import type {
  Closing,
  HttpRequest,
  HttpResponse,
  ListeningPort,
  Network,
  PortListener,
  Socket,
  SocketListener,
  UpgradeVerdict,
} from "../../src/network.ts";

export class VirtualNetwork implements Network {
  #listener: PortListener | undefined;
  isAccepting = false;
  #remotes = 0;

  dial(): Socket {
    throw new Error("nobody dials here");
  }

  listen(_port: unknown, listener: PortListener): Promise<ListeningPort> {
    this.#listener = listener;
    this.isAccepting = true;
    return Promise.resolve({
      host: "127.0.0.1",
      port: 7401,
      stopAccepting: () => {
        this.isAccepting = false;
      },
      close: () => Promise.resolve(),
    });
  }

  get #port(): PortListener {
    if (this.#listener === undefined) throw new Error("nobody listens");
    return this.#listener;
  }

  judge(offer: {
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly subprotocols?: readonly string[];
  }): UpgradeVerdict {
    return this.#port.judgeUpgrade({
      path: offer.path ?? "/v1",
      headers: offer.headers ?? { host: "127.0.0.1:7401" },
      remote: "test",
      subprotocols: offer.subprotocols ?? [subprotocols.json],
    });
  }

  /** A WebSocket is open. */
  connect(subprotocol: Subprotocol = subprotocols.json): VirtualClient {
    this.#remotes += 1;
    const client = new VirtualClient(`test:${this.#remotes}`, subprotocol);
    client.attach(this.#port.accepted({ socket: client, subprotocol }));
    return client;
  }

  request(request: Partial<HttpRequest> & { readonly text?: string }): Promise<HttpResponse> {
    const body = new TextEncoder().encode(request.text ?? "");
    return this.#port.answer({
      method: "GET",
      path: "/",
      query: {},
      headers: { host: "127.0.0.1:7401" },
      remote: "test",
      readBody: (bytesMax) => Promise.resolve(body.length > bytesMax ? undefined : body),
      ...request,
    });
  }
}

/** Both the daemon's end of a socket and the test's client behind it. */
export class VirtualClient implements Socket {
  readonly remote: string;
  readonly subprotocol: Subprotocol;
  bufferedAmount = 0;
  readonly sent: (Uint8Array | string)[] = [];
  closing: Closing | undefined;
  pings = 0;
  isTerminated = false;
  /** False: the other end neither answers pings nor closes. */
  isAlive = true;
  #listener: SocketListener | undefined;
  #isClosed = false;

  constructor(remote: string, subprotocol: Subprotocol) {
    this.remote = remote;
    this.subprotocol = subprotocol;
  }

  attach(listener: SocketListener): void {
    this.#listener = listener;
  }

  // The daemon's end.

  send(frame: Uint8Array | string): void {
    if (this.closing === undefined && !this.isTerminated) this.sent.push(frame);
  }

  ping(): void {
    this.pings += 1;
    if (this.isAlive) this.#listener?.pong();
  }

  close(closing: Closing): void {
    this.closing ??= closing;
    if (this.isAlive) queueMicrotask(() => this.#closed(closing));
  }

  terminate(): void {
    this.isTerminated = true;
    this.#closed({ code: 1006, reason: "" });
  }

  // The client's end.

  say(frame: ClientFrame): void {
    this.#listener?.frame(encodeFrame(this.subprotocol, frame));
  }

  sayRaw(data: Uint8Array | string): void {
    this.#listener?.frame(data);
  }

  /** The client goes away. */
  leave(): void {
    this.#closed({ code: 1000, reason: "" });
  }

  /** Everything the daemon said, decoded. */
  heard(): DaemonFrame[] {
    return this.sent.map((data) => {
      const decoded = decodeDaemonFrame(this.subprotocol, data);
      if (decoded.kind === "problem") throw new Error(decoded.problem.error.message);
      return decoded.frame;
    });
  }

  heardOf<Kind extends DaemonFrame["kind"]>(kind: Kind): Extract<DaemonFrame, { kind: Kind }>[] {
    return this.heard().filter(
      (frame): frame is Extract<DaemonFrame, { kind: Kind }> => frame.kind === kind,
    );
  }

  #closed(closing: Closing): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.closed(closing);
  }
}
