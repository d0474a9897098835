// roger-release.ts — Roger's form 9: every holder of the key is ended, whoever it is, and who is next gets it
// (SEMANTICS §4.3, SEMANTICS §4.8). A delay stays: the key is taken until it is over.
import { type Decision, ok } from "../decision.ts";
import type { Key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { Moment, State } from "../state.ts";
import { endHold } from "./end-hold.ts";
import { settle, takeWork } from "./settle.ts";

export function removeExecuted(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly key: Key },
): Decision {
  const found = state.executionKeys.find(nameIn(asked.partition, asked.key));
  if (found === undefined) return ok;
  for (const holder of [...found.holders]) {
    takeWork(moment);
    endHold(state, moment, { row: found, holder, cause: "removed" });
  }
  settle(state, moment, found);
  return ok;
}
