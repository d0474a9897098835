// platform.ts — the slice of the world that this package needs (DESIGN §8). The daemon's
// node-platform.ts and the simulator satisfy it structurally.
import type { Disk } from "../storage/disk.ts";

export interface Timer {
  cancel(): void;
}

export interface Platform {
  /** Never jumps, never goes back; milliseconds with fractions. */
  monotonicNow(): number;
  /** Calls back once after `delayMs` (≥ 0) unless cancelled. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Calls back after the sockets that are readable now were read: the end of this turn of the loop. */
  afterTurn(callback: () => void): void;
  /** An unsigned 32-bit seed for the core's dice. */
  drawSeed(): number;
  readonly disk: Disk;
}
