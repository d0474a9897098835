import { connect, type Socket as TcpSocket } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type {
  Closing,
  HttpRequest,
  ListeningPort,
  PortListener,
  Socket,
  SocketListener,
  UpgradeVerdict,
} from "./network.ts";
import { nodeNetwork } from "./node-network.ts";

const loopback = { host: "127.0.0.1", port: 0, frameBytesMax: 1_000 };

/** Keeps what happens at one end of a socket, and lets a test wait for it. */
class Ear implements SocketListener {
  readonly frames: (string | readonly number[])[] = [];
  pongs = 0;
  closing: Closing | undefined;
  #isOpen = false;
  #wake: () => void = () => undefined;

  opened(): void {
    this.#isOpen = true;
    this.#wake();
  }

  frame(frame: Uint8Array | string): void {
    this.frames.push(typeof frame === "string" ? frame : [...frame]);
    this.#wake();
  }

  pong(): void {
    this.pongs += 1;
    this.#wake();
  }

  closed(closing: Closing): void {
    this.closing = closing;
    this.#wake();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Port {
  readonly port: ListeningPort;
  readonly url: string;
  readonly ear: Ear;
  readonly sockets: Socket[];
  [Symbol.asyncDispose](): Promise<void>;
}

async function aPort(change: Partial<PortListener> = {}): Promise<Port> {
  const ear = new Ear();
  const sockets: Socket[] = [];
  const listener: PortListener = {
    judgeUpgrade: ({ subprotocols }) => ({ kind: "accept", subprotocol: subprotocols[0] ?? "" }),
    accepted: ({ socket }) => {
      sockets.push(socket);
      ear.opened();
      return ear;
    },
    answer: async () => ({ status: 200, headers: {}, body: "ok" }),
    ...change,
  };
  const port = await nodeNetwork.listen(loopback, listener);
  const url = `ws://127.0.0.1:${port.port}/here`;
  return { port, url, ear, sockets, [Symbol.asyncDispose]: () => port.close() };
}

function dial(url: string): { readonly ear: Ear; readonly socket: Socket } {
  const ear = new Ear();
  const dialed = { url, subprotocols: ["test.v1"], frameBytesMax: 1_000, timeoutMs: 5_000 };
  return { ear, socket: nodeNetwork.dial(dialed, ear) };
}

/** More than the buffers of two sockets hold. */
const longReason = "no ".repeat(8 * 1024 * 1024);
let tellJudged: () => void = () => undefined;

function longRefusal(): UpgradeVerdict {
  // Told after the refusal was written.
  setImmediate(() => tellJudged());
  return { kind: "refuse", status: 403, reason: longReason };
}

/** Asks and then reads nothing. */
function askForUpgrade(port: number): {
  readonly socket: TcpSocket;
  readonly judged: Promise<void>;
} {
  const judged = new Promise<void>((resolve) => {
    tellJudged = resolve;
  });
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  return { socket, judged };
}

describe("sockets of a real machine", () => {
  test("text and bytes arrive as they were sent, and a ping is answered", async () => {
    await using port = await aPort();
    const { ear, socket } = dial(port.url);
    await ear.until(() => ear.isOpen);

    socket.send("käse");
    socket.send(new Uint8Array([0, 255]));
    socket.ping();
    await port.ear.until(() => port.ear.frames.length === 2);
    port.sockets[0]?.send("back");
    await ear.until(() => ear.frames.length === 1 && ear.pongs === 1);

    expect(port.ear.frames).toEqual(["käse", [0, 255]]);
    expect(ear.frames).toEqual(["back"]);
  });

  test("a first frame that follows the handshake at once is not lost", async () => {
    await using port = await aPort();
    const client = new WebSocket(port.url, ["test.v1"]);
    client.on("open", () => client.send("first"));

    await port.ear.until(() => port.ear.frames.length === 1);

    expect(port.ear.frames).toEqual(["first"]);
    client.terminate();
  });

  test("a frame that is too large closes its connection and is never handed on", async () => {
    await using port = await aPort();
    const { ear, socket } = dial(port.url);
    await ear.until(() => ear.isOpen);

    socket.send(new Uint8Array(1_001));
    await ear.until(() => ear.closing !== undefined);

    expect(ear.closing?.code).toBe(1009);
    expect(port.ear.frames).toEqual([]);
  });

  test("each end hears once that the other has closed, and why", async () => {
    await using port = await aPort();
    const { ear, socket } = dial(port.url);
    await ear.until(() => ear.isOpen);

    socket.close({ code: 4403, reason: "no" });
    await port.ear.until(() => port.ear.closing !== undefined);
    await ear.until(() => ear.closing !== undefined);

    expect(port.ear.closing).toEqual({ code: 4403, reason: "no" });
  });

  test("a dial that leads nowhere closes without having opened", async () => {
    const port = await aPort();
    await port.port.close();
    const { ear } = dial(port.url);

    await ear.until(() => ear.closing !== undefined);

    expect([ear.isOpen, ear.closing?.code]).toEqual([false, 1006]);
  });

  test("an upgrade that is refused has a status and a reason", async () => {
    await using port = await aPort({
      judgeUpgrade: () => ({ kind: "refuse", status: 403, reason: "not from here" }),
    });
    const { ear } = dial(port.url);

    await ear.until(() => ear.closing !== undefined);

    expect([ear.isOpen, ear.closing?.reason]).toEqual([false, "Unexpected server response: 403"]);
  });

  test("closing a port ends a refused socket too whose other end reads nothing", async () => {
    const port = await aPort({ judgeUpgrade: longRefusal });
    const deaf = askForUpgrade(port.port.port);
    await deaf.judged;

    await port.port.close();

    deaf.socket.destroy();
    expect(deaf.socket.bytesRead).toBeLessThan(longReason.length);
  });

  test("a refused socket whose other end reads nothing is ended after a while", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await using port = await aPort({ judgeUpgrade: longRefusal });
      const deaf = askForUpgrade(port.port.port);
      await deaf.judged;

      vi.advanceTimersByTime(2_000);
      const ended = new Promise<unknown>((resolve) =>
        deaf.socket.once("end", resolve).once("error", resolve),
      );
      deaf.socket.resume();
      await ended;

      deaf.socket.destroy();
      expect(deaf.socket.bytesRead).toBeLessThan(longReason.length);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a port that is taken says so", async () => {
    await using port = await aPort();
    const taken = nodeNetwork.listen({ ...loopback, port: port.port.port }, neverAsked);

    await expect(taken).rejects.toMatchObject({ name: "ListenError", code: "address-in-use" });
  });

  test("closing a port ends its connections and frees it", async () => {
    const port = await aPort();
    const { ear } = dial(port.url);
    await ear.until(() => ear.isOpen);

    await port.port.close();
    await ear.until(() => ear.closing !== undefined);
    const again = await nodeNetwork.listen({ ...loopback, port: port.port.port }, neverAsked);
    await again.close();

    expect(again.port).toBe(port.port.port);
  });
});

