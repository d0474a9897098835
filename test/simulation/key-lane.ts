// key-lane.ts — one owner of a client's process that wants execution keys again and again: waits for one or tries
// it, gives up now and then, holds what it gets for a while and gives it back.
import type { HeldKey } from "@rogerd/client";
import { Lane } from "./lane.ts";

/** Who gets one that is kept holds it long: over elections, and now and then until he has lost it. */
const keys = ["k1", "kept-1", "kept-2", "some-1"] as const;
const keptMs = 6_000;

export class KeyLane extends Lane {
  protected async step(): Promise<void> {
    const { dice, who } = this.parts;
    const key = dice.pick(keys);
    const wish = dice.chance(0.25)
      ? ({ mode: "try" } as const)
      : { waitTimeoutMs: this.drawWaitMs() };
    const signal = this.drawPatience();
    try {
      const acquired = await this.partition.acquireExecutionKey(key, {
        owner: who,
        ...wish,
        signal,
      });
      if (acquired.status === "held") await this.#hold(acquired);
    } catch (error) {
      this.failed("acquire", error);
    }
  }

  async #hold(key: HeldKey): Promise<void> {
    const { checks, process, thinkMs, who } = this.parts;
    const { revision, signal, token } = key;
    const leave = checks.believes({
      who,
      process,
      things: [`key ${key.key}`],
      token,
      revision,
      signal,
    });
    signal.addEventListener("abort", () => {
      leave();
      checks.lost += 1;
    });
    await this.works(key.key === "k1" ? thinkMs : keptMs, signal);
    leave();
    await this.insists("release", signal, () => key[Symbol.asyncDispose]());
  }
}
