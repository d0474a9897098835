// notice.ts — what an entry did to a session that did not ask for it just now: to be pushed to it. A notice
// is a hint (SEMANTICS §4.9): it may be lost, for the state itself says the same when it is asked.
import type { FencingToken, Key, PartitionId, SessionId } from "./ids.ts";

/** How a wait ended. */
export type WaitEnding =
  | { readonly kind: "granted"; readonly token: FencingToken }
  | { readonly kind: "cancelled" }
  | { readonly kind: "timed_out" };

export type Notice =
  | {
      readonly kind: "waitEnded";
      readonly session: SessionId;
      /** Of the call that was answered `waiting`. */
      readonly sequence: number;
      readonly ticket: number;
      readonly ending: WaitEnding;
    }
  | {
      /** Its session held a key and holds it no more, by somebody else's doing. */
      readonly kind: "holdEnded";
      readonly session: SessionId;
      readonly partition: PartitionId;
      readonly key: Key;
      readonly token: FencingToken;
      readonly cause: "removed" | "held_too_long";
    };
