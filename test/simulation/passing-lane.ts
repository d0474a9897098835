// passing-lane.ts — work in a partition that comes and goes: whoever works there starts it, and drops it now and
// then with all that others have in it. Tokens grow on, whatever was dropped (I3).
import { RogerdError } from "@rogerd/client";
import { Lane } from "./lane.ts";

const passing = "passing";
const maxKeys = 2;

export class PassingLane extends Lane {
  protected async step(): Promise<void> {
    try {
      await this.#pass();
    } catch (error) {
      if (!isOfPassing(error)) this.failed("passing", error);
    }
  }

  async #pass(): Promise<unknown> {
    const { client, dice } = this.parts;
    const partition = client.partition(passing);
    switch (dice.below(5)) {
      case 0:
        return partition.drop();
      case 1:
        await partition.start();
        this.goesOn();
        return partition.update({ limits: { executionKeys: dice.pick([null, maxKeys]) } });
      case 2:
        await partition.start();
        this.goesOn();
        return partition.cancel(`j-${dice.below(3)}`);
      default:
        await partition.start();
        this.goesOn();
        return this.#works();
    }
  }

  async #works(): Promise<void> {
    const { checks, client, dice, process, thinkMs, who } = this.parts;
    const signal = this.drawPatience();
    const key = await client.partition(passing).acquireExecutionKey(`p-${dice.below(3)}`, {
      owner: who,
      waitTimeoutMs: this.drawWaitMs(),
      signal,
    });
    if (key.status !== "held") return;
    const { revision, token } = key;
    const things = [`key ${passing} ${key.key}`];
    const leave = checks.believes({ who, process, things, token, revision, signal: key.signal });
    key.signal.addEventListener("abort", () => {
      leave();
      checks.lost += 1;
    });
    await this.works(thinkMs, key.signal);
    leave();
    await this.insists("release", key.signal, async () => {
      try {
        await key[Symbol.asyncDispose]();
      } catch (error) {
        if (!isOfPassing(error)) throw error;
      }
    });
  }
}

/** The partition was dropped, or is full as it was told to be. */
function isOfPassing(error: unknown): boolean {
  const codes: readonly string[] = ["not_started", "quota_exceeded"];
  return error instanceof RogerdError && codes.includes(error.code);
}
