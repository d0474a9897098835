// virtual-platform.ts — a clock and event loops of our own: many processes in one, from one order of
// events. Same inputs, same order, on every machine. A process can be blocked (a long pause of its
// loop, a suspended machine): what happens meanwhile waits, and then comes in the order of a real
// loop: timers, then what sockets and disk have brought, then the end of the turn.
import { assert } from "../src/core/assert.ts";
import type { Platform, Timer } from "../src/node/platform.ts";
import type { Disk } from "../src/storage/disk.ts";
import { settlePromises } from "./node-turn.ts";

/** The phases of one turn of a loop. */
const lanes = { timer: 0, arrival: 1, afterTurn: 2 } as const;
export type Lane = keyof typeof lanes;

interface VirtualEvent {
  at: number;
  readonly lane: Lane;
  readonly order: number;
  readonly process: VirtualProcess | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

export class VirtualWorld {
  #now = 0;
  #order = 0;
  #events: VirtualEvent[] = [];
  #seed: number;

  constructor(seed = 1) {
    this.#seed = seed >>> 0;
  }

  get now(): number {
    return this.#now;
  }

  /** Dice for the world itself: delays, seeds. Small, known, repeatable (mulberry32). */
  draw(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) >>> 0;
    let mixed = this.#seed;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  schedule(event: {
    readonly afterMs: number;
    readonly lane: Lane;
    readonly process?: VirtualProcess | undefined;
    readonly run: () => void;
  }): Timer {
    this.#order += 1;
    const scheduled: VirtualEvent = {
      at: this.#now + Math.max(0, event.afterMs),
      lane: event.lane,
      order: this.#order,
      process: event.process,
      run: event.run,
      isCancelled: false,
    };
    this.#insert(scheduled);
    return {
      cancel: () => {
        scheduled.isCancelled = true;
      },
    };
  }

  async runFor(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await settlePromises();
    while ((this.#events.at(-1)?.at ?? Number.POSITIVE_INFINITY) <= end) await this.#next();
    this.#now = end;
  }

  /** Runs until `condition` holds; a test that never gets there fails here. */
  async runUntil(
    condition: () => boolean,
    bound: { readonly withinMs: number; readonly what: string },
  ): Promise<void> {
    const end = this.#now + bound.withinMs;
    await settlePromises();
    while (!condition()) {
      const isLate = (this.#events.at(-1)?.at ?? Number.POSITIVE_INFINITY) > end;
      assert(!isLate, `within ${bound.withinMs} virtual ms: ${bound.what}`);
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    const event = this.#events.pop();
    assert(event !== undefined, "there is a next event");
    if (event.isCancelled || event.process?.isEnded === true) return;
    this.#now = Math.max(this.#now, event.at);
    if (event.process !== undefined && event.process.blockedUntil > this.#now) {
      event.at = event.process.blockedUntil;
      this.#insert(event);
      return;
    }
    event.run();
    await settlePromises();
  }

  /** Kept sorted, the next one last. */
  #insert(event: VirtualEvent): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#events[middle];
      assert(other !== undefined, "the middle is inside");
      if (isBefore(event, other)) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
}

function isBefore(one: VirtualEvent, other: VirtualEvent): boolean {
  if (one.at !== other.at) return one.at < other.at;
  if (one.lane !== other.lane) return lanes[one.lane] < lanes[other.lane];
  return one.order < other.order;
}

/** One process: its loop can be blocked, and after its end nothing of it happens any more. */
export class VirtualProcess {
  readonly #world: VirtualWorld;
  blockedUntil = 0;
  isEnded = false;

  constructor(world: VirtualWorld) {
    this.#world = world;
  }

  /** The loop does nothing for so long; the rest of the world goes on. */
  block(durationMs: number): void {
    this.blockedUntil = this.#world.now + durationMs;
  }

  /** The process is gone, without a word. */
  kill(): void {
    this.isEnded = true;
  }
}

export class VirtualPlatform implements Platform {
  readonly #world: VirtualWorld;
  readonly #process: VirtualProcess;
  readonly disk: Disk;

  constructor(parts: {
    readonly world: VirtualWorld;
    readonly process: VirtualProcess;
    readonly disk: Disk;
  }) {
    this.#world = parts.world;
    this.#process = parts.process;
    this.disk = parts.disk;
  }

  monotonicNow(): number {
    return this.#world.now;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#world.schedule({
      afterMs: delayMs,
      lane: "timer",
      process: this.#process,
      run: callback,
    });
  }

  afterTurn(callback: () => void): void {
    this.#world.schedule({ afterMs: 0, lane: "afterTurn", process: this.#process, run: callback });
  }

  drawSeed(): number {
    return this.#world.draw();
  }
}
