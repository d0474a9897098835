// browser-platform.ts — the world as a page of a browser, or a worker of one, gives it: clock, timers, the end of a turn,
// dice, WebSockets. No thread keeps a session here. It decides nothing.
import type { ClientPlatform, DialTarget, Socket, SocketListener, Timer } from "./platform.ts";

export const browserPlatform: ClientPlatform = {
  monotonicNow: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer,
  afterTurn,
  drawSeed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  dial,
};

function setTimer(delayMs: number, callback: () => void): Timer {
  const timer = setTimeout(callback, delayMs);
  return { cancel: () => clearTimeout(timer) };
}

/** A timer of no delay would be put off in a page that nobody looks at, and clamped to 4 ms in any: a message is not. */
function afterTurn(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    port1.close();
    callback();
  });
  port1.start();
  port2.postMessage(undefined);
}

/** What a page may not know: how a connection failed. */
const lost = { code: 1006, reason: "the browser does not say why" };

class BrowserSocket implements Socket {
  readonly #listener: SocketListener;
  readonly #frameBytesMax: number;
  readonly #patience: Timer;
  #webSocket: WebSocket | undefined;
  #isOver = false;

  constructor({ timeoutMs, frameBytesMax }: DialTarget, listener: SocketListener) {
    this.#listener = listener;
    this.#frameBytesMax = frameBytesMax;
    this.#patience = setTimer(timeoutMs, () => {
      this.#giveUp(`no connection within ${timeoutMs} ms`);
    });
  }

  dial({ url, subprotocol }: DialTarget): void {
    try {
      this.#webSocket = new WebSocket(url, subprotocol);
    } catch (error) {
      // What a browser does not let its page do: dial `ws:` from `https:`, say.
      return this.#giveUp(error instanceof Error ? error.message : lost.reason);
    }
    const webSocket = this.#webSocket;
    webSocket.binaryType = "arraybuffer";
    webSocket.addEventListener("open", () => {
      this.#patience.cancel();
      if (!this.#isOver) this.#listener.opened();
    });
    webSocket.addEventListener("message", ({ data }) => this.#received(data));
    webSocket.addEventListener("close", ({ code, reason }) => {
      this.#closed({ code, reason: code === lost.code ? lost.reason : reason });
    });
  }

  send(data: Uint8Array | string): void {
    this.#webSocket?.send(data);
  }

  bufferedBytes(): number {
    return this.#webSocket?.bufferedAmount ?? 0;
  }

  close({ code, reason }: { readonly code: number; readonly reason: string }): void {
    // Other codes than these are the browser's own, and throw. At most 123 bytes may be said, in any script.
    if (code === 1_000 || code >= 3_000) this.#webSocket?.close(code, reason.slice(0, 40));
    else this.#webSocket?.close();
  }

  /** The closing handshake goes on, if it can; nobody waits for it. */
  terminate(): void {
    this.#giveUp("terminated");
  }

  #received(data: string | ArrayBuffer): void {
    if (this.#isOver) return;
    const message = typeof data === "string" ? data : new Uint8Array(data);
    const size = message.length;
    if (size > this.#frameBytesMax) return this.#giveUp(`a message of ${size} is too large`);
    this.#listener.received(message);
  }

  #giveUp(reason: string): void {
    this.#webSocket?.close();
    afterTurn(() => this.#closed({ code: lost.code, reason }));
  }

  #closed(end: { readonly code: number; readonly reason: string }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#patience.cancel();
    this.#listener.closed(end);
  }
}

function dial(target: DialTarget, listener: SocketListener): Socket {
  const socket = new BrowserSocket(target, listener);
  socket.dial(target);
  return socket;
}
