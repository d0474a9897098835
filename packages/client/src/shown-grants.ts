// shown-grants.ts — what a sync shows as granted, by the name of whose it is. A grant may have been told by a push that was
// lost, and no longer be among the endings, since the floor has passed the number of its call: then the state says it, and
// nothing else does (SEMANTICS §4.9). A start can't just be asked for again: that would be `already_running`.
import type { Grant, Wanted } from "./acquisition.ts";
import { nameOf } from "./execution-key.ts";
import type { SessionView } from "./session-pages.ts";

export class ShownGrants {
  /** Tokens, by name. */
  readonly #holds = new Map<string, number>();
  readonly #runs = new Map<string, number>();

  readonly #revision: number;

  constructor({ revision, holds, runs }: SessionView) {
    this.#revision = revision;
    for (const [token, hold] of holds) this.#holds.set(nameOf(hold), token);
    for (const [token, { partition, jobId, executionKey: key }] of runs) {
      if (key !== undefined) this.#runs.set(nameOf({ partition, key, owner: jobId }), token);
    }
  }

  /** Who wants to hold a key has it, too, while its owner runs under it. */
  grantOf({ name, to }: Pick<Wanted<unknown>, "name" | "to">): Grant | undefined {
    const run = this.#runs.get(name);
    const token = to === "start" ? run : (this.#holds.get(name) ?? run);
    return token === undefined ? undefined : { token, revision: this.#revision };
  }
}
