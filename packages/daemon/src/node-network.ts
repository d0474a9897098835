// node-network.ts — sockets and ports of a real machine, on `ws` and node:http. It judges nothing:
// who may connect and what a frame means is decided by the listeners that it calls.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { InvariantViolation } from "@rogerd/raft";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import {
  type Closing,
  type Dial,
  type DialListener,
  ListenError,
  type ListenErrorCode,
  type ListeningPort,
  type Network,
  type PortListener,
  type Socket,
  type SocketListener,
} from "./network.ts";

/** Who sends a request so slowly holds a socket for nothing. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** So long a refused socket may take to read why; then it is ended. */
const refusedLingerMs = 2_000;

export const nodeNetwork: Network = { dial, listen };

function dial(dial: Dial, listener: DialListener): Socket {
  const webSocket = new WebSocket(dial.url, [...dial.subprotocols], {
    perMessageDeflate: false, // on by default in clients, and fifteen times slower
    maxPayload: dial.frameBytesMax,
    handshakeTimeout: dial.timeoutMs,
    followRedirects: false,
  });
  webSocket.once("open", () => listener.opened());
  attach(webSocket, listener);
  return new NodeSocket(webSocket, dial.url);
}

/** Called in the turn in which the socket was made: a first frame may follow in the same packet. */
function attach(webSocket: WebSocket, listener: SocketListener): void {
  webSocket.on("message", (frame: RawData, isBinary: boolean) => {
    const bytes = asBytes(frame);
    listener.frame(isBinary ? bytes : bytes.toString("utf8"));
  });
  webSocket.on("pong", () => listener.pong());
  // What went wrong is in the close that follows; without this the error would end the process.
  let problem = "";
  webSocket.on("error", (error: Error) => {
    problem = error.message;
  });
  webSocket.once("close", (code: number, reason: Buffer) => {
    listener.closed({ code, reason: reason.length > 0 ? reason.toString("utf8") : problem });
  });
}

function asBytes(frame: RawData): Buffer {
  if (Buffer.isBuffer(frame)) return frame;
  return Array.isArray(frame) ? Buffer.concat(frame) : Buffer.from(frame);
}

class NodeSocket implements Socket {
  readonly remote: string;
  readonly #webSocket: WebSocket;

  constructor(webSocket: WebSocket, remote: string) {
    this.#webSocket = webSocket;
    this.remote = remote;
  }

  get bufferedAmount(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(frame: Uint8Array | string): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#webSocket.send(frame);
  }

  ping(): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#webSocket.ping();
  }

  close(closing: Closing): void {
    // A close frame has room for 123 bytes of reason.
    this.#webSocket.close(closing.code, Buffer.from(closing.reason).subarray(0, 120));
  }

  terminate(): void {
    this.#webSocket.terminate();
  }
}

function listen(
  port: { readonly host: string; readonly port: number; readonly frameBytesMax: number },
  listener: PortListener,
): Promise<ListeningPort> {
  const chosen = new WeakMap<IncomingMessage, string>();
  const upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: port.frameBytesMax,
    clientTracking: true,
    handleProtocols: (_offered, request) => chosen.get(request) ?? false,
  });
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs },
    (request, response) => void answer(request, response, listener),
  );
  // The HTTP server forgets a socket that asks for an upgrade, but waits for it when it closes.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    upgraded.add(stream);
    stream.once("close", () => upgraded.delete(stream));
    stream.on("error", () => stream.destroy());
    const verdict = listener.judgeUpgrade({
      path: pathOf(request),
      headers: flatHeaders(request.headers),
      remote: remoteOf(request),
      subprotocols: offeredSubprotocols(request),
    });
    if (verdict.kind === "refuse") return refuse(stream, verdict);
    chosen.set(request, verdict.subprotocol);
    upgrades.handleUpgrade(request, stream, head, (webSocket) => {
      const socket = new NodeSocket(webSocket, remoteOf(request));
      attach(webSocket, listener.accepted({ socket, subprotocol: verdict.subprotocol }));
    });
  });
  return open({ server, upgrades, upgraded }, port);
}

