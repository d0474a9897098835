// admission.ts — how much may be in flight: calls of one caller, calls of all, bytes of all. Full is an
// answer (`overloaded`), given before anything was decided; it never queues and never blocks.
import { assert } from "@rogerd/raft";
import type { Bounds } from "../listener/bounds.ts";
import type { Caller } from "./caller.ts";

export type AdmissionBounds = Pick<
  Bounds,
  "callsInFlightMax" | "callsInFlightTotalMax" | "bytesInFlightTotalMax"
>;

export type Admitted = "admitted" | "caller-full" | "node-full";

export class Admission {
  readonly #bounds: AdmissionBounds;
  #calls = 0;
  #bytes = 0;
  #whenIdle: (() => void)[] = [];

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  get callsInFlight(): number {
    return this.#calls;
  }

  get bytesInFlight(): number {
    return this.#bytes;
  }

  /** `bytes`: what this call occupies until it is answered; to be given back with it. */
  admit(caller: Caller, bytes: number): Admitted {
    if (caller.callsInFlight >= this.#bounds.callsInFlightMax) return "caller-full";
    if (this.#calls >= this.#bounds.callsInFlightTotalMax) return "node-full";
    if (this.#bytes + bytes > this.#bounds.bytesInFlightTotalMax) return "node-full";
    caller.callsInFlight += 1;
    this.#calls += 1;
    this.#bytes += bytes;
    return "admitted";
  }

  /** Exactly once for each call that was admitted, also when the caller has gone. */
  release(caller: Caller, bytes: number): void {
    caller.callsInFlight -= 1;
    this.#calls -= 1;
    this.#bytes -= bytes;
    assert(caller.callsInFlight >= 0, "a call is given back once");
    assert(this.#calls >= 0 && this.#bytes >= 0, "what is given back was in flight");
    if (this.#calls > 0 || this.#whenIdle.length === 0) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves as soon as nothing is in flight. */
  idle(): Promise<void> {
    if (this.#calls === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }
}
