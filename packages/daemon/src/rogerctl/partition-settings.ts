// partition-settings.ts — the limits and defaults of a partition, as they are written on a command line and as they
// are shown. Which there are is the cluster's business: a name that it does not know it refuses.
import { type Given, optionText } from "./command-form.ts";
import { parseDuration } from "./duration.ts";
import { objectAt, type WireObject } from "./wire-value.ts";

/** Takes back what was set: it is as the cluster has it. */
const unset = "default";

export type TypedSettings =
  | { readonly kind: "settings"; readonly args: WireObject }
  | { readonly kind: "wrong"; readonly sentence: string };

export function readSettings(given: Given): TypedSettings {
  const limits = readLimits(optionText(given, "limit"));
  if (typeof limits === "string") return { kind: "wrong", sentence: limits };
  const markTtl = readMarkTtl(optionText(given, "mark-ttl"));
  if (typeof markTtl === "string") return { kind: "wrong", sentence: markTtl };
  if (limits === undefined && markTtl === undefined) {
    const sentence = "partition update needs --limit NAME=NUMBER or --mark-ttl DURATION";
    return { kind: "wrong", sentence };
  }
  const args = {
    ...(limits === undefined ? {} : { limits }),
    ...(markTtl === undefined ? {} : { defaults: markTtl }),
  };
  return { kind: "settings", args };
}

type Values = Readonly<Record<string, number | null>>;

/** A text says what is wrong. */
function readLimits(typed: string | undefined): Values | string | undefined {
  if (typed === undefined) return undefined;
  const limits = new Map<string, number | null>();
  for (const one of typed.split(",")) {
    const parts = /^([A-Za-z]+)=(\d{1,15}|default)$/.exec(one);
    const [, name, value] = parts ?? [];
    if (name === undefined || value === undefined) {
      return `--limit takes NAME=NUMBER or NAME=${unset}, as runs=50, not "${one}"`;
    }
    if (limits.has(name)) return `--limit names ${name} twice`;
    limits.set(name, value === unset ? null : Number(value));
  }
  return Object.fromEntries(limits);
}

function readMarkTtl(typed: string | undefined): Values | string | undefined {
  if (typed === undefined) return undefined;
  if (typed === unset) return { markTtlMs: null };
  const markTtlMs = parseDuration(typed);
  if (markTtlMs !== undefined) return { markTtlMs };
  return `--mark-ttl takes a duration, as 30m or 24h, or ${unset}, not "${typed}"`;
}

/** Null: none of its own. */
export function settingsText(item: WireObject): string | null {
  const settings = [
    ...Object.entries(objectAt(item, "limits") ?? {}),
    ...Object.entries(objectAt(item, "defaults") ?? {}),
  ];
  if (settings.length === 0) return null;
  return settings.map(([name, value]) => `${name}=${String(value)}`).join(" ");
}
