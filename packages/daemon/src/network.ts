// network.ts — sockets as the daemon sees them: WebSockets that carry whole frames, and the plain
// HTTP requests that arrive on the same port. Events come to a listener that is handed over in the
// same call that makes the socket, so that no first frame can be lost.

/** One end of a WebSocket. Sending on one that is closing or closed is dropped silently. */
export interface Socket {
  /** Who is at the other end, for log lines. */
  readonly remote: string;
  /** Bytes handed to `send` that have not left this process yet. */
  readonly bufferedAmount: number;
  send(frame: Uint8Array | string): void;
  ping(): void;
  close(closing: Closing): void;
  /** Ends it at once, without a closing handshake: for half-open sockets. */
  terminate(): void;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export interface SocketListener {
  frame(frame: Uint8Array | string): void;
  pong(): void;
  /** Called exactly once, last. Code 1006: it broke without a goodbye, or never opened. */
  closed(closing: Closing): void;
}

export interface DialListener extends SocketListener {
  opened(): void;
}

export interface Dial {
  /** `ws://host:port` with a path. */
  readonly url: string;
  /** What is offered; the other side takes one of them. */
  readonly subprotocols: readonly string[];
  readonly frameBytesMax: number;
  readonly timeoutMs: number;
}

/** What a port is asked before it becomes a WebSocket. Header names are lower case. */
export interface UpgradeRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remote: string;
  readonly subprotocols: readonly string[];
}

export type UpgradeVerdict =
  | { readonly kind: "accept"; readonly subprotocol: string }
  | { readonly kind: "refuse"; readonly status: number; readonly reason: string };

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remote: string;
  /** Undefined when it is longer than `bytesMax`. Rejects when the connection breaks. */
  readBody(bytesMax: number): Promise<Uint8Array | undefined>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PortListener {
  judgeUpgrade(request: UpgradeRequest): UpgradeVerdict;
  /** A WebSocket is open. Its events go to what this returns. */
  accepted(arrival: { readonly socket: Socket; readonly subprotocol: string }): SocketListener;
  /** A plain request. A rejection is answered with 500 and nothing of its text. */
  answer(request: HttpRequest): Promise<HttpResponse>;
}

export interface ListeningPort {
  /** As bound: with port 0 asked for, the one the system chose. */
  readonly host: string;
  readonly port: number;
  /** New connections are refused from now on; open ones go on. */
  stopAccepting(): void;
  /** Ends what is still open and resolves when all is closed. */
  close(): Promise<void>;
}

export type ListenErrorCode = "address-in-use" | "not-permitted" | "no-such-address";

/** The port can't be had. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code: ListenErrorCode;

  constructor(problem: { readonly code: ListenErrorCode; readonly message: string }) {
    super(problem.message);
    this.code = problem.code;
  }
}

export interface Network {
  dial(dial: Dial, listener: DialListener): Socket;
  /** Rejects with ListenError. */
  listen(
    port: { readonly host: string; readonly port: number; readonly frameBytesMax: number },
    listener: PortListener,
  ): Promise<ListeningPort>;
}
