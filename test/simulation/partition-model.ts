// partition-model.ts — Roger's model of one object, in a partition that is stopped and started again: while
// it is stopped every call is answered `not_started` and changes nothing; the state is kept (SEMANTICS
// §1). Each object is judged with all starts and stops of its partition.
import type { Model } from "../checkers/linearizability.ts";
import { modelOf, type RogerAnswer, type RogerCall } from "../checkers/roger-models.ts";

export type PartitionCall =
  | RogerCall
  | { readonly form: "startPartition" }
  | { readonly form: "stopPartition" };

/** The one that is stopped now and then; all others are started once, before anything is asked of them. */
export const stoppedNowAndThen = "stopping";

export type PartitionAnswer = RogerAnswer | "not_started";

interface Standing {
  readonly isStarted: boolean;
  readonly object: boolean | string;
}

/** Of an object as `objectOf` names it, in a partition that stands as it is told at first. */
export function partitionModel(
  object: string,
  at: { readonly first: "started" | "stopped" },
): Model<Standing, PartitionCall, PartitionAnswer> {
  const inner = modelOf(object);
  return {
    initial: { isStarted: at.first === "started", object: inner.initial },
    identify: (state) => `${state.isStarted} ${inner.identify(state.object)}`,
    step(state, call, answer) {
      if (call.form === "startPartition" || call.form === "stopPartition") {
        if (answer !== undefined && answer !== "ok") return "refuted";
        return { ...state, isStarted: call.form === "startPartition" };
      }
      if (!state.isStarted) {
        return answer === undefined || answer === "not_started" ? state : "refuted";
      }
      if (answer === "not_started") return "refuted";
      const after = inner.step(state.object, call, answer);
      return after === "refuted" ? after : { ...state, object: after };
    },
  };
}

/** Of the partition itself, and so of every object in it. */
export function isOfPartition(call: PartitionCall): call is Exclude<PartitionCall, RogerCall> {
  return call.form === "startPartition" || call.form === "stopPartition";
}
