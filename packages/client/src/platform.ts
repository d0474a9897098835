// platform.ts — the slice of the world that the client needs (DESIGN §8). node-platform.ts and the
// simulator satisfy it structurally; nothing else here knows a clock, a timer, dice or a socket.
import type { Subprotocol } from "@rogerd/protocol";
import type { KeeperNews, KeeperOrder, KeeperSettings } from "./keeper-words.ts";

export interface Timer {
  cancel(): void;
}

export interface DialTarget {
  /** `ws://host:port/v1` */
  readonly url: string;
  readonly subprotocol: Subprotocol;
  readonly timeoutMs: number;
  /** A message larger than this ends the connection. */
  readonly frameBytesMax: number;
}

/** What a socket tells. Never before `dial` has returned; nothing after `closed`, which comes once. */
export interface SocketListener {
  opened(): void;
  received(data: Uint8Array | string): void;
  closed(end: { readonly code: number; readonly reason: string }): void;
}

export interface Socket {
  /** Only between `opened` and `closed`. */
  send(data: Uint8Array | string): void;
  /** Bytes given to `send` that the network has not taken yet. */
  bufferedBytes(): number;
  /** In order: what was sent goes out first. `closed` follows. */
  close(end: { readonly code: number; readonly reason: string }): void;
  /** At once, waiting for nobody. `closed` follows. */
  terminate(): void;
}

/** A keeper on a loop of its own: it goes on where this one is blocked. It keeps no process alive. */
export interface Thread {
  /** This loop turns, at this moment: read there without this loop's help. */
  beat(): void;
  tell(order: KeeperOrder): void;
  /** What it has said up to this moment and nobody has taken, oldest first. */
  take(): readonly KeeperNews[];
  /** It ends, and nothing more is told of it. */
  stop(): void;
}

/** Never before `startKeeper` has returned. */
export interface ThreadListener {
  /** There is something to take. */
  said(): void;
  /** It has ended by itself: once, and last. */
  died(reason: string): void;
}

export interface ClientPlatform {
  /** Never jumps, never goes back; milliseconds with fractions. A thread's is the same. */
  monotonicNow(): number;
  /** Of day, milliseconds since 1970: it goes on while the machine sleeps. It may jump. */
  wallNow(): number;
  /** Calls back once after `delayMs` (≥ 0) unless cancelled. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Calls back at the end of this turn of the loop, when the sockets readable now were read. */
  afterTurn(callback: () => void): void;
  /** An unsigned 32-bit number that nobody can foresee. */
  drawSeed(): number;
  /** Failure to connect is told by `closed`; it never throws for an address that parses. */
  dial(target: DialTarget, listener: SocketListener): Socket;
  /** Runs a `Keeper` (keeper.ts). Absent: there are no threads here. */
  readonly startKeeper?: (settings: KeeperSettings, listener: ThreadListener) => Thread;
}
