// The client port on real sockets: what only bytes on a wire can show.
import { request } from "node:http";
import { connect } from "node:net";
import { closeCodes, encodeFrame, type Request, subprotocols } from "@rogerd/protocol";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { paused, start } from "../../test/outer/a-port.ts";
import { aRealClient, aRealPort, RealClient, type RealPort } from "../../test/outer/real-port.ts";
import { type Log, silentLog } from "../observe/log.ts";

async function aPort(choices: Parameters<typeof aRealPort>[0] = {}): Promise<RealPort> {
  const port = await aRealPort(choices);
  onTestFinished(() => port.listener.close());
  return port;
}

/** The status and body of an upgrade that is not granted. */
function upgrade(
  address: string,
  offer: { readonly subprotocols?: string[]; readonly headers?: Record<string, string> },
): Promise<{ readonly status: number; readonly body: string } | "open"> {
  return new Promise((resolve) => {
    const webSocket = new WebSocket(
      `ws://${address}/v1`,
      offer.subprotocols ?? [subprotocols.json],
      { headers: offer.headers ?? {} },
    );
    webSocket.on("error", () => undefined);
    webSocket.on("open", () => {
      webSocket.terminate();
      resolve("open");
    });
    webSocket.on("unexpected-response", (_, response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("utf8");
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}

interface Posted {
  readonly status: number;
  readonly value: unknown;
}

function post(address: string, body: string | Buffer, headers = {}): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `http://${address}/v1/command`,
      { method: "POST", headers: { "content-type": "application/json", ...headers } },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString("utf8");
        });
        response.on("end", () => {
          const value: unknown = JSON.parse(text);
          resolve({ status: response.statusCode ?? 0, value });
        });
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("WebSockets on the wire", () => {
  test.each([subprotocols.msgpack, subprotocols.json])("%s: asked and answered", async (spoken) => {
    const port = await aPort();
    const client = await aRealClient(port.address, spoken);

    client.say({ kind: "requests", requests: [start(1), paused(2)] });
    const first = await client.next("answers");
    const second = first?.answers.length === 2 ? undefined : await client.next("answers");

    const answers = [...(first?.answers ?? []), ...(second?.answers ?? [])];
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2]));
  });

  test("requests of many connections that arrive in one turn share an entry", async () => {
    const port = await aPort();
    const clients = await Promise.all([1, 2, 3, 4].map(() => aRealClient(port.address)));

    for (const client of clients) client.say({ kind: "requests", requests: [start(1)] });
    await Promise.all(clients.map((client) => client.next("answers")));

    expect(port.node.entries.length).toBeLessThan(4);
  });

  test("no subprotocol of ours, a foreign page and a strange host are refused at the upgrade", async () => {
    const { address } = await aPort();

    const verdicts = [
      await upgrade(address, { subprotocols: ["mqtt"] }),
      await upgrade(address, { headers: { origin: "https://evil.example" } }),
      await upgrade(address, { headers: { host: "evil.example" } }),
      await upgrade(address, {}),
    ];

    expect(verdicts).toEqual([
      { status: 400, body: expect.stringContaining(subprotocols.msgpack) },
      { status: 403, body: expect.stringContaining("evil.example") },
      { status: 403, body: expect.stringContaining("evil.example") },
      "open",
    ]);
  });

  test("a frame that is too large closes its connection with 1009, and no other", async () => {
    const port = await aPort({ bounds: { frameBytesMax: 1_000 } });
    const [large, other] = [await aRealClient(port.address), await aRealClient(port.address)];

    large.webSocket.send(Buffer.alloc(2_000));
    const code = await large.closed();
    other.say({ kind: "ping", id: 5 });

    expect([code, await other.next("pong")]).toEqual([1009, { kind: "pong", id: 5 }]);
  });

  test("text that is no UTF-8 closes its connection with 1007", async () => {
    const port = await aPort();
    const client = await aRealClient(port.address, subprotocols.json);

    client.webSocket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });

    expect(await client.closed()).toBe(1007);
  });

  test("one connection too many is told so in a frame, and closed with our code", async () => {
    const port = await aPort({ bounds: { connectionsMax: 1 } });
    await aRealClient(port.address);

    const more = new RealClient(port.address);

    expect(await more.next("error")).toMatchObject({ error: { code: "overloaded" } });
    expect(await more.closed()).toBe(closeCodes.tooManyConnections);
  });

  test("a reader that stops reading is cut, and the others go on", async () => {
    const told: string[] = [];
    const info: Log["info"] = (_, message) => told.push(message);
    const bounds = { outboxBytesMax: 4 * 1024 * 1024, closeGraceMs: 50 };
    const port = await aPort({ bounds, log: { ...silentLog, info } });
    const [slow, other] = [await aRealClient(port.address), await aRealClient(port.address)];
    const queues = Array.from({ length: 1_000 }, (_, id) => pauseLong(id));
    other.say({ kind: "requests", requests: [start(1_000), ...queues] });
    await other.next("answers");
    slow.webSocket.pause();

    for (let asked = 1; !told.includes("slow client cut off"); asked += 1) {
      slow.say({ kind: "requests", requests: [paused(asked)] });
      other.say({ kind: "ping", id: asked });
      await other.next("pong");
    }
    slow.webSocket.resume();
    await slow.closed();
    other.say({ kind: "ping", id: 0 });

    expect(await other.next("pong")).toEqual({ kind: "pong", id: 0 });
  });

  test("a drain answers what is in flight and says goodbye; then the port is free", async () => {
    const port = await aRealPort();
    port.node.decidesAtOnce = false;
    const client = await aRealClient(port.address);
    client.say({ kind: "requests", requests: [start(1)] });
    client.say({ kind: "ping", id: 1 });
    await client.next("pong");

    const drained = port.listener.drain();
    await client.next("goodbye");
    port.node.applyAll();
    const answered = await client.next("answers");
    await drained;
    const code = await client.closed();
    await port.listener.close();

    expect([answered?.answers.length, code]).toEqual([1, closeCodes.goingAway]);
    await expect(post(port.address, "{}")).rejects.toThrow();
  });
});

