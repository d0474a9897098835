// sessions.ts — which connection speaks for which session. A connection speaks for one from the moment
// its `session.open` was answered on it; of two that claim the same session the newer one speaks, and
// the older one is told. What a session holds is not known here: that is state.

import type { SessionId } from "@rogerd/global-state";
import type { Push } from "@rogerd/protocol";
import { assert } from "@rogerd/raft";

/** A connection, as sessions see it. */
export interface Speaker {
  /** Counts up with each connection of this process run: the higher one is newer. */
  readonly serial: number;
  /** When anything last came from its other end, by the monotonic clock. */
  readonly heardAtMs: number;
  /** A newer connection speaks for its session from now on. */
  superseded(): void;
  /** Something happened to its session. Only while it listens. */
  told(push: Push): void;
  /** Something may have happened to its session that nobody here knows: it listens in vain. */
  missed(): void;
}

export class Sessions {
  readonly #speakers = new Map<SessionId, Speaker>();
  readonly #sessions = new Map<Speaker, SessionId>();
  /** Those that have synced: what happens to their sessions is told them (SEMANTICS §3). */
  readonly #listeners = new Set<Speaker>();

  sessionOf(speaker: Speaker): SessionId | undefined {
    return this.#sessions.get(speaker);
  }

  speakerOf(session: SessionId): Speaker | undefined {
    return this.#speakers.get(session);
  }

  /** It was answered what its session has: from this state on it is told what changes. */
  listen(speaker: Speaker): void {
    assert(this.#sessions.has(speaker), "who listens speaks for a session");
    this.#listeners.add(speaker);
  }

  /** The push connection of a session; undefined: nobody listens. */
  listenerOf(session: SessionId): Speaker | undefined {
    const speaker = this.#speakers.get(session);
    return speaker !== undefined && this.#listeners.has(speaker) ? speaker : undefined;
  }

  listeners(): readonly Speaker[] {
    return [...this.#listeners];
  }

  /** An answer can come late, on a connection that the client has already given up for a newer one. */
  bind(session: SessionId, speaker: Speaker): void {
    const other = this.#speakers.get(session);
    if (other === speaker) return;
    if (other !== undefined && other.serial > speaker.serial) {
      this.unbind(speaker);
      return speaker.superseded();
    }
    this.unbind(speaker);
    if (other !== undefined) this.unbind(other);
    this.#speakers.set(session, speaker);
    this.#sessions.set(speaker, session);
    other?.superseded();
  }

  /** The connection closed, or says goodbye to its session. */
  unbind(speaker: Speaker): void {
    const session = this.#sessions.get(speaker);
    if (session === undefined) return;
    assert(this.#speakers.get(session) === speaker, "both sides of a binding agree");
    this.#sessions.delete(speaker);
    this.#speakers.delete(session);
    this.#listeners.delete(speaker);
  }
}
