// loss.ts — why what this client has in its session is lost, or is to stop, in words: the reason with which its
// signal aborts.
import type { RunToStop } from "@rogerd/protocol";
import {
  JobCancelledError,
  KeyLostError,
  QueuePausedError,
  RunFencedError,
  type StopWantedError,
} from "./errors.ts";

const reasons: Record<KeyLostError["why"] | RunFencedError["why"], string> = {
  removed: "an operator took it away",
  held_too_long: "it was held longer than its rule lets",
  taken_over: "another session has taken it over",
  dropped: "its partition was dropped",
  unknown: "the state does not show it any more",
};

export function keyLost(why: KeyLostError["why"]): KeyLostError {
  return new KeyLostError({ message: `the key is held no more: ${reasons[why]}`, why });
}

export function fenced(why: RunFencedError["why"]): RunFencedError {
  return new RunFencedError({ message: `the job runs here no more: ${reasons[why]}`, why });
}

export function stopWanted({ cause, jobId, by, reason }: RunToStop): StopWantedError {
  const who = `${by === "" ? "" : ` by ${by}`}${reason === "" ? "" : `: ${reason}`}`;
  return cause === "cancelled"
    ? new JobCancelledError({ message: `job ${jobId} is cancelled${who}`, by, reason })
    : new QueuePausedError({ message: `the queue of job ${jobId} is paused${who}`, by, reason });
}
