// virtual-time.ts — what happens when, in which order, for all processes of a simulation. Time moves
// from one happening to the next; at one instant the order is that of a real loop: timers, then what
// sockets and disks brought, then the end of the turn. A process that is paused or busy does later
// what was due. Nothing real is waited for but that promises settle.
import type { Trace } from "./trace.ts";

const lanes = { timer: 0, arrival: 1, "after-turn": 2 } as const;
export type Lane = keyof typeof lanes;

export interface Timer {
  cancel(): void;
}

/** More at one instant is a loop that waits for time to pass without letting it. */
const stepsPerInstantMax = 50_000;

interface Happening {
  at: number;
  readonly lane: number;
  readonly order: number;
  readonly process: VirtualProcess | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

export class VirtualTime {
  #now = 0;
  #order = 0;
  #steps = 0;
  #stepsAtThisInstant = 0;
  #lastInstant = -1;
  readonly #heap: Happening[] = [];
  readonly #trace: Trace;
  /** Whose code runs just now. */
  current: VirtualProcess | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    trace.now = () => this.#now;
  }

  get now(): number {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  schedule(plan: {
    readonly afterMs: number;
    readonly lane?: Lane;
    /** Of whom it is; nothing of a process happens once it has ended. Without: of the world. */
    readonly process?: VirtualProcess | undefined;
    readonly run: () => void;
  }): Timer {
    this.#order += 1;
    const happening: Happening = {
      at: this.#now + Math.max(0, plan.afterMs),
      lane: lanes[plan.lane ?? "arrival"],
      order: this.#order,
      process: plan.process,
      run: plan.run,
      isCancelled: false,
    };
    this.#push(happening);
    return {
      cancel: () => {
        happening.isCancelled = true;
      },
    };
  }

  /** Up to `untilMs`, or until it is over. What a happening throws comes out here. */
  async run(bound: { readonly untilMs: number; readonly isOver: () => boolean }): Promise<void> {
    await promisesSettled();
    while (!bound.isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > bound.untilMs) {
        this.#now = Math.max(this.#now, bound.untilMs);
        return;
      }
      this.#pop();
      await this.#happen(next);
    }
  }

  async #happen(next: Happening): Promise<void> {
    const { process } = next;
    if (next.isCancelled || process?.isEnded === true) return;
    this.#now = Math.max(this.#now, next.at);
    if (process !== undefined && process.busyUntil > this.#now) {
      next.at = process.busyUntil;
      this.#push(next);
      return;
    }
    this.#steps += 1;
    this.#stepsAtThisInstant = this.#now === this.#lastInstant ? this.#stepsAtThisInstant + 1 : 0;
    this.#lastInstant = this.#now;
    if (this.#stepsAtThisInstant > stepsPerInstantMax) {
      throw new Error(`process ${process?.pid ?? 0} spins: time stands still`);
    }
    this.#trace.mix(this.#now);
    this.#trace.mix(process?.pid ?? 0);
    this.current = process;
    next.run();
    await promisesSettled();
    this.current = undefined;
    process?.turnEnded();
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(happening, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = happening;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one);
      const child = isRight ? other : one;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = isRight ? left + 1 : left;
    }
    heap[at] = last;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  if (one.at !== other.at) return one.at < other.at;
  if (one.lane !== other.lane) return one.lane < other.lane;
  return one.order < other.order;
}

/** Immediates of one pass of the loop: a pass for each happening would ask the system for sockets each time. */
const passesAtOnce = 64;
let passesLeft = 0;
let waiting: (() => void)[] = [];

/** Every promise that can go on without the outside world has gone on. */
export function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (passesLeft > 0) return;
    passesLeft = passesAtOnce;
    for (let pass = 0; pass < passesAtOnce; pass += 1) setImmediate(onPass);
  });
}

/** Between two immediates of one pass, all promises go on as far as they can. */
function onPass(): void {
  passesLeft -= 1;
  const settled = waiting;
  waiting = [];
  for (const resolve of settled) resolve();
}

export interface ClockOfProcess {
  /** What its monotonic clock shows at time 0, and how fast it runs. */
  readonly originMs: number;
  readonly rate: number;
  /** What one turn costs, and one look at the clock: then the loop is busy. */
  readonly turnMs: number;
  readonly lookMs: number;
}

/** One process: it can be paused, and after its end nothing of it happens any more. */
export class VirtualProcess {
  readonly pid: number;
  readonly #time: VirtualTime;
  readonly #clock: ClockOfProcess;
  #spentMs = 0;
  #lastSeen = 0;
  busyUntil = 0;
  isEnded = false;

  constructor(parts: {
    readonly time: VirtualTime;
    readonly pid: number;
    readonly clock: ClockOfProcess;
  }) {
    this.#time = parts.time;
    this.pid = parts.pid;
    this.#clock = parts.clock;
  }

  /** The loop does nothing for so long; the rest of the world goes on. */
  pause(forMs: number): void {
    this.busyUntil = Math.max(this.busyUntil, this.#time.now + forMs);
  }

  end(): void {
    this.isEnded = true;
  }

  monotonicNow(): number {
    if (this.#time.current === this) this.#spentMs += this.#clock.lookMs;
    const { originMs, rate } = this.#clock;
    const seen = originMs + (this.#time.now + this.#spentMs) * rate;
    this.#lastSeen = Math.max(this.#lastSeen, seen);
    return this.#lastSeen;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const afterMs = this.#spentMs + delayMs / this.#clock.rate;
    return this.#time.schedule({ afterMs, lane: "timer", process: this, run: callback });
  }

  afterTurn(callback: () => void): void {
    this.#time.schedule({ afterMs: 0, lane: "after-turn", process: this, run: callback });
  }

  /** Another thread has something for this loop. */
  wake(callback: () => void): void {
    this.#time.schedule({ afterMs: 0, process: this, run: callback });
  }

  turnEnded(): void {
    this.busyUntil = Math.max(this.busyUntil, this.#time.now + this.#spentMs + this.#clock.turnMs);
    this.#spentMs = 0;
  }
}