/** What a port consists of, and must end when it closes. */
interface PortParts {
  readonly server: Server;
  readonly upgrades: WebSocketServer;
  readonly upgraded: ReadonlySet<Duplex>;
}

function open(
  parts: PortParts,
  at: { readonly host: string; readonly port: number },
): Promise<ListeningPort> {
  const { server } = parts;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(asListenError(error, at)));
    server.listen({ host: at.host, port: at.port, exclusive: true }, () => {
      server.removeAllListeners("error");
      server.on("error", () => undefined); // of one connection; the port itself stays
      resolve(new NodePort(parts, server.address()));
    });
  });
}

class NodePort implements ListeningPort {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #upgrades: WebSocketServer;
  readonly #upgraded: ReadonlySet<Duplex>;
  readonly #closed: Promise<void>;

  constructor(parts: PortParts, address: AddressInfo | string | null) {
    if (address === null || typeof address === "string") throw new Error("a port has an address");
    this.host = address.address;
    this.port = address.port;
    this.#server = parts.server;
    this.#upgrades = parts.upgrades;
    this.#upgraded = parts.upgraded;
    this.#closed = new Promise((resolve) => parts.server.once("close", () => resolve()));
  }

  stopAccepting(): void {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.stopAccepting();
    for (const webSocket of this.#upgrades.clients) webSocket.terminate();
    this.#upgrades.close();
    for (const stream of this.#upgraded) stream.destroy();
    this.#server.closeAllConnections();
    await this.#closed;
  }
}

function asListenError(
  error: NodeJS.ErrnoException,
  at: { readonly host: string; readonly port: number },
): ListenError {
  const codes: Record<string, ListenErrorCode> = {
    EADDRINUSE: "address-in-use",
    EACCES: "not-permitted",
  };
  return new ListenError({
    code: codes[error.code ?? ""] ?? "no-such-address",
    message: `can't listen on ${at.host}:${at.port}: ${error.message}`,
  });
}

function refuse(
  stream: Duplex,
  verdict: { readonly status: number; readonly reason: string },
): void {
  const body = `${verdict.reason}\n`;
  const linger = setTimeout(() => stream.destroy(), refusedLingerMs);
  stream.once("close", () => clearTimeout(linger));
  stream.end(
    `HTTP/1.1 ${verdict.status} Refused\r\nconnection: close\r\n` +
      `content-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => stream.destroy(),
  );
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  listener: PortListener,
): Promise<void> {
  request.on("error", () => response.destroy());
  response.on("error", () => response.destroy());
  try {
    const answered = await listener.answer({
      method: request.method ?? "GET",
      path: pathOf(request),
      query: Object.fromEntries(urlOf(request).searchParams),
      headers: flatHeaders(request.headers),
      remote: remoteOf(request),
      readBody: (bytesMax) => readBody(request, bytesMax),
    });
    response.writeHead(answered.status, answered.headers).end(answered.body);
  } catch (error) {
    // The contract of `answer`: its rejection is a broken connection or a bug; neither is told to
    // the other side. A broken invariant ends the process.
    if (!response.headersSent) response.writeHead(500);
    response.end();
    if (error instanceof InvariantViolation) throw error;
  }
}

async function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const chunk: unknown = part;
    if (!(chunk instanceof Uint8Array)) throw new Error("an HTTP body comes as bytes");
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      request.resume();
      return undefined;
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** A request target that is no URL has no path of ours. */
function urlOf(request: IncomingMessage): URL {
  const target = request.url ?? "/";
  return URL.canParse(target, "http://here")
    ? new URL(target, "http://here")
    : new URL("http://here/%");
}

function pathOf(request: IncomingMessage): string {
  return urlOf(request).pathname;
}

function remoteOf(request: IncomingMessage): string {
  return `${request.socket.remoteAddress ?? "?"}:${request.socket.remotePort ?? 0}`;
}

function flatHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
}

function offeredSubprotocols(request: IncomingMessage): string[] {
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