describe("plain requests on the same port", () => {
  test("path, query, headers and body arrive; a body that is too long is told apart", async () => {
    const seen: unknown[] = [];
    await using port = await aPort({
      answer: async (request: HttpRequest) => {
        const body = await request.readBody(10);
        seen.push([
          request.method,
          request.path,
          request.query,
          request.headers["x-y"],
          body?.length,
        ]);
        return { status: 201, headers: { "x-z": "2" }, body: "done" };
      },
    });
    const url = `http://127.0.0.1:${port.port.port}/v1/command?hash=now`;

    const short = await fetch(url, { method: "POST", body: "123", headers: { "x-y": "1" } });
    const long = await fetch(url, { method: "POST", body: "12345678901" });

    expect([short.status, short.headers.get("x-z"), await short.text()]).toEqual([
      201,
      "2",
      "done",
    ]);
    expect(long.status).toBe(201);
    expect(seen).toEqual([
      ["POST", "/v1/command", { hash: "now" }, "1", 3],
      ["POST", "/v1/command", { hash: "now" }, undefined, undefined],
    ]);
  });

  test("an answer that fails is a 500 that tells nothing", async () => {
    await using port = await aPort({ answer: () => Promise.reject(new Error("secret")) });

    const answer = await fetch(`http://127.0.0.1:${port.port.port}/`);

    expect([answer.status, await answer.text()]).toEqual([500, ""]);
  });
});

const neverAsked: PortListener = {
  judgeUpgrade: () => ({ kind: "refuse", status: 500, reason: "never asked" }),
  accepted: () => new Ear(),
  answer: () => Promise.reject(new Error("never asked")),
};
