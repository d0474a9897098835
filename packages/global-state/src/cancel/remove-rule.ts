// remove-rule.ts — `cancel.removeRule`: jobs that match start again. Those that it cancelled stay cancelled.
import { changed, type Decision, unchanged } from "../decision.ts";
import type { Partition } from "../partition/partition.ts";
import type { State } from "../state.ts";
import { findRule, removeRule } from "./rules.ts";

export function removeCancelRule(
  state: State,
  asked: { readonly partition: Partition; readonly rule: string },
): Decision {
  const rule = findRule(state, asked);
  if (rule === undefined) return unchanged;
  removeRule(state, rule);
  return changed;
}
