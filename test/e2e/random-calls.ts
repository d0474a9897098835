// random-calls.ts — Roger's calls drawn from a seed, and how each is made through the client.
import type { RogerGlobal } from "@rogerd/client";
import type { RogerAnswer, RogerCall } from "../checkers/roger-models.ts";

/** Dice from a seed (mulberry32): a failing run can be repeated as far as the processes allow. */
export function seededDice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** One call in ten is about the paused queues, of which there are four; the rest about `names` names. */
export function drawCall(dice: (sides: number) => number, names: number): RogerCall {
  if (dice(10) === 0) return drawPauseCall(dice);
  const name = `name-${dice(names)}`;
  const forms: readonly RogerCall[] = [
    { form: "cancelJob", name },
    { form: "isCancelled", name },
    { form: "isCancelled", name, change: "remove" },
    { form: "isQueued", name },
    { form: "isQueued", name, change: "add" },
    { form: "removeQueued", name },
    { form: "isExecuting", name },
    { form: "isExecuting", name, change: "add" },
    { form: "removeExecuted", name },
  ];
  return forms[dice(forms.length)] ?? { form: "queueGetPaused" };
}

function drawPauseCall(dice: (sides: number) => number): RogerCall {
  const name = `queue-${dice(4)}`;
  const forms: readonly RogerCall[] = [
    { form: "queuePause", name },
    { form: "queueResume", name },
    { form: "queueGetPaused" },
  ];
  return forms[dice(forms.length)] ?? { form: "queueGetPaused" };
}

export async function makeCall(
  roger: RogerGlobal,
  { partition, call }: { readonly partition: string; readonly call: RogerCall },
): Promise<RogerAnswer> {
  switch (call.form) {
    case "cancelJob":
      await roger.cancelJob(partition, call.name);
      return "ok";
    case "isCancelled":
      return roger.isCancelled(partition, call.name, { remove: call.change === "remove" });
    case "isQueued":
      return roger.isQueued(partition, call.name, { add: call.change === "add" });
    case "removeQueued":
      await roger.removeQueued(partition, call.name);
      return "ok";
    case "isExecuting":
      return roger.isExecuting(partition, call.name, { add: call.change === "add" });
    case "removeExecuted":
      await roger.removeExecuted(partition, call.name);
      return "ok";
    case "queuePause":
      await roger.queuePause(partition, call.name);
      return "ok";
    case "queueResume":
      await roger.queueResume(partition, call.name);
      return "ok";
    case "queueGetPaused":
      return [...(await roger.queueGetPaused(partition))].sort();
  }
}
