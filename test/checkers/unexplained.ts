// unexplained.ts — the verdict on what clients of Roger's calls saw: the objects whose answers no single copy
// could have given. An undecided search counts too: not judged is not right.
import type { Call } from "./history.ts";
import { checkLinearizability } from "./linearizability.ts";
import { modelOf, objectOf, type RogerAnswer, type RogerCall } from "./roger-models.ts";

/** Object by object; empty: all is explained. */
export function unexplained(calls: readonly Call<RogerCall, RogerAnswer>[]): readonly unknown[] {
  const byObject = new Map<string, Call<RogerCall, RogerAnswer>[]>();
  for (const call of calls) {
    const object = objectOf(call.input);
    byObject.set(object, [...(byObject.get(object) ?? []), call]);
  }
  return [...byObject]
    .map(([object, its]) => ({ object, ...checkLinearizability(modelOf(object), its) }))
    .filter(({ kind }) => kind !== "linearizable");
}
