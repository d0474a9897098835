// membership-changes.ts — who waits for a change of membership (§4). Each gets an outcome, at the latest
// when the node ends. The core takes one change at a time, so hardly anybody ever waits here.
import type { Ticket } from "../core/input.ts";
import type { MembershipOutcome } from "./outcomes.ts";

export class MembershipChanges {
  readonly #waiting = new Map<Ticket, (outcome: MembershipOutcome) => void>();

  add(ticket: Ticket): Promise<MembershipOutcome> {
    return new Promise((resolve) => {
      this.#waiting.set(ticket, resolve);
    });
  }

  ended(ticket: Ticket, outcome: MembershipOutcome): void {
    const resolve = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    resolve?.(outcome);
  }

  end(): void {
    for (const ticket of this.#waiting.keys()) {
      this.ended(ticket, { kind: "indeterminate", cause: "stopped" });
    }
  }
}
