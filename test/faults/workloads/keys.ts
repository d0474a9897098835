// keys.ts — workload: a few execution keys that many want. Who gets one writes to the resource outside for a while,
// with his token, and gives it back; some try, some wait, some of these give up or are withdrawn. Who has lost one
// writes once more now and then: the resource is to refuse him when another one was there.
import type { ExecutionKeyAcquired, HeldKey } from "@rogerd/client";
import type { KeysAsks } from "../history/calls.ts";
import { Holding } from "./holding.ts";
import { writeOutside } from "./outside.ts";
import { Lane, told, type Workload } from "./workload.ts";

/** A kept one is held long: over elections, and now and then until it is lost. */
const keys = ["k1", "k2", "kept-1", "kept-2"] as const;
const heldMs = 60;
const keptMs = 4_000;
const writeEveryMs = 25;
const waitMaxMs = 2_500;

class KeyLane extends Lane {
  protected override readonly partitionName = "keys";
  protected override readonly thinkMs = 30;
  /** Its own wish is taken back, and with it whatever it came to. */
  #isWithdrawn = false;

  protected override async step(): Promise<void> {
    const { dice } = this.parts;
    const key = dice.pick(keys);
    this.#isWithdrawn = false;
    if (dice.chance(0.25)) return this.#holdsIfGranted([await this.#acquire(key, "try")]);
    const waiting = this.#acquire(key, "wait");
    const meanwhile = dice.below(10);
    const withdrawing = meanwhile === 0 ? this.#withdrawsSoon(key, waiting) : undefined;
    const trying = meanwhile === 1 ? this.#acquire(key, "try") : undefined;
    // Two calls of one owner that are granted share what is granted.
    const [waited, tried] = await Promise.all([waiting, trying]);
    if (!this.#isWithdrawn) await this.#holdsIfGranted([waited, tried]);
    await withdrawing;
  }

  async #holdsIfGranted(acquired: readonly (ExecutionKeyAcquired | undefined)[]): Promise<void> {
    const held = acquired.find((each) => each?.status === "held");
    if (held !== undefined) await this.#hold(held);
  }

  #acquire(key: string, mode: "try" | "wait"): Promise<ExecutionKeyAcquired | undefined> {
    const { dice, who: owner } = this.parts;
    const wish =
      mode === "try"
        ? ({ mode: "try" } as const)
        : ({ mode: "wait", waitTimeoutMs: 50 + dice.below(waitMaxMs) } as const);
    const signal = this.drawPatience();
    return this.#asks(key, { form: "acquire", owner, ...wish }, () =>
      this.partition.acquireExecutionKey(key, { owner, ...wish, signal }),
    );
  }

  /** Unless it is known by then what the wish came to. */
  async #withdrawsSoon(key: string, acquiring: Promise<unknown>): Promise<void> {
    const { dice, who: owner } = this.parts;
    const isKnown = await Promise.race([
      acquiring.then(() => true),
      this.wait(dice.around(150)).then(() => false),
    ]);
    if (isKnown) return;
    this.#isWithdrawn = true;
    await this.insists(
      () => false,
      () =>
        this.#asks(key, { form: "withdraw", owner }, () =>
          this.partition.withdrawExecutionKey(key, { owner }),
        ),
    );
  }

  async #hold(held: HeldKey): Promise<void> {
    const { teller, who: owner } = this.parts;
    const { key, revision, signal, token } = held;
    const thing = `key ${key}`;
    const holding = new Holding(teller, { owner, things: [thing], token, revision, signal });
    await this.#writes(held, thing);
    holding.givesBack();
    await this.insists(
      () => holding.isLost,
      () => this.#asks(key, { form: "release", owner, token }, () => held.release()),
    );
  }

  async #writes({ key, signal, token }: HeldKey, thing: string): Promise<void> {
    const { dice, isOver, resource, who: owner } = this.parts;
    const untilMs = performance.now() + dice.around(key.startsWith("kept") ? keptMs : heldMs);
    do {
      await writeOutside(resource, { thing, owner, token });
      await this.wait(writeEveryMs);
    } while (!signal.aborted && !isOver() && performance.now() < untilMs);
    if (signal.aborted && dice.chance(0.5)) await writeOutside(resource, { thing, owner, token });
  }

  #asks<Answer extends object>(
    key: string,
    asks: KeysAsks,
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const call = { workload: "keys", object: `key ${key}`, asks } as const;
    return this.parts.teller.call(call, ask, told);
  }
}

export const keysWorkload: Workload = { name: "keys", lanes: [KeyLane, KeyLane, KeyLane] };
