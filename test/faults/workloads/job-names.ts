// job-names.ts — which jobs several workers want at the same time, and in which queues: fresh ones every few seconds, the
// same for all. What was cancelled stays so, and leaves something to run; a resume of which nobody knows whether it
// was executed excuses only the starts of a queue that is soon in use no more.
import type { Dice } from "../../simulation/dice.ts";
import { epochNow } from "../history/calls.ts";

export const queues = ["mail", "web"] as const;

const epochMs = 4_000;
const jobsOfAnEpoch = 12;

/** `taken-…`: whoever wants such a job may take it over from whoever has it. */
export function drawSharedJob(dice: Dice): string {
  return dice.chance(0.2) ? `taken-${epochNow(epochMs)}` : drawCancelledJob(dice);
}

/** One that is wanted now, or soon. */
export function drawCancelledJob(dice: Dice, ahead: "now" | "soon" = "now"): string {
  const epoch = epochNow(epochMs) + (ahead === "soon" ? 1 : 0);
  return `j-${epoch}-${dice.below(jobsOfAnEpoch)}`;
}

/** One that is in use now. */
export function drawQueue(dice: Dice): string {
  return `${dice.pick(queues)}-${epochNow(epochMs)}`;
}
