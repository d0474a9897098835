// add-rule.ts — `cancel.addRule`: from now on jobs that match are cancelled when they are to start or to be
// granted, whether anybody knows their ids or not (SEMANTICS §3).

import type { PartitionWrite } from "../command.ts";
import { type Decision, quotaExceeded } from "../decision.ts";
import { after } from "../log-time.ts";
import type { Partition } from "../partition/partition.ts";
import { limitOf, markTtlMsOf } from "../partition/partition-settings.ts";
import type { Moment, State } from "../state.ts";
import { newRule } from "./cancel-rule.ts";
import { addRule, drawRuleNumber } from "./rules.ts";

type Args = Extract<PartitionWrite, { name: "cancel.addRule" }>["args"];

export function addCancelRule(
  state: State,
  moment: Moment,
  adding: { readonly partition: Partition; readonly args: Args },
): Decision {
  const { partition, args } = adding;
  const current = partition.cancelRules.length;
  if (current >= limitOf(state, { partition, limit: "cancelRules" })) {
    return quotaExceeded({ limit: "cancelRules", current });
  }
  const { queue = null, jobIdPrefix = null, tag = null, enqueuedBefore = null } = args;
  const ttlMs = args.ttlMs ?? markTtlMsOf(state, partition);
  const rule = newRule({
    scope: partition.number,
    number: drawRuleNumber(partition, moment),
    match: { queue, jobIdPrefix, tag, enqueuedBefore },
    by: args.by,
    reason: args.reason,
    atWallMs: moment.wallMs,
    expiresWallMs: moment.wallMs + ttlMs,
    hits: 0,
    expiresAt: after(moment.logTime, ttlMs),
  });
  addRule(state, { partition, rule });
  return { status: "rule_added", rule: rule.key };
}
