// platform.ts — the slice of the world that the daemon needs (DESIGN §8): clock, timers and turns,
// disk, network, dice. node-platform.ts makes it from Node; the simulator makes its own.
// Nothing below daemon.ts may reach the world by another way.
import type { Disk, ProcessFacts, Timer } from "@rogerd/raft";
import type { Network } from "./network.ts";

export interface Platform {
  /** Never jumps, never goes back; milliseconds with fractions. */
  monotonicNow(): number;
  /** Milliseconds since 1970 as this machine's clock says. Only ever shown, never compared. */
  wallNow(): number;
  /** Calls back once after `delayMs` (≥ 0) unless cancelled. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Calls back after the sockets that are readable now were read: the end of this turn of the loop. */
  afterTurn(callback: () => void): void;
  /** An unsigned 32-bit seed for dice. */
  drawSeed(): number;
  /** Random bytes fit for identities. */
  randomBytes(count: number): Uint8Array;
  /** SHA-256. */
  digest(bytes: Uint8Array): Uint8Array;
  /** Takes the same time whether or not, and wherever, the two differ. */
  isSameSecret(pair: { readonly given: string; readonly expected: string }): boolean;
  readonly disk: Disk;
  /** Which processes live: for the lock of the data directory. */
  readonly process: ProcessFacts;
  /** What a module of the operator's exports (`--persister`). Rejects if it does not load. */
  loadModule(path: string): Promise<Readonly<Record<string, unknown>>>;
  readonly network: Network;
}
