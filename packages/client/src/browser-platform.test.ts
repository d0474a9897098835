// The browser's WebSocket, in the hands of a test: what it is told to do, and what it says when.
import { subprotocols } from "@rogerd/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as browser from "./browser.ts";
import { browserPlatform } from "./browser-platform.ts";
import * as node from "./index.ts";
import type { Socket } from "./platform.ts";

class PageSocket extends EventTarget {
  static last: PageSocket | undefined;
  binaryType = "blob";
  bufferedAmount = 3;
  readonly did: unknown[] = [];

  constructor(url: string, protocol: string) {
    super();
    if (url.startsWith("ws://insecure"))
      throw new Error("an insecure WebSocket from a secure page");
    this.did.push(["dial", url, protocol]);
    PageSocket.last = this;
  }

  send(data: unknown): void {
    this.did.push(["send", data]);
  }

  close(...how: unknown[]): void {
    this.did.push(["close", ...how]);
  }

  says(type: string, more: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(type), more));
  }
}

beforeEach(() => vi.stubGlobal("WebSocket", PageSocket));
afterEach(() => vi.unstubAllGlobals());

interface Dialed {
  readonly socket: Socket;
  readonly page: PageSocket;
  readonly told: unknown[];
  readonly turn: () => Promise<void>;
}

function dialed({ host = "n1", timeoutMs = 60_000 } = {}): Dialed {
  const told: unknown[] = [];
  const target = {
    url: `ws://${host}:7401/v1`,
    subprotocol: subprotocols.msgpack,
    timeoutMs,
    frameBytesMax: 4,
  };
  PageSocket.last = undefined;
  const socket = browserPlatform.dial(target, {
    opened: () => told.push("opened"),
    received: (data) => told.push(data),
    closed: (end) => told.push(end),
  });
  const page = PageSocket.last ?? new PageSocket("ws://nobody", "");
  const turn = () => new Promise<void>((resolve) => browserPlatform.afterTurn(resolve));
  return { socket, page, told, turn };
}

describe("a socket of a browser", () => {
  test("dials, sends and receives bytes and text", () => {
    const { page, socket, told } = dialed();

    page.says("open");
    socket.send("hello");
    page.says("message", { data: new Uint8Array([1, 2]).buffer });
    page.says("message", { data: "text" });
    page.says("close", { code: 4_401, reason: "wrong credential" });

    expect(page.binaryType).toBe("arraybuffer");
    expect(page.did).toEqual([
      ["dial", "ws://n1:7401/v1", "rogerd.v1.msgpack"],
      ["send", "hello"],
    ]);
    expect(told).toEqual([
      "opened",
      new Uint8Array([1, 2]),
      "text",
      { code: 4_401, reason: "wrong credential" },
    ]);
    expect(socket.bufferedBytes()).toBe(3);
  });

  test("closes with the codes that a page may say, and without one where it may not", () => {
    const { page, socket } = dialed();

    socket.close({ code: 1_000, reason: "r".repeat(200) });
    socket.close({ code: 4_400, reason: "bad frame" });
    socket.close({ code: 1_009, reason: "too large" });

    expect(page.did.slice(1)).toEqual([
      ["close", 1_000, "r".repeat(40)],
      ["close", 4_400, "bad frame"],
      ["close"],
    ]);
  });

  test("is closed once, and never in the turn of its terminate, though the other side says nothing", async () => {
    const { page, socket, told, turn } = dialed();
    page.says("open");

    socket.terminate();
    const before = [...told];
    await turn();
    page.says("message", { data: "late" });
    page.says("close", { code: 1_000, reason: "" });

    expect(before).toEqual(["opened"]);
    expect(told).toEqual(["opened", { code: 1_006, reason: "terminated" }]);
  });

  test("that gets a message that is too large is given up", async () => {
    const { page, told, turn } = dialed();
    page.says("open");

    page.says("message", { data: new Uint8Array(5).buffer });
    await turn();

    expect(told).toEqual(["opened", { code: 1_006, reason: "a message of 5 is too large" }]);
  });

  test("that the browser does not let its page dial is closed, after dial has returned", async () => {
    const { told, turn } = dialed({ host: "insecure" });
    const before = [...told];
    await turn();

    const reason = "an insecure WebSocket from a secure page";
    expect([before, told]).toEqual([[], [{ code: 1_006, reason }]]);
  });

  test("that is answered by nobody in time is given up", async () => {
    const { told, turn } = dialed({ timeoutMs: 1 });

    await vi.waitFor(() => expect(told.length).toBe(1));
    await turn();

    expect(told).toEqual([{ code: 1_006, reason: "no connection within 1 ms" }]);
  });
});

test("time goes on, timers are cancelled, and dice are thrown", async () => {
  const before = browserPlatform.monotonicNow();
  const fired: string[] = [];
  browserPlatform.setTimer(0, () => fired.push("cancelled")).cancel();
  await new Promise<void>((resolve) => void browserPlatform.setTimer(5, resolve));

  const seeds = new Set(Array.from({ length: 20 }, () => browserPlatform.drawSeed()));

  expect(browserPlatform.monotonicNow()).toBeGreaterThan(before);
  expect(fired).toEqual([]);
  expect(seeds.size).toBeGreaterThan(10);
  expect(Math.abs(browserPlatform.wallNow() - Date.now())).toBeLessThan(60_000);
});

test("the door for browsers exports what the door for Node does", () => {
  expect(Object.keys(browser).toSorted()).toEqual(Object.keys(node).toSorted());
});

test("a thread for keepalives is refused: a page has none of ours", async () => {
  const connecting = browser.connect({ endpoints: ["n1:7401"], keepalives: "thread" });

  await expect(connecting).rejects.toMatchObject({ code: "invalid_argument", path: "keepalives" });
});
