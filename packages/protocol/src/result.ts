// result.ts — what a command can be answered on the wire: what the state decided, or the word of the
// leader about a session lease, or of a node about a watch, which are in no log and in no state (SEMANTICS §5).
import type { Result as Decided } from "@rogerd/global-state";

export type { Result as Decided } from "@rogerd/global-state";

/** To `session.keepalive`: the session lives at least `leaseMs` from when this was said. */
export interface Kept {
  readonly status: "kept";
  readonly session: number;
  readonly leaseMs: number;
}

/** To `watch`: what happens after `revision`, or after where it was to begin, is told from now on. */
export interface Watching {
  readonly status: "watching";
  readonly revision: number;
}

export type Result = Decided | Kept | Watching;
