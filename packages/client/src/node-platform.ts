// node-platform.ts — the world as Node gives it: clock, timers, the end of a turn, dice, WebSockets, and a
// thread (node-keeper-thread.ts). It decides nothing.
import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import { startNodeKeeper } from "./node-keeper-thread.ts";
import type { ClientPlatform, DialTarget, Socket, SocketListener, Timer } from "./platform.ts";

export const nodePlatform: ClientPlatform = {
  monotonicNow,
  wallNow: () => Date.now(),
  setTimer,
  // After the poll phase: all that the sockets brought in this turn has been handled.
  afterTurn: (callback) => void setImmediate(callback),
  drawSeed: () => randomBytes(4).readUInt32LE(),
  dial,
  startKeeper: startNodeKeeper,
};

/** `performance.now()` counts from when its thread began: this one is the same in all of them. */
function monotonicNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

function setTimer(delayMs: number, callback: () => void): Timer {
  const timer = setTimeout(callback, delayMs);
  return { cancel: () => clearTimeout(timer) };
}

function dial(target: DialTarget, listener: SocketListener): Socket {
  const webSocket = new WebSocket(target.url, target.subprotocol, {
    // Compression costs fifteen times the throughput on both ends.
    perMessageDeflate: false,
    maxPayload: target.frameBytesMax,
    handshakeTimeout: target.timeoutMs,
    followRedirects: false,
  });
  let failure = "";
  webSocket.on("open", () => listener.opened());
  webSocket.on("message", (data: Buffer | ArrayBuffer | Buffer[]) => {
    listener.received(bytesOf(data));
  });
  // A failed dial is told by `error` and then `close`; the words are only in the first.
  webSocket.on("error", (error: Error) => {
    failure = error.message;
  });
  webSocket.on("close", (code: number, reason: Buffer) => {
    listener.closed({ code, reason: failure === "" ? reason.toString() : failure });
  });
  return {
    send: (data) => webSocket.send(data),
    bufferedBytes: () => webSocket.bufferedAmount,
    // At most 123 bytes may be said, in any script.
    close: ({ code, reason }) => webSocket.close(code, reason.slice(0, 40)),
    terminate: () => webSocket.terminate(),
  };
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
