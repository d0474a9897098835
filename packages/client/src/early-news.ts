// early-news.ts — what is told of calls whose answer is still to come (SEMANTICS §4.9): how a wait ended before this
// client knows that it waits, and what became of a grant before it knows that it has it. It is there for who
// comes late, as long as anybody may; whose it is, only the answer says. Only so much is kept: who may have missed
// something past that asks the state again.
import type { SyncedEnding } from "@rogerd/protocol";
import type { Reply } from "./call.ts";
import type { RogerdError } from "./errors.ts";

export type EarlyEnding = Pick<SyncedEnding, "ending"> & Pick<Reply, "revision">;

/** More than a sync can tell of waits that have ended: the state keeps 4 096 answers of a session. */
export const earlyNewsMax = 8_192;

export class EarlyNews {
  readonly #askState: () => void;
  /** Calls that may be answered with a grant, or with a place in line. */
  #asking = 0;
  /** By ticket. */
  readonly #endings = new Map<number, EarlyEnding>();
  /** By token. */
  readonly #losses = new Map<number, RogerdError>();
  /** How many calls there were. */
  #calls = 0;
  /** Of the last call that may have missed something. */
  #forgottenThrough = 0;

  /** `askState`: a sync is wanted, of which everything is judged once more. */
  constructor(askState: () => void) {
    this.#askState = askState;
  }

  get count(): number {
    return this.#endings.size + this.#losses.size;
  }

  /** Such a call, until it is answered. */
  async during(call: () => Promise<Reply>): Promise<Reply> {
    this.#asking += 1;
    this.#calls += 1;
    const number = this.#calls;
    try {
      return await call();
    } finally {
      this.#asking -= 1;
      if (number <= this.#forgottenThrough) this.#askState();
      if (this.#asking === 0) this.forget();
    }
  }

  ended(ticket: number, ending: EarlyEnding): void {
    if (this.#hasRoom()) this.#endings.set(ticket, ending);
  }

  lost(token: number, error: RogerdError): void {
    if (this.#hasRoom()) this.#losses.set(token, error);
  }

  /** For what somebody may still want to know. */
  #hasRoom(): boolean {
    if (this.#asking === 0) return false;
    if (this.count < earlyNewsMax) return true;
    this.forget();
    this.#forgottenThrough = this.#calls;
    return true;
  }

  endingOf(ticket: number): EarlyEnding | undefined {
    return this.#endings.get(ticket);
  }

  lossOf(token: number): RogerdError | undefined {
    return this.#losses.get(token);
  }

  /** Nobody is left to whom it could mean anything. */
  forget(): void {
    this.#endings.clear();
    this.#losses.clear();
  }
}
