// holds.ts — what this client has in its session, by token: held keys, and jobs that run. It has the signal of each, and
// aborts it with the reason. How that is learned is holdings.ts.
import type { Grant } from "./acquisition.ts";
import type { EarlyNews } from "./early-news.ts";
import { LeaseLostError, type RogerdError, StopWantedError } from "./errors.ts";
import type { HeldKey } from "./held-key.ts";
import { fenced, keyLost } from "./loss.ts";
import type { Run } from "./run.ts";
import type { SessionView } from "./session-pages.ts";

/** A token, and the signal of whatever is held under it: a key, a job that runs, or a job that holds its own key once more. */
interface Hold extends Grant {
  readonly name: string;
  readonly controller: AbortController;
  /** Its signal may have aborted before, since a run was to stop. */
  lost?: LeaseLostError;
  key?: HeldKey;
  run?: Run;
}

/** Of what is held, for who holds it. */
export interface Standing {
  readonly signal: AbortSignal;
  /** Throws once the session is lost in which it was granted: nothing about it means anything in another one. */
  checkLease(): void;
}

type Granted = Pick<Hold, "name" | "token" | "revision">;

export class Holds {
  readonly #early: EarlyNews;
  /** By token. */
  readonly #holds = new Map<number, Hold>();

  constructor(early: EarlyNews) {
    this.#early = early;
  }

  hasRun(token: number): boolean {
    return this.#holds.get(token)?.run !== undefined;
  }

  hasNamed(name: string): boolean {
    return [...this.#holds.values()].some((hold) => hold.name === name);
  }

  /** Two calls for what one owner holds share it. Under a run's token it is the key of that run, and lost with it. */
  key(granted: Granted, make: (standing: Standing) => HeldKey): HeldKey {
    const hold = this.#under(granted);
    hold.key ??= make(standingOf(hold));
    return hold.key;
  }

  run(granted: Granted, make: (standing: Standing) => Run): Run {
    const hold = this.#under(granted);
    hold.run ??= make(standingOf(hold));
    return hold.run;
  }

  #under(granted: Granted): Hold {
    const { token } = granted;
    const known = this.#holds.get(token);
    if (known !== undefined) return known;
    const hold: Hold = { ...granted, controller: new AbortController() };
    this.#holds.set(token, hold);
    const early = this.#early.lossOf(token);
    if (early instanceof StopWantedError) this.stop(token, early);
    else if (early !== undefined) this.lose(token, early);
    return hold;
  }

  /** It was given back. */
  end(token: number): void {
    this.#holds.delete(token);
  }

  /** Not a run: its key is freed only with it. */
  endKey(token: number): void {
    if (!this.hasRun(token)) this.end(token);
  }

  /** They were given back as of that revision, whatever their tokens; what was granted since was not. */
  endNamed(name: string, { revision }: Pick<Grant, "revision">): void {
    for (const [token, hold] of [...this.#holds]) {
      if (hold.name === name && hold.revision <= revision) this.end(token);
    }
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
    for (const hold of holds) {
      if (error instanceof LeaseLostError) hold.lost = error;
      hold.controller.abort(error);
    }
  }

  /** What that view does not show of before is no more; but for what is being given back. */
  synced(
    { revision, holds, runs }: SessionView,
    { isFreed }: { readonly isFreed: (name: string) => boolean },
  ): void {
    for (const [token, hold] of [...this.#holds]) {
      if (holds.has(token) || runs.has(token) || hold.revision > revision) continue;
      if (isFreed(hold.name)) continue;
      this.lose(token, hold.run === undefined ? keyLost("unknown") : fenced("unknown"));
    }
  }
}

function standingOf(hold: Hold): Standing {
  return {
    signal: hold.controller.signal,
    checkLease: () => {
      if (hold.lost !== undefined) throw hold.lost;
    },
  };
}
