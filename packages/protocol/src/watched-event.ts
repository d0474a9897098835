// watched-event.ts — a change of the state as it is told on the wire (SEMANTICS §3, `watch`). The kinds grow:
// a client leaves alone what it does not know.
import type { EventType, StateEvent } from "@rogerd/global-state";

export interface WatchedEvent extends Omit<StateEvent, "type" | "item" | "was"> {
  /** One of `EventType`, or of a newer daemon. */
  readonly type: EventType | (string & {});
  /** As it is now, as a list shows it; null: it is gone. */
  readonly item: Readonly<Record<string, unknown>> | null;
  /** As it was, if it is gone. */
  readonly was: Readonly<Record<string, unknown>> | null;
}
