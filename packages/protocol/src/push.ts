// push.ts — what a session is told without having asked: what an entry did to it by others' doing. A push is
// a hint (SEMANTICS §4.9): one may be lost, and `session.sync` tells the same.
import type { WaitEnding } from "@rogerd/global-state";

interface At {
  /** Of the entry that did it, and the how-manieth thing it is that this entry did to sessions. */
  readonly revision: number;
  readonly n: number;
}

/** `seq`: of the call that was answered `waiting`, or the latest one that was. */
export interface WaitEnded extends At {
  readonly kind: "waitEnded";
  readonly seq: number;
  readonly ticket: number;
  readonly ending: WaitEnding;
}

/** It held the key, and holds it no more. */
export interface HoldEnded extends At {
  readonly kind: "holdEnded";
  readonly partition: string;
  readonly key: string;
  readonly token: number;
  readonly cause: "removed" | "held_too_long" | "dropped";
}

/** It ran the job, and runs it no more: what the job does now is too late. */
export interface RunFenced extends At {
  readonly kind: "runFenced";
  readonly partition: string;
  readonly jobId: string;
  readonly token: number;
  readonly cause: "taken_over" | "removed" | "held_too_long" | "dropped";
}

/** It runs a job that is to stop; the run goes on until it finishes. */
export interface RunToStop extends At {
  readonly kind: "runToStop";
  readonly partition: string;
  readonly jobId: string;
  readonly token: number;
  readonly cause: "cancelled" | "paused";
  readonly by: string;
  readonly reason: string;
}

export type Push = WaitEnded | HoldEnded | RunFenced | RunToStop;
