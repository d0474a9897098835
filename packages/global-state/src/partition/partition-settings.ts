// partition-settings.ts — what an operator sets for one partition: how much it may hold, and what a call means
// that does not say. What is not set is as the cluster has it (limits.ts); nothing can be set above that.
import type { Limits } from "../limits.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";

/** Of what a partition counts. Their places are their numbers in snapshots and in the log: append only. */
export const partitionLimitNames = [
  "cancelMarks",
  "cancelRules",
  "queueKeys",
  "executionKeys",
  "waiters",
  "waitersPerKey",
  "runs",
  "finishedJobs",
  "pauses",
] as const;
export type PartitionLimit = (typeof partitionLimitNames)[number];

/** `markTtlMs`: of marks and cancel rules that say no time, Roger's among them. Append only, too. */
export const partitionDefaultNames = ["markTtlMs"] as const;
export type PartitionDefault = (typeof partitionDefaultNames)[number];

/** What is not there is as the cluster has it. */
export type PartitionLimits = Readonly<Partial<Record<PartitionLimit, number>>>;
export type PartitionDefaults = Readonly<Partial<Record<PartitionDefault, number>>>;

export interface PartitionSettings {
  readonly limits: PartitionLimits;
  readonly defaults: PartitionDefaults;
}

/** Of an update: null takes back what was set, absent leaves it. */
export type SettingsChange<Name extends string> = Readonly<Partial<Record<Name, number | null>>>;

export const noSettings: PartitionSettings = { limits: {}, defaults: {} };

export function isPlainSettings({ limits, defaults }: PartitionSettings): boolean {
  return Object.keys(limits).length === 0 && Object.keys(defaults).length === 0;
}

/** How much of it the partition may hold before new ones are refused. */
export function limitOf(
  state: { readonly limits: Limits },
  of: {
    readonly partition: { readonly settings: PartitionSettings };
    readonly limit: PartitionLimit;
  },
): number {
  const most = state.limits[`${of.limit}Max`];
  const own = of.partition.settings.limits[of.limit];
  return own === undefined ? most : Math.min(own, most);
}

/** For so long a mark or a rule holds that says no time. */
export function markTtlMsOf(
  state: { readonly limits: Limits },
  partition: { readonly settings: PartitionSettings },
): number {
  return partition.settings.defaults.markTtlMs ?? state.limits.markTtlMs.default;
}

/** In the order of `names`, so that the same settings always look the same. */
export function changedBy<Name extends string>(
  names: readonly Name[],
  parts: {
    readonly from: Readonly<Partial<Record<Name, number>>>;
    readonly change: SettingsChange<Name>;
  },
): Partial<Record<Name, number>> {
  const { from, change } = parts;
  const result: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const asked = change[name];
    const value = asked === undefined ? from[name] : asked;
    if (value !== undefined && value !== null) result[name] = value;
  }
  return result;
}

export function writeSettings({ limits, defaults }: PartitionSettings, writer: Writer): void {
  writeValues(partitionLimitNames, limits, writer);
  writeValues(partitionDefaultNames, defaults, writer);
}

export function readSettings(reader: Reader): PartitionSettings {
  const limits = readValues(partitionLimitNames, reader);
  return { limits, defaults: readValues(partitionDefaultNames, reader) };
}

function writeValues<Name extends string>(
  names: readonly Name[],
  values: Readonly<Partial<Record<Name, number>>>,
  writer: Writer,
): void {
  writer.count(Object.keys(values).length);
  for (const [number, name] of names.entries()) {
    const value = values[name];
    if (value === undefined) continue;
    writer.count(number);
    writer.count(value);
  }
}

function readValues<Name extends string>(
  names: readonly Name[],
  reader: Reader,
): Partial<Record<Name, number>> {
  const values: Partial<Record<Name, number>> = {};
  let last = -1;
  for (let left = reader.count(); left > 0; left--) {
    const number = reader.count();
    const name = names[number];
    if (name === undefined || number <= last) {
      throw new DamagedSnapshotError("settings are known ones, each once, in their order");
    }
    values[name] = reader.count();
    last = number;
  }
  return values;
}
