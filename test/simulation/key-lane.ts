// key-lane.ts — one owner of a client's process that wants execution keys again and again: waits for one or tries
// it, gives up now and then, holds what it gets for a while and gives it back.
import type { HeldKey, RogerdClient } from "@rogerd/client";
import type { Dice } from "./dice.ts";
import { type KeyChecks, keysPartition } from "./key-checks.ts";
import type { VirtualProcess } from "./virtual-time.ts";

export interface KeyLaneParts {
  readonly who: string;
  readonly process: VirtualProcess;
  readonly client: RogerdClient;
  readonly checks: KeyChecks;
  readonly dice: Dice;
  readonly thinkMs: number;
  readonly isOver: () => boolean;
}

/** Who gets one that is kept holds it long: over elections, and now and then until he has lost it. */
const keys = ["k1", "kept-1", "kept-2"] as const;
const keptMs = 6_000;
const lookMs = 50;
/** Shorter than the time in which all calls must have ended once the cluster is healed. */
const waitMaxMs = 1_200;
/** So long what was given up may be on its way back. */
const restMs = 600;

export class KeyLane {
  readonly #parts: KeyLaneParts;
  /** False once it has come to its end. */
  isOpen = true;

  constructor(parts: KeyLaneParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { client, checks, dice, isOver, thinkMs, who } = this.#parts;
    const acme = client.partition(keysPartition);
    while (!isOver()) {
      try {
        await acme.start();
        break;
      } catch (error) {
        checks.failed(who, "start", error);
        await this.#wait(100);
      }
    }
    while (!isOver()) {
      await this.#wait(dice.around(thinkMs));
      if (!isOver()) await this.#wantOne();
    }
    await this.#wait(restMs);
    this.isOpen = false;
  }

  async #wantOne(): Promise<void> {
    const { client, checks, dice, process, who } = this.#parts;
    const giveUp = new AbortController();
    const key = dice.pick(keys);
    const isTry = dice.chance(0.25);
    const wish = isTry
      ? ({ mode: "try" } as const)
      : { waitTimeoutMs: Math.ceil(dice.between({ from: 20, to: waitMaxMs })) };
    if (dice.chance(0.25)) process.setTimer(dice.around(60), () => giveUp.abort(gaveUp));
    try {
      const { signal } = giveUp;
      const acquired = await client
        .partition(keysPartition)
        .acquireExecutionKey(key, { owner: who, ...wish, signal });
      if (acquired.status === "held") await this.#hold(acquired);
    } catch (error) {
      if (error !== gaveUp) checks.failed(who, "acquire", error);
    }
  }

  async #hold(key: HeldKey): Promise<void> {
    const { checks, process, who } = this.#parts;
    const leave = checks.believes({ who, process, key });
    key.signal.addEventListener("abort", () => {
      leave();
      checks.lost += 1;
    });
    await this.#work(key);
    leave();
    for (let isBack = false; !isBack && !key.signal.aborted; ) {
      try {
        await key[Symbol.asyncDispose]();
        isBack = true;
      } catch (error) {
        checks.failed(who, "release", error);
        await this.#wait(lookMs);
      }
    }
  }

  async #work(key: HeldKey): Promise<void> {
    const { dice, isOver, thinkMs } = this.#parts;
    if (key.key === "k1") return this.#wait(dice.around(thinkMs));
    for (let leftMs = dice.around(keptMs); leftMs > 0; leftMs -= lookMs) {
      if (isOver() || key.signal.aborted) return;
      await this.#wait(lookMs);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.process.setTimer(ms, resolve));
  }
}

const gaveUp = new Error("gave up");
