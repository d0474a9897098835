// roger-models.ts — Roger's reference model (SEMANTICS §1) as small objects for the linearizability checker:
// one key of one set is an object, and the paused queues of a partition are one. Whole, for a client that is
// alone on its partition, it is test/roger/reference.ts.
import type { Model } from "./linearizability.ts";

export type RogerCall =
  | { readonly form: "cancelJob"; readonly name: string }
  | { readonly form: "isCancelled"; readonly name: string; readonly change?: "remove" }
  | { readonly form: "isQueued"; readonly name: string; readonly change?: "add" }
  | { readonly form: "removeQueued"; readonly name: string }
  | { readonly form: "isExecuting"; readonly name: string; readonly change?: "add" }
  | { readonly form: "removeExecuted"; readonly name: string }
  | { readonly form: "queuePause"; readonly name: string }
  | { readonly form: "queueResume"; readonly name: string }
  | { readonly form: "queueGetPaused" };

/** `ok`, the membership before the change, or the paused queues, sorted. */
export type RogerAnswer = "ok" | boolean | readonly string[];

/** Which object a call touches: the unit that the linearizability checker judges. */
export function objectOf(call: RogerCall): string {
  switch (call.form) {
    case "cancelJob":
    case "isCancelled":
      return `cancel/${call.name}`;
    case "isQueued":
    case "removeQueued":
      return `queue/${call.name}`;
    case "isExecuting":
    case "removeExecuted":
      return `exec/${call.name}`;
    default:
      return "paused";
  }
}

/** One member of one set: true while it is in. */
export const membershipModel: Model<boolean, RogerCall, RogerAnswer> = {
  initial: false,
  identify: Number,
  step(isMember, call, answer) {
    const expected = isQuestion(call) ? isMember : "ok";
    if (answer !== undefined && answer !== expected) return "refuted";
    return memberAfter(call, isMember);
  },
};

function isQuestion(call: RogerCall): boolean {
  return call.form === "isCancelled" || call.form === "isQueued" || call.form === "isExecuting";
}

function memberAfter(call: RogerCall, isMember: boolean): boolean {
  if (call.form === "cancelJob") return true;
  if (call.form === "removeQueued" || call.form === "removeExecuted") return false;
  if ("change" in call && call.change === "add") return true;
  if ("change" in call && call.change === "remove") return false;
  return isMember;
}

/** The paused queues as one object; the state is their names, sorted, joined by newlines. */
export const pausedModel: Model<string, RogerCall, RogerAnswer> = {
  initial: "",
  identify: (state) => state,
  step(state, call, answer) {
    const queues = state === "" ? [] : state.split("\n");
    if (call.form === "queueGetPaused") {
      const isRight =
        answer === undefined || (Array.isArray(answer) && answer.join("\n") === state);
      return isRight ? state : "refuted";
    }
    if (answer !== undefined && answer !== "ok") return "refuted";
    if (call.form === "queuePause") return [...new Set([...queues, call.name])].sort().join("\n");
    if (call.form === "queueResume")
      return queues.filter((queue) => queue !== call.name).join("\n");
    return "refuted";
  },
};

/** Of an object as `objectOf` names it, or as it is named with its partition: `paused of shared-1`. */
export function modelOf(object: string): Model<boolean | string, RogerCall, RogerAnswer> {
  const isPaused = object === "paused" || object.startsWith("paused of ");
  return isPaused ? pausedModel : membershipModel;
}
