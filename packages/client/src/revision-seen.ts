// revision-seen.ts — the newest state that this client was shown, over all its calls and connections
// (a revision is the index of an entry: SEMANTICS §2). A read that may be stale is never answered from
// an older one: what was seen, the client's own writes among it, stays seen.

export class RevisionSeen {
  #newest = 0;

  /** 0: nothing was seen yet. */
  get newest(): number {
    return this.#newest;
  }

  see(revision: number): void {
    if (revision > this.#newest) this.#newest = revision;
  }
}
