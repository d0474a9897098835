// virtual-world.ts — a world for the client whose clock, turns, dice and network are ours.
// Nothing happens but in `run`; what is due at the same time happens in the order it was asked for.
import { Keeper } from "../src/keeper.ts";
import type { KeeperNews, KeeperSettings } from "../src/keeper-words.ts";
import type {
  ClientPlatform,
  DialTarget,
  Socket,
  SocketListener,
  Thread,
  ThreadListener,
  Timer,
} from "../src/platform.ts";

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
  /** Whose turn it takes; undefined: the network's, or a daemon's. */
  readonly loop: Loop | undefined;
  readonly act: () => void;
}

/** The client's, or its keeper's. */
interface Loop {
  mood: "turning" | "blocked" | "over";
  readonly sockets: Set<Socket>;
}

interface RunningKeeper {
  readonly loop: Loop;
  readonly listener: ThreadListener;
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
  readonly #own = aLoop();
  #keepers: RunningKeeper[] = [];

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
    return this.#timer(this.#own, delayMs, callback);
  }

  #timer(loop: Loop, delayMs: number, callback: () => void): Timer {
    const due = this.#plan(this.#now + delayMs, loop, callback);
    return { cancel: () => this.#forget(due) };
  }

  afterTurn(callback: () => void): void {
    this.#plan(this.#now, this.#own, callback);
  }

  drawSeed(): number {
    const [seed = 0, ...rest] = this.seeds;
    if (rest.length > 0) this.seeds = rest;
    return seed;
  }

  get timersRunning(): number {
    return this.#due.length;
  }

  /** The client's loop stands still from now on; its keeper's, the network and the daemons go on. */
  block(): void {
    this.#own.mood = "blocked";
  }

  /** What has come meanwhile comes now, in its order. */
  unblock(): void {
    this.#own.mood = "turning";
  }

  /** Their sockets close with them. */
  killKeepers(): void {
    for (const { loop, listener } of this.#keepers) {
      this.#end(loop);
      this.#plan(this.#now, this.#own, () => listener.died("killed"));
    }
    this.#keepers = [];
  }

  get keepersRunning(): number {
    return this.#keepers.length;
  }

  /** The real keeper, on a loop of its own. */
  startKeeper = (settings: KeeperSettings, listener: ThreadListener): Thread => {
    const loop = aLoop();
    const running = { loop, listener };
    const said: KeeperNews[] = [];
    let lastBeatMs = 0;
    const keeper = new Keeper({
      platform: {
        monotonicNow: () => this.monotonicNow(),
        wallNow: () => this.wallNow(),
        setTimer: (delayMs, callback) => this.#timer(loop, delayMs, callback),
        afterTurn: (callback) => void this.#plan(this.#now, loop, callback),
        drawSeed: () => 0,
        dial: (target, socketListener) => this.#dial(loop, target, socketListener),
      },
      settings,
      lastBeatMs: () => lastBeatMs,
      tell: (news) => {
        said.push(news);
        this.#plan(this.#now, this.#own, () => loop.mood !== "over" && listener.said());
      },
    });
    this.#keepers.push(running);
    return {
      beat: () => {
        lastBeatMs = this.#now;
      },
      tell: (order) => void this.#plan(this.#now, loop, () => keeper.heed(order)),
      take: () => said.splice(0),
      stop: () => {
        this.#end(loop);
        this.#keepers = this.#keepers.filter((other) => other !== running);
      },
    };
  };

  #end(loop: Loop): void {
    loop.mood = "over";
    this.#due = this.#due.filter((due) => due.loop !== loop);
    for (const socket of loop.sockets) socket.terminate();
  }

  /** Lets `ms` pass. Promises settle after each thing that happens. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      // What a blocked loop was to do is late.
      this.#now = Math.max(this.#now, next.at);
      this.#forget(next);
      next.act();
      await settle();
    }
    this.#now = until;
  }

  dial(target: DialTarget, listener: SocketListener): Socket {
    this.dialed.push(target.url);
    return this.#dial(this.#own, target, listener);
  }

  #dial(loop: Loop, target: DialTarget, listener: SocketListener): Socket {
    let state: "dialing" | "open" | "closed" = "dialing";
    let peer: Peer | undefined;
    const end = (code: number, reason: string): void => {
      if (state === "closed") return;
      state = "closed";
      listener.closed({ code, reason });
    };
    const later = (whose: Loop | undefined, act: () => void): void =>
      void this.#plan(this.#now + latencyMs, whose, act);
    const wire: Wire = {
      send: (data) => later(loop, () => state === "open" && listener.received(data)),
      close: (code) => later(loop, () => end(code, "")),
    };
    later(loop, () => {
      const acceptor = this.#acceptors.get(target.url);
      if (acceptor === undefined) return end(1006, "connection refused");
      peer = acceptor(wire, target);
      if (peer === undefined || state !== "dialing") return undefined;
      state = "open";
      return listener.opened();
    });
    const socket: Socket = {
      send: (data) => {
        if (state !== "open") throw new Error("a socket that is not open was given something");
        later(undefined, () => peer?.received(data));
      },
      bufferedBytes: () => (this.isClogged ? 2 ** 30 : 0),
      close: () => {
        later(undefined, () => peer?.closed());
        later(loop, () => end(1000, ""));
      },
      terminate: () => {
        later(undefined, () => peer?.closed());
        if (loop.mood !== "over") end(1006, "terminated");
      },
    };
    loop.sockets.add(socket);
    return socket;
  }

  #plan(at: number, loop: Loop | undefined, act: () => void): Due {
    this.#order += 1;
    const due = { at, order: this.#order, loop, act };
    if (loop?.mood !== "over") this.#due.push(due);
    return due;
  }

  #forget(due: Due): void {
    this.#due = this.#due.filter((other) => other !== due);
  }

  #next(until: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (due.at > until || due.loop?.mood === "blocked") continue;
      if (first === undefined || due.at < first.at) first = due;
      else if (due.at === first.at && due.order < first.order) first = due;
    }
    return first;
  }
}

function aLoop(): Loop {
  return { mood: "turning", sockets: new Set() };
}

/** All promises that can settle now have settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