function pauseLong(id: number): Request {
  const queue = `${id}-${"q".repeat(480)}`;
  return { id, partition: "acme", command: "roger.queuePause", args: { queue } };
}

describe("HTTP on the wire", () => {
  test("a command by POST is answered", async () => {
    const { address } = await aPort();

    const reply = await post(
      address,
      JSON.stringify({ partition: "acme", command: "partition.start" }),
    );

    expect(reply).toEqual({
      status: 200,
      value: { revision: 2, n: 0, result: { status: "changed", changed: true } },
    });
  });

  test("a body that is too long is 413, with an error object, and the port lives on", async () => {
    const { address } = await aPort({ bounds: { httpBodyBytesMax: 10_000 } });

    const reply = await post(address, Buffer.alloc(50_000, 0x20));
    const next = await post(address, "{}");

    expect(reply).toMatchObject({ status: 413, value: { error: { code: "payload_too_large" } } });
    expect(next.status).toBe(400);
  });

  test("a client that leaves in the middle of its body harms nobody", async () => {
    const { address } = await aPort();
    const [host = "", port = ""] = address.split(":");
    const socket = connect({ host, port: Number(port) });
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(
      "POST /v1/command HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    );
    socket.destroy();

    const next = await post(address, "{}");

    expect(next.status).toBe(400);
  });
});

describe("strangers", () => {
  test("whatever bytes strangers send as frames, others are served", async () => {
    const port = await aPort();
    const witness = await aRealClient(port.address);
    const known = [
      { kind: "hello", protocol: 1, client: "x" } as const,
      { kind: "ping", id: 1 } as const,
      { kind: "requests", requests: [start(1)], floor: 3 } as const,
    ].map((frame) => Buffer.from(encodeFrame(subprotocols.msgpack, frame)));
    let id = 0;

    await fc.assert(
      fc.asyncProperty(fc.array(garbage(known), { maxLength: 8 }), async (frames) => {
        const stranger = new RealClient(port.address);
        await stranger.opened();
        for (const frame of frames) stranger.webSocket.send(frame.data, { binary: frame.isBinary });
        id += 1;
        witness.say({ kind: "requests", requests: [start(id)] });

        const answered = await witness.next("answers");
        stranger.webSocket.terminate();

        return answered?.answers[0]?.id === id;
      }),
      { numRuns: 150 },
    );
  });

  test("whatever bytes strangers send to the port, others are served", async () => {
    const port = await aPort();
    const witness = await aRealClient(port.address);
    const [host = "", number = ""] = port.address.split(":");
    const upgradeHead = `GET /v1 HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: ${subprotocols.msgpack}\r\n\r\n`;
    const heads = fc.constantFrom(
      "",
      "GET / HTTP/1.1\r\n",
      "POST /v1/command HTTP/1.1\r\n",
      upgradeHead,
    );
    let id = 0;

    await fc.assert(
      fc.asyncProperty(heads, fc.uint8Array({ maxLength: 200 }), async (head, bytes) => {
        const socket = connect({ host, port: Number(number) });
        socket.on("error", () => undefined);
        await new Promise((resolve) => socket.once("connect", resolve));
        socket.write(head);
        socket.write(bytes);
        id += 1;
        witness.say({ kind: "ping", id });

        const pong = await witness.next("pong");
        socket.destroy();

        return pong?.id === id;
      }),
      { numRuns: 100 },
    );
  });
});

interface Garbage {
  readonly data: Uint8Array;
  readonly isBinary: boolean;
}

/** Random bytes, and known frames with a few bytes changed, cut or doubled. */
function garbage(known: readonly Buffer[]): fc.Arbitrary<Garbage> {
  const random = fc.uint8Array({ maxLength: 100 });
  const damaged = fc
    .record({
      frame: fc.constantFrom(...known),
      at: fc.nat(),
      byte: fc.nat(255),
      cut: fc.nat(),
    })
    .map(({ frame, at, byte, cut }) => {
      const bytes = Uint8Array.from(frame);
      bytes[at % bytes.length] = byte;
      return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
    });
  const whole = fc.constantFrom(...known.map((frame) => Uint8Array.from(frame)));
  return fc.record({
    data: fc.oneof(random, damaged, whole),
    isBinary: fc.boolean(),
  });
}
