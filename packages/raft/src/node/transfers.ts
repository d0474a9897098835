// transfers.ts — who waits for a leadership transfer (§3.10). Each gets an outcome, at the latest when
// the node ends.
import type { Ticket } from "../core/input.ts";
import type { TransferOutcome } from "./outcomes.ts";

export class Transfers {
  readonly #waiting = new Map<Ticket, (outcome: TransferOutcome) => void>();

  add(ticket: Ticket): Promise<TransferOutcome> {
    return new Promise((resolve) => {
      this.#waiting.set(ticket, resolve);
    });
  }

  ended(ticket: Ticket, outcome: TransferOutcome): void {
    const resolve = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    resolve?.(outcome);
  }

  end(): void {
    for (const ticket of this.#waiting.keys()) this.ended(ticket, { kind: "stopped" });
  }
}
