// release.ts — Roger's form 9: every holder of the key is ended, and so is its record (SEMANTICS §4.3).
import { type Decision, ok } from "../decision.ts";
import type { Key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { State } from "../state.ts";

export function removeExecuted(
  state: State,
  asked: { readonly partition: Partition; readonly key: Key },
): Decision {
  const found = state.executionKeys.find(nameIn(asked.partition, asked.key));
  if (found === undefined) return ok;
  state.executionKeys.remove(found);
  asked.partition.executionKeys -= 1;
  return ok;
}
