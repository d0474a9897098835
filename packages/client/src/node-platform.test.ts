// Real sockets on loopback: the same client against a daemon of forty lines.
import {
  type Answer,
  chooseSubprotocol,
  type DaemonFrame,
  decodeClientFrame,
  decodeDaemonFrame,
  encodeFrame,
  type Request,
  subprotocols,
} from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { connect } from "./index.ts";
import { nodePlatform } from "./node-platform.ts";

class SmallDaemon {
  readonly #server: WebSocketServer;
  readonly #keys = new Set<string>();
  readonly frames: number[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket) => this.#serve(socket));
  }

  static open(): Promise<SmallDaemon> {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      perMessageDeflate: false,
      handleProtocols: (offered) => chooseSubprotocol(offered) ?? false,
    });
    return new Promise((resolve) => server.on("listening", () => resolve(new SmallDaemon(server))));
  }

  get endpoint(): string {
    return endpointOf(this.#server);
  }

  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: WebSocket): void {
    const subprotocol =
      socket.protocol === subprotocols.json ? subprotocols.json : subprotocols.msgpack;
    const tell = (frame: DaemonFrame): void => socket.send(encodeFrame(subprotocol, frame));
    socket.on("message", (data: Buffer) => {
      const decoded = decodeClientFrame(subprotocol, data);
      if (decoded.kind === "problem") return socket.close(decoded.problem.closeCode);
      const { frame } = decoded;
      if (frame.kind === "ping") return tell({ kind: "pong", id: frame.id });
      if (frame.kind === "hello") return tell(this.#welcome());
      const isKeepalive = frame.requests.some(({ command }) => command === "session.keepalive");
      if (!isKeepalive) this.frames.push(frame.requests.length);
      return tell({ kind: "answers", answers: frame.requests.map((one) => this.#answer(one)) });
    });
  }

  #welcome(): DaemonFrame {
    const limits = { frameBytesMax: 4_194_304, callsInFlightMax: 4_096 };
    const leader = { name: "n1", clientUrl: this.endpoint };
    return { kind: "welcome", protocol: 1, clusterId: "c1", node: "n1", leader, limits };
  }

  #answer({ id, command, args }: Request): Answer {
    if (command === "session.open") return openedAnswer(id);
    const key = String(args["key"]);
    const before = this.#keys.has(key);
    if (args["add"] === true) this.#keys.add(key);
    const isQuestion = command.startsWith("roger.is");
    const result = isQuestion
      ? ({ status: "member", before } as const)
      : ({ status: "ok" } as const);
    return { id, revision: 1, n: 0, result };
  }
}

function endpointOf(server: WebSocketServer): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return `127.0.0.1:${address.port}`;
}

/** A session id has only one maker: the log, or bytes that were checked. */
function openedAnswer(id: number): Answer {
  const result = { status: "opened", session: 1, ttlMs: 30_000 };
  const frame = JSON.stringify({ kind: "answers", answers: [{ id, revision: 1, n: 0, result }] });
  const decoded = decodeDaemonFrame(subprotocols.json, frame);
  if (decoded.kind !== "frame" || decoded.frame.kind !== "answers") throw new Error("no answer");
  const [answer] = decoded.frame.answers;
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

describe("over real sockets", () => {
  test.each(["msgpack", "json"] as const)(
    "a thousand calls of a turn are one frame, in %s",
    async (encoding) => {
      const daemon = await SmallDaemon.open();
      const client = await connect({ endpoints: [daemon.endpoint], encoding });
      const roger = client.roger();
      const keys = Array.from({ length: 1_000 }, (_, at) => `key/${at % 500}/ü`);

      const before = await Promise.all(keys.map((key) => roger.isQueued("p", key, { add: true })));

      expect(before.filter((was) => was).length).toBe(500);
      expect(daemon.frames).toEqual([1, 1_000]);
      await client.close();
      await daemon.close();
    },
  );

  test("a connection that breaks is made anew, and the call arrives", async () => {
    const daemon = await SmallDaemon.open();
    await using client = await connect({ endpoints: [daemon.endpoint] });
    const events = client.events();
    daemon.cut();

    expect(await client.roger().isExecuting("p", "k", { add: true })).toBe(false);
    expect((await events.next()).value).toMatchObject({ kind: "disconnected" });
    await client.close();
    await daemon.close();
  });

  test("a keeper that can't start is told, and its client goes on alone", async () => {
    const daemon = await SmallDaemon.open();
    const { endpoint } = daemon;

    // What runs in the thread is compiled: run from its sources there is no such file.
    await using client = await connect({ endpoints: [endpoint], keepalives: "thread" });
    const events = client.events();
    const { value } = await events.next();

    expect(value).toMatchObject({
      kind: "keeper-died",
      reason: expect.stringMatching(/node-keeper/),
    });
    expect(await client.roger().isExecuting("p", "k", { add: true })).toBe(false);
    await client.close();
    await daemon.close();
  });

  test("nobody listening is told in words, and nothing is thrown behind our back", async () => {
    const daemon = await SmallDaemon.open();
    const { endpoint } = daemon;
    await daemon.close();

    const connecting = connect({ endpoints: [endpoint], timeoutMs: 300 });

    await expect(connecting).rejects.toMatchObject({
      code: "deadline_exceeded",
      cause: { message: expect.stringMatching(/ECONNREFUSED/) },
    });
  });

  test("a message above the limit ends the connection instead of filling the memory", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (socket) => socket.send(Buffer.alloc(2_000)));
    await new Promise((resolve) => server.on("listening", resolve));

    const end = await new Promise<string>((resolve) => {
      const target = {
        url: `ws://${endpointOf(server)}/v1`,
        subprotocol: subprotocols.msgpack,
        timeoutMs: 1_000,
        frameBytesMax: 1_000,
      };
      nodePlatform.dial(target, {
        opened: () => undefined,
        received: () => resolve("received"),
        closed: ({ reason }) => resolve(reason),
      });
    });

    expect(end).toMatch(/payload/i);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

test("a seed is an unsigned number of 32 bits", () => {
  const seeds = Array.from({ length: 100 }, () => nodePlatform.drawSeed());

  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  expect(new Set(seeds).size).toBeGreaterThan(90);
});
