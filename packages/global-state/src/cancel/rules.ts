// rules.ts — putting rules into their table and taking them out, with all that counts them and waits for
// them. A partition has its rules in the order of their age, so that the oldest that matches is the one
// that is hit, on every node.
import { assert } from "../assert.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import { type CancelRule, compareRules, type RuleNumber } from "./cancel-rule.ts";

/** By the id that it was given; undefined: there is none, or none any more. */
export function findRule(
  state: State,
  asked: { readonly partition: Partition; readonly rule: string },
): CancelRule | undefined {
  return state.cancelRules.find(nameIn(asked.partition, asked.rule));
}

/** Never drawn twice. What is counted here begins anew with each entry, so no snapshot needs it. */
export function drawRuleNumber(partition: Partition, { revision }: Moment): RuleNumber {
  const { rulesDrawn } = partition;
  const at = rulesDrawn.revision === revision ? rulesDrawn.at + 1 : 1;
  partition.rulesDrawn = { revision, at };
  return partition.rulesDrawn;
}

export function addRule(
  state: State,
  added: { readonly partition: Partition; readonly rule: CancelRule },
): void {
  const { partition, rule } = added;
  state.cancelRules.insert(rule);
  adoptRuleInOrder(state, { partition, rule });
  assert(
    partition.cancelRules.length <= state.limits.cancelRulesMax,
    "a full table of rules was refused before",
  );
}

/** Of a rule that lies in its table: there, rows come in another order. */
export function adoptRuleInOrder(
  state: State,
  adopted: { readonly partition: Partition; readonly rule: CancelRule },
): void {
  const { cancelRules } = adopted.partition;
  const { rule } = adopted;
  let at = cancelRules.length;
  for (let before = cancelRules[at - 1]; before !== undefined; before = cancelRules[at - 1]) {
    if (compareRules(before, rule) <= 0) break;
    at -= 1;
  }
  cancelRules.splice(at, 0, rule);
  state.deadlines.add(rule);
}

export function removeRule(state: State, rule: CancelRule): void {
  const { cancelRules } = partitionNumbered(state, rule.scope);
  const at = cancelRules.indexOf(rule);
  assert(at >= 0, "a partition knows its rules");
  cancelRules.splice(at, 1);
  state.deadlines.remove(rule);
  state.cancelRules.remove(rule);
}
