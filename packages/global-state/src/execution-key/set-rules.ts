// set-rules.ts — `executionKey.setRules`: the limits of a partition, all of them anew. More room is granted to
// those who wait, in the order of their tickets and so many in an entry; less room only stops new grants
// (SEMANTICS §3, SEMANTICS §4.7). From this entry on every grant goes by the new rules.
import type { PartitionWrite } from "../command.ts";
import { changed, type Decision, unchanged } from "../decision.ts";
import { never, notAtAll } from "../log-time.ts";
import type { Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import { inOrder, type LimitRule, type LimitRules, newLimitRules, ruleFor } from "./limit-rules.ts";
import { settle, takeWork } from "./settle.ts";
import { keyOf } from "./wait.ts";
import type { Waiter } from "./waiter.ts";

type Args = Extract<PartitionWrite, { name: "executionKey.setRules" }>["args"];

export function setRules(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly args: Args },
): Decision {
  const { partition } = asked;
  const rules = inOrder(asked.args.rules);
  const found = partition.limitRules;
  if (areSame(found?.rules ?? [], rules)) return unchanged;
  const row = found ?? newLimitRules({ scope: partition.number, rules, sweepFrom: 0 });
  if (found === undefined) state.limitRules.insert(row);
  else state.limitRules.touch(row);
  partition.limitRules = row;
  row.rules = rules;
  row.sweepFrom = 1;
  partition.sweepAt = undefined;
  sweep(state, moment, row);
  return changed;
}

/** Looks at those who wait, from where it stopped. What has the limit that it should have is left alone. */
export function sweep(state: State, moment: Moment, row: LimitRules): void {
  const partition = partitionNumbered(state, row.scope);
  let waiter = partition.sweepAt ?? firstFrom(partition, row.sweepFrom);
  while (waiter !== undefined && moment.work.left > 0) {
    takeWork(moment);
    const key = keyOf(state, waiter);
    const isDone = key.limit === ruleFor(partition, key.key).limit;
    // Who is settled leaves, perhaps with others behind it: the next one is looked for first.
    partition.sweepAt = partition.waiters.behind(waiter);
    if (!isDone) settle(state, moment, key);
    waiter = partition.sweepAt;
  }
  state.limitRules.touch(row);
  partition.sweepAt = waiter;
  row.sweepFrom = waiter?.arrival ?? 0;
  awaitSweep(state, row);
  if (row.sweepFrom !== 0 || row.rules.length > 0) return;
  state.limitRules.remove(row);
  partition.limitRules = undefined;
}

function awaitSweep(state: State, row: LimitRules): void {
  if (row.place >= 0 && row.sweepFrom === 0) state.deadlines.remove(row);
  row.expiresAt = row.sweepFrom === 0 ? never : notAtAll;
  if (row.place < 0 && row.sweepFrom !== 0) state.deadlines.add(row);
}

function firstFrom(partition: Partition, arrival: number): Waiter | undefined {
  for (const waiter of partition.waiters.items()) if (waiter.arrival >= arrival) return waiter;
  return undefined;
}

function areSame(some: readonly LimitRule[], others: readonly LimitRule[]): boolean {
  return (
    some.length === others.length &&
    some.every((rule, at) => {
      const other = others[at];
      return (
        rule.prefix === other?.prefix &&
        rule.limit === other.limit &&
        rule.maxHoldMs === other.maxHoldMs &&
        rule.maxWaiters === other.maxWaiters
      );
    })
  );
}
