// lane.ts — what a client's process does on and on, beside its calls of Roger: one thing after the other, until
// all is to end. What that is stands in key-lane.ts, job-lane.ts, steering-lane.ts and watch-lane.ts.
import type { Partition, RogerdClient } from "@rogerd/client";
import type { Dice } from "./dice.ts";
import { type HoldChecks, heldPartition } from "./hold-checks.ts";
import type { VirtualProcess } from "./virtual-time.ts";

export interface LaneParts {
  readonly who: string;
  readonly process: VirtualProcess;
  readonly client: RogerdClient;
  readonly checks: HoldChecks;
  readonly dice: Dice;
  readonly thinkMs: number;
  readonly isOver: () => boolean;
}

/** Waits are shorter than the time in which all calls must have ended once the cluster is healed. */
const waitMaxMs = 1_200;
/** So often somebody who works looks up. */
const lookMs = 25;
/** So long what was given up may be on its way back, once its client is heard. */
const restMs = 600;

export abstract class Lane {
  protected readonly parts: LaneParts;
  /** False once it has come to its end. */
  isOpen = true;
  /** At its end its client was heard: what it gave up before is given back. */
  wasHeard = false;

  constructor(parts: LaneParts) {
    this.parts = parts;
  }

  /** One thing, to its end. */
  protected abstract step(): Promise<void>;

  async run(): Promise<void> {
    const { isOver, thinkMs } = this.parts;
    // Where nothing was begun nothing is to end: the partition may not be there to be asked.
    if (await this.#hasStarted()) {
      while (!isOver()) {
        await this.works(thinkMs);
        if (!isOver()) await this.step();
      }
      await this.#end();
    }
    this.isOpen = false;
  }

  /** False: all is to end, and no start was answered. */
  async #hasStarted(): Promise<boolean> {
    const { checks, isOver, who } = this.parts;
    while (!isOver()) {
      try {
        await this.partition.start();
        return true;
      } catch (error) {
        checks.failed(who, "start", error);
        await this.wait(100);
      }
    }
    return false;
  }

  /**
   * Whoever knows only addresses from which all nodes have moved is heard by nobody. What it was heard with is of the
   * newest commands: as long as a cluster refuses these, it may still take what was given up, and then its return.
   */
  async #end(): Promise<void> {
    try {
      await this.partition.update({ limits: { executionKeys: null } }, { timeoutMs: restMs });
      this.wasHeard = true;
    } catch (error) {
      this.failed("update", error);
    }
    await this.wait(restMs);
  }

  protected get partition(): Partition {
    return this.parts.client.partition(heldPartition);
  }

  protected wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.parts.process.setTimer(ms, resolve));
  }

  /** About so long, and no longer than all goes on, or than it is asked to. */
  protected async works(meanMs: number, signal?: AbortSignal): Promise<void> {
    const { dice, isOver } = this.parts;
    for (let leftMs = dice.around(meanMs); leftMs > 0; leftMs -= lookMs) {
      if (isOver() || signal?.aborted === true) return;
      await this.wait(Math.min(leftMs, lookMs));
    }
  }

  protected drawWaitMs(): number {
    return Math.ceil(this.parts.dice.between({ from: 20, to: waitMaxMs }));
  }

  /** Now and then its user gives a wish up, early. */
  protected drawPatience(meanMs = 60): AbortSignal {
    const { dice, process } = this.parts;
    const giveUp = new AbortController();
    if (dice.chance(0.25)) process.setTimer(dice.around(meanMs), () => giveUp.abort(gaveUp));
    return giveUp.signal;
  }

  /** Asked again and again, until it is lost: an application does not leave it to its client. */
  protected async insists(
    what: string,
    signal: AbortSignal,
    free: () => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        return await free();
      } catch (error) {
        this.failed(what, error);
        if (this.parts.isOver()) return;
        await this.wait(50);
      }
    }
  }

  /** Between two calls of one step: once all is to end, no other begins. */
  protected goesOn(): void {
    if (this.parts.isOver()) throw gaveUp;
  }

  protected failed(what: string, error: unknown): void {
    if (error !== gaveUp) this.parts.checks.failed(this.parts.who, what, error);
  }
}

const gaveUp = new Error("gave up");
