// update-partition.ts — `partition.update`: limits and defaults of one partition, below or as the cluster's. Less
// room evicts nothing: what is there stays, and only new things are refused until there is room again. Only what
// is named changes. A stopped partition can be updated, too: how much it may take is best set before it is
// started again. One that is not there, or is dropped, is `not_started`.
import type { PartitionWrite } from "../command.ts";
import { changed, type Decision, invalidArgument, notStarted, unchanged } from "../decision.ts";
import type { State } from "../state.ts";
import {
  changedBy,
  type PartitionSettings,
  partitionDefaultNames,
  partitionLimitNames,
} from "./partition-settings.ts";
import { findPartition } from "./partitions.ts";

type Update = Extract<PartitionWrite, { name: "partition.update" }>;

export function updatePartition(state: State, { partition: id, args }: Update): Decision {
  const partition = findPartition(state, id);
  if (partition === undefined || partition.dropping !== undefined) return notStarted(id);
  const refusal = settingsRefusal(state, args);
  if (refusal !== undefined) return refusal;
  const { limits, defaults } = partition.settings;
  const settings: PartitionSettings = {
    limits: changedBy(partitionLimitNames, { from: limits, change: args.limits }),
    defaults: changedBy(partitionDefaultNames, { from: defaults, change: args.defaults }),
  };
  if (JSON.stringify(settings) === JSON.stringify(partition.settings)) return unchanged;
  state.partitions.touch(partition);
  partition.settings = settings;
  return changed;
}

/** Nothing may be set that the cluster does not allow: its limits are the same on every node. */
export function settingsRefusal(
  state: State,
  { limits, defaults }: Update["args"],
): Decision | undefined {
  for (const name of partitionLimitNames) {
    const most = state.limits[`${name}Max`];
    if ((limits[name] ?? 0) > most) {
      return invalidArgument({ path: `args.limits.${name}`, reason: `must be at most ${most}` });
    }
  }
  const { min, max } = state.limits.markTtlMs;
  const markTtlMs = defaults.markTtlMs ?? min;
  if (markTtlMs >= min && markTtlMs <= max) return undefined;
  const reason = `must be from ${min} to ${max}`;
  return invalidArgument({ path: "args.defaults.markTtlMs", reason });
}
