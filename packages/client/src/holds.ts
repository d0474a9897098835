// holds.ts — what this client has in its session, by token: held keys, and jobs that run. It has the signal of each, and
// aborts it with the reason. How that is learned is holdings.ts.
import type { Grant } from "./acquisition.ts";
import type { EarlyNews } from "./early-news.ts";
import { type RogerdError, StopWantedError } from "./errors.ts";
import { HeldKey } from "./held-key.ts";
import { fenced, keyLost } from "./loss.ts";
import { Run } from "./run.ts";
import type { SessionView } from "./session-pages.ts";

/** A key that is held, or a job that runs. */
interface Hold {
  readonly name: string;
  readonly thing: HeldKey | Run;
  readonly controller: AbortController;
}

export class Holds {
  readonly #early: EarlyNews;
  /** By token. */
  readonly #holds = new Map<number, Hold>();

  constructor(early: EarlyNews) {
    this.#early = early;
  }

  /** Under this token. */
  has(token: number): boolean {
    return this.#holds.has(token);
  }

  hasNamed(name: string): boolean {
    return [...this.#holds.values()].some((hold) => hold.name === name);
  }

  /** Undefined: none is held under this token. */
  key(token: number): HeldKey | undefined {
    const thing = this.#holds.get(token)?.thing;
    return thing instanceof HeldKey ? thing : undefined;
  }

  begin<Thing extends HeldKey | Run>(
    { name, token }: { readonly name: string } & Pick<Grant, "token">,
    make: (signal: AbortSignal) => Thing,
  ): Thing {
    const controller = new AbortController();
    const thing = make(controller.signal);
    this.#holds.set(token, { name, thing, controller });
    const early = this.#early.lossOf(token);
    if (early instanceof StopWantedError) this.stop(token, early);
    else if (early !== undefined) this.lose(token, early);
    return thing;
  }

  /** It was given back. */
  end(token: number): void {
    this.#holds.delete(token);
  }

  /** They were given back, whatever their tokens. */
  endNamed(name: string): void {
    for (const [token, hold] of [...this.#holds]) if (hold.name === name) this.end(token);
  }

  /** It is another's now, or nobody's. */
  lose(token: number, error: RogerdError): void {
    this.stop(token, error);
    this.#holds.delete(token);
  }

  /** What is granted by an answer that is still to come hears of it then. */
  stop(token: number, error: RogerdError): void {
    const hold = this.#holds.get(token);
    if (hold === undefined) this.#early.lost(token, error);
    else hold.controller.abort(error);
  }

  loseAll(error: RogerdError): void {
    const holds = [...this.#holds.values()];
    this.#holds.clear();
    for (const { controller } of holds) controller.abort(error);
  }

  /** What that view does not show of before is no more; but for what is being given back. */
  synced(
    { revision, holds, runs }: SessionView,
    { isFreed }: { readonly isFreed: (name: string) => boolean },
  ): void {
    for (const [token, { name, thing }] of [...this.#holds]) {
      if (holds.has(token) || runs.has(token) || thing.revision > revision) continue;
      if (isFreed(name)) continue;
      this.lose(token, thing instanceof Run ? fenced("unknown") : keyLost("unknown"));
    }
  }
}
