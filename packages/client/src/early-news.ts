// early-news.ts — what is told of calls whose answer is still to come (SEMANTICS §4.9): how a wait ended before this
// client knows that it waits, and what became of a grant before it knows that it has it. It is there for who
// comes late, as long as anybody may; whose it is, only the answer says.
import type { SyncedEnding } from "@rogerd/protocol";
import type { Reply } from "./call.ts";
import type { RogerdError } from "./errors.ts";

export type EarlyEnding = Pick<SyncedEnding, "ending"> & Pick<Reply, "revision">;

export class EarlyNews {
  /** Calls that may be answered with a grant, or with a place in line. */
  #asking = 0;
  /** By ticket. */
  readonly #endings = new Map<number, EarlyEnding>();
  /** By token. */
  readonly #losses = new Map<number, RogerdError>();
  /** By name: who came into line before was taken out of it. */
  readonly #withdrawals = new Map<string, Pick<Reply, "revision" | "n">>();

  /** Such a call, until it is answered. */
  async during(call: () => Promise<Reply>): Promise<Reply> {
    this.#asking += 1;
    try {
      return await call();
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.forget();
    }
  }

  ended(ticket: number, ending: EarlyEnding): void {
    if (this.#asking > 0) this.#endings.set(ticket, ending);
  }

  lost(token: number, error: RogerdError): void {
    if (this.#asking > 0) this.#losses.set(token, error);
  }

  withdrawn(name: string, { revision, n }: Reply): void {
    if (this.#asking > 0) this.#withdrawals.set(name, { revision, n });
  }

  endingOf(ticket: number): EarlyEnding | undefined {
    return this.#endings.get(ticket);
  }

  lossOf(token: number): RogerdError | undefined {
    return this.#losses.get(token);
  }

  withdrawalOf(name: string): Pick<Reply, "revision" | "n"> | undefined {
    return this.#withdrawals.get(name);
  }

  /** Nobody is left to whom it could mean anything. */
  forget(): void {
    this.#endings.clear();
    this.#losses.clear();
    this.#withdrawals.clear();
  }
}
