// keepers.ts — which connections keep a session alive without speaking for it: they have shown its id and its
// secret (its openId), from a thread of its client whose loop turns while the other one is blocked. A keeper
// asks nothing else: it takes the session from nobody, is told nothing, and that it is there says nothing
// about whether the client is. Whether the secret is right is decided by who asks.
import type { SessionId } from "@rogerd/global-state";
import type { Caller } from "../request/caller.ts";

export class Keepers {
  readonly #keepersMax: number;
  readonly #kept = new Map<Caller, SessionId | undefined>();
  readonly #keepers = new Map<SessionId, Set<Caller>>();

  constructor(bounds: { readonly keepersMax: number }) {
    this.#keepersMax = bounds.keepersMax;
  }

  isKeeper(caller: Caller): boolean {
    return this.#kept.has(caller);
  }

  /** It has shown a secret, right or wrong. */
  shows(caller: Caller): void {
    if (!this.#kept.has(caller)) this.#kept.set(caller, undefined);
  }

  /** The secret was right. False: that session has as many keepers as it may, and this is none of them. */
  keeps(caller: Caller, session: SessionId): boolean {
    // Gone while it was asked.
    if (!this.#kept.has(caller)) return false;
    const before = this.#kept.get(caller);
    if (before === session) return true;
    const keepers = this.#keepers.get(session) ?? new Set();
    if (keepers.size >= this.#keepersMax) return false;
    if (before !== undefined) this.#leave(caller, before);
    this.#kept.set(caller, session);
    this.#keepers.set(session, keepers.add(caller));
    return true;
  }

  /** Its connection has closed. */
  gone(caller: Caller): void {
    const session = this.#kept.get(caller);
    if (session !== undefined) this.#leave(caller, session);
    this.#kept.delete(caller);
  }

  #leave(caller: Caller, session: SessionId): void {
    const keepers = this.#keepers.get(session);
    keepers?.delete(caller);
    if (keepers?.size === 0) this.#keepers.delete(session);
  }
}
