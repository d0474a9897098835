// switchboard.ts — clock and network of several nodes in one place, moved by the test alone: frames wait
// until they are delivered, timers until the clock is put forward. Deterministic.
import type { Timer } from "@rogerd/raft";
import type {
  Closing,
  Dial,
  DialListener,
  ListeningPort,
  Network,
  PortListener,
  Socket,
  SocketListener,
} from "../../src/network.ts";

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export class Switchboard {
  nowMs = 1_000;
  /** All attempts, by the url that was dialed. */
  readonly dialed: string[] = [];
  /** The dialing ends of them, in the same order. */
  readonly ends: WireEnd[] = [];
  #order = 0;
  readonly #timers = new Set<Due>();
  readonly #ports = new Map<number, PortListener>();
  #waiting: (() => void)[] = [];
  #nextPort = 7_000;

  /** What a node needs of the world. The seed is always the middle: waits are the same each time. */
  readonly platform = {
    monotonicNow: (): number => this.nowMs,
    setTimer: (delayMs: number, callback: () => void): Timer => {
      this.#order += 1;
      const due = { atMs: this.nowMs + delayMs, order: this.#order, callback };
      this.#timers.add(due);
      return { cancel: () => this.#timers.delete(due) };
    },
    afterTurn: (callback: () => void): void => this.later(callback),
    drawSeed: (): number => 2 ** 31,
    isSameSecret: (pair: { given: string; expected: string }): boolean =>
      pair.given === pair.expected,
    network: this.#network(),
  };

  later(event: () => void): void {
    this.#waiting.push(event);
  }

  /** Delivers what waits, and what that brings about. */
  deliver(): void {
    for (let rounds = 0; this.#waiting.length > 0; rounds += 1) {
      if (rounds > 10_000) throw new Error("it never comes to rest");
      const events = this.#waiting;
      this.#waiting = [];
      for (const event of events) event();
    }
  }

  /** Puts the clock forward, with all that happens on the way. */
  advance(ms: number): void {
    const until = this.nowMs + ms;
    this.deliver();
    for (;;) {
      const next = [...this.#timers]
        .filter((due) => due.atMs <= until)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
      this.deliver();
    }
    this.nowMs = until;
  }

  #network(): Network {
    return {
      dial: (dial, listener) => this.#dial(dial, listener),
      listen: (port, listener) => this.#listen(port.host, listener),
    };
  }

  async #listen(host: string, listener: PortListener): Promise<ListeningPort> {
    this.#nextPort += 1;
    const port = this.#nextPort;
    this.#ports.set(port, listener);
    return {
      host,
      port,
      stopAccepting: () => this.#ports.delete(port),
      close: async () => void this.#ports.delete(port),
    };
  }

  #dial(dial: Dial, listener: DialListener): Socket {
    this.dialed.push(dial.url);
    const url = new URL(dial.url);
    const near = new WireEnd(this, dial.url);
    const far = new WireEnd(this, `dialer ${this.dialed.length}`);
    near.join({ other: far, listener });
    this.ends.push(near);
    this.later(() => {
      const port = this.#ports.get(Number(url.port));
      const request = {
        path: url.pathname,
        headers: {},
        remote: far.remote,
        subprotocols: dial.subprotocols,
      };
      const verdict = port?.judgeUpgrade(request);
      if (port === undefined || verdict?.kind !== "accept") {
        return near.end({ code: 1006, reason: "" });
      }
      const { subprotocol } = verdict;
      far.join({ other: near, listener: port.accepted({ socket: far, subprotocol }) });
      this.later(() => listener.opened());
    });
    return near;
  }
}

/** One end of a WebSocket. What is sent is heard at the other end when the switchboard delivers. */
export class WireEnd implements Socket {
  readonly remote: string;
  bufferedAmount = 0;
  /** False: frames and pings vanish, as on a cable that was cut. */
  isConnected = true;
  readonly #board: Switchboard;
  #other: WireEnd | undefined;
  #listener: SocketListener | undefined;
  #isEnded = false;

  constructor(board: Switchboard, remote: string) {
    this.#board = board;
    this.remote = remote;
  }

  join(parts: { readonly other: WireEnd; readonly listener: SocketListener }): void {
    this.#other = parts.other;
    this.#listener = parts.listener;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  send(frame: Uint8Array | string): void {
    if (this.#isEnded || !this.isConnected) return;
    this.#board.later(() => this.#other?.hear((listener) => listener.frame(frame)));
  }

  ping(): void {
    if (this.#isEnded || !this.isConnected) return;
    this.#board.later(() => this.hear((listener) => listener.pong()));
  }

  close(closing: Closing): void {
    this.#board.later(() => {
      this.#other?.end(closing);
      this.end(closing);
    });
  }

  terminate(): void {
    this.#board.later(() => {
      if (this.isConnected) this.#other?.end({ code: 1006, reason: "" });
      this.end({ code: 1006, reason: "" });
    });
  }

  hear(event: (listener: SocketListener) => void): void {
    if (!this.#isEnded && this.#listener !== undefined) event(this.#listener);
  }

  end(closing: Closing): void {
    if (this.#isEnded) return;
    this.hear((listener) => listener.closed(closing));
    this.#isEnded = true;
  }
}
