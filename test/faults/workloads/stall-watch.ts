// stall-watch.ts — whether this process runs: one that was frozen, or got no time, finds it out when it wakes up. It
// tells that it was frozen, so that nobody takes it for somebody who was awake and believed.
import { nowUs } from "../history/history-line.ts";
import type { Teller } from "./teller.ts";

const everyMs = 20;
/** Less is no stall: leases have a larger margin. */
const stallUs = 200_000;

export class StallWatch {
  readonly #teller: Teller;
  readonly #worker: string;
  readonly #timer: NodeJS.Timeout;
  #lastUs = nowUs();

  constructor(parts: { readonly teller: Teller; readonly worker: string }) {
    this.#teller = parts.teller;
    this.#worker = parts.worker;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const from = this.#lastUs;
    this.#lastUs = nowUs();
    if (this.#lastUs - from < stallUs) return;
    // What the first turn after a sleep brings about has happened when the next one begins.
    setImmediate(() => {
      const line = { says: "its loop stood still", whom: [this.#worker] };
      this.#teller.say({ kind: "frozen", ...line }, from);
      this.#teller.say({ kind: "thawed", ...line });
    });
  }
}
