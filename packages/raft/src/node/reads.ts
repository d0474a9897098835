// reads.ts — linearizable reads (§6.4). All reads of a turn share one ticket and so one round; each
// then waits until the state machine has applied the index that the round confirmed (Q9).
import type { LogIndex } from "../core/ids.ts";
import type { Ticket } from "../core/input.ts";
import type { ReadOutcome } from "./outcomes.ts";

type Resolve = (outcome: ReadOutcome) => void;

export class Reads {
  readonly #waitingMax: number;
  #gathered: Resolve[] = [];
  #waiting = 0;
  readonly #asked = new Map<Ticket, readonly Resolve[]>();
  /** Confirmed, and waiting for apply; read indexes never go down within a term, so mostly in order. */
  #confirmed: { readonly index: LogIndex; readonly resolves: readonly Resolve[] }[] = [];

  constructor(limits: { readonly waitingMax: number }) {
    this.#waitingMax = limits.waitingMax;
  }

  add(): Promise<ReadOutcome> {
    if (this.#waiting >= this.#waitingMax) return Promise.resolve({ kind: "unavailable" });
    this.#waiting += 1;
    return new Promise((resolve) => {
      this.#gathered.push(resolve);
    });
  }

  get hasGathered(): boolean {
    return this.#gathered.length > 0;
  }

  /** The reads of this turn get this ticket. False if there are none. */
  ask(ticket: Ticket): boolean {
    if (this.#gathered.length === 0) return false;
    this.#asked.set(ticket, this.#gathered);
    this.#gathered = [];
    return true;
  }

  readable(at: {
    readonly ticket: Ticket;
    readonly index: LogIndex;
    readonly appliedIndex: LogIndex;
  }): void {
    const resolves = this.#take(at.ticket);
    if (at.index <= at.appliedIndex) {
      this.#answer(resolves, { kind: "ready", appliedIndex: at.appliedIndex });
      return;
    }
    this.#confirmed.push({ index: at.index, resolves });
  }

  refused(ticket: Ticket, outcome: ReadOutcome): void {
    this.#answer(this.#take(ticket), outcome);
  }

  /** The state machine has applied through here. */
  applied(appliedIndex: LogIndex): void {
    if (this.#confirmed.length === 0) return;
    const ready = this.#confirmed.filter((read) => read.index <= appliedIndex);
    if (ready.length === 0) return;
    this.#confirmed = this.#confirmed.filter((read) => read.index > appliedIndex);
    for (const read of ready) this.#answer(read.resolves, { kind: "ready", appliedIndex });
  }

  /** The node ends: nobody waits for ever. */
  end(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#answer(gathered, { kind: "unavailable" });
    for (const ticket of this.#asked.keys()) this.refused(ticket, { kind: "unavailable" });
    for (const read of this.#confirmed) this.#answer(read.resolves, { kind: "unavailable" });
    this.#confirmed = [];
  }

  #take(ticket: Ticket): readonly Resolve[] {
    const resolves = this.#asked.get(ticket) ?? [];
    this.#asked.delete(ticket);
    return resolves;
  }

  #answer(resolves: readonly Resolve[], outcome: ReadOutcome): void {
    this.#waiting -= resolves.length;
    for (const resolve of resolves) resolve(outcome);
  }
}
