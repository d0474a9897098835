// notice.ts — what an entry did to a session that did not ask for it just now: to be pushed to it. A notice
// is a hint (SEMANTICS §4.9): it may be lost, for the state itself says the same when it is asked.
import type { FencingToken, JobId, Key, PartitionId, SessionId } from "./ids.ts";

/** How a wait ended. */
export type WaitEnding =
  | { readonly kind: "granted"; readonly token: FencingToken }
  /** Of a job that waited to start: it runs. */
  | { readonly kind: "started"; readonly token: FencingToken }
  | { readonly kind: "cancelled" }
  /** Its queue is paused, by a pause that stops. */
  | { readonly kind: "paused" }
  | { readonly kind: "timed_out" }
  /** Its partition is. */
  | { readonly kind: "dropped" }
  /** Another session waits in its place, with its ticket. */
  | { readonly kind: "taken_over" };

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
      readonly cause: "removed" | "held_too_long" | "dropped";
    }
  | {
      /** It ran a job and runs it no more, by somebody else's doing: whatever the job does now is too late. */
      readonly kind: "runFenced";
      readonly session: SessionId;
      readonly partition: PartitionId;
      readonly jobId: JobId;
      readonly token: FencingToken;
      readonly cause: "taken_over" | "removed" | "held_too_long" | "dropped";
    }
  | {
      /** It runs a job that is to stop. The run goes on until it finishes. */
      readonly kind: "runToStop";
      readonly session: SessionId;
      readonly partition: PartitionId;
      readonly jobId: JobId;
      readonly token: FencingToken;
      readonly cause: "cancelled" | "paused";
      /** Who wants it, and why. */
      readonly by: string;
      readonly reason: string;
    };
