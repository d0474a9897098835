// virtual-world.ts — a world for the client whose clock, turns, dice and network are ours.
// Nothing happens but in `run`; what is due at the same time happens in the order it was asked for.
import type { ClientPlatform, DialTarget, Socket, SocketListener, Timer } from "../src/platform.ts";

/** The other end of a virtual connection. */
export interface Peer {
  received(data: Uint8Array | string): void;
  closed(): void;
}

/** What answers at an address: takes the far end of the wire, gives who listens there. */
export type Acceptor = (wire: Wire, target: DialTarget) => Peer | undefined;

/** The daemon's end of a connection. */
export interface Wire {
  send(data: Uint8Array | string): void;
  close(code: number): void;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

const latencyMs = 1;

export class VirtualWorld implements ClientPlatform {
  readonly dialed: string[] = [];
  /** Numbers to draw; after the last one it goes on with that one. */
  seeds: number[] = [0];
  /** Sockets hold what they are given while true. */
  isClogged = false;
  #now = 0;
  #order = 0;
  #due: Due[] = [];
  readonly #acceptors = new Map<string, Acceptor>();

  listen(url: string, acceptor: Acceptor): void {
    this.#acceptors.set(url, acceptor);
  }

  monotonicNow(): number {
    return this.#now;
  }

  /** Moved by a test: the machine slept, or somebody set the clock. */
  wallOffsetMs = 1_700_000_000_000;

  wallNow(): number {
    return this.#now + this.wallOffsetMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const due = this.#plan(this.#now + delayMs, callback);
    return { cancel: () => this.#forget(due) };
  }

  afterTurn(callback: () => void): void {
    this.#plan(this.#now, callback);
  }

  drawSeed(): number {
    const [seed = 0, ...rest] = this.seeds;
    if (rest.length > 0) this.seeds = rest;
    return seed;
  }

  get timersRunning(): number {
    return this.#due.length;
  }

  /** Lets `ms` pass. Promises settle after each thing that happens. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.at;
      this.#forget(next);
      next.act();
      await settle();
    }
    this.#now = until;
  }

  dial(target: DialTarget, listener: SocketListener): Socket {
    this.dialed.push(target.url);
    let state: "dialing" | "open" | "closed" = "dialing";
    let peer: Peer | undefined;
    const end = (code: number, reason: string): void => {
      if (state === "closed") return;
      state = "closed";
      listener.closed({ code, reason });
    };
    const later = (act: () => void): void => void this.#plan(this.#now + latencyMs, act);
    const wire: Wire = {
      send: (data) => later(() => state === "open" && listener.received(data)),
      close: (code) => later(() => end(code, "")),
    };
    later(() => {
      const acceptor = this.#acceptors.get(target.url);
      if (acceptor === undefined) return end(1006, "connection refused");
      peer = acceptor(wire, target);
      if (peer === undefined || state !== "dialing") return undefined;
      state = "open";
      return listener.opened();
    });
    return {
      send: (data) => {
        if (state !== "open") throw new Error("a socket that is not open was given something");
        later(() => peer?.received(data));
      },
      bufferedBytes: () => (this.isClogged ? 2 ** 30 : 0),
      close: () => {
        later(() => peer?.closed());
        later(() => end(1000, ""));
      },
      terminate: () => {
        later(() => peer?.closed());
        end(1006, "terminated");
      },
    };
  }

  #plan(at: number, act: () => void): Due {
    this.#order += 1;
    const due = { at, order: this.#order, act };
    this.#due.push(due);
    return due;
  }

  #forget(due: Due): void {
    this.#due = this.#due.filter((other) => other !== due);
  }

  #next(until: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (due.at > until) continue;
      if (first === undefined || due.at < first.at) first = due;
      else if (due.at === first.at && due.order < first.order) first = due;
    }
    return first;
  }
}

/** All promises that can settle now have settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
