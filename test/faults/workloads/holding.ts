// holding.ts — what one lane believes that it alone has: it says so when it learns of it, and says that it has left
// it before it gives it back, or at once when it hears that it is lost. Once each.
import { StopWantedError } from "@rogerd/client";
import type { Teller } from "./teller.ts";

export interface Belief {
  readonly owner: string;
  /** `key k1`, `job j-1`. */
  readonly things: readonly string[];
  readonly token: number;
  readonly revision: number;
  /** Aborted for good, but for a wish that it stops. */
  readonly signal: AbortSignal;
}

export class Holding {
  readonly #teller: Teller;
  readonly #belief: Belief;
  #hasLeft = false;

  constructor(teller: Teller, belief: Belief) {
    this.#teller = teller;
    this.#belief = belief;
    const { owner, things, token, revision, signal } = belief;
    for (const thing of things) teller.say({ kind: "held", owner, thing, token, revision });
    const look = (): void => {
      if (this.isLost) this.#leave(nameOf(signal.reason));
    };
    look();
    signal.addEventListener("abort", look);
  }

  /** It may be another's: nothing is to be given back. */
  get isLost(): boolean {
    const { signal } = this.#belief;
    return signal.aborted && !(signal.reason instanceof StopWantedError);
  }

  /** From here on another one may have it. */
  givesBack(): void {
    this.#leave("gives-back");
  }

  #leave(why: string): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    const { things, token } = this.#belief;
    for (const thing of things) this.#teller.sayAtOnce({ kind: "left", thing, token, why });
  }
}

function nameOf(reason: unknown): string {
  return reason instanceof Error ? reason.name : String(reason);
}
