// limit-rules.ts — how many may hold a key, how long, and how many may wait: configuration of a partition,
// by prefix; the longest that fits decides (SEMANTICS §3). One record for all rules of a partition, which
// also says how far its lines were looked through since they changed.
import type { LogTimeMs } from "../ids.ts";
import { never, notAtAll } from "../log-time.ts";
import { textProblem } from "../names.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import { hashNumber } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface LimitRule {
  readonly prefix: string;
  readonly limit: number;
  readonly maxHoldMs: number | undefined;
  readonly maxWaiters: number | undefined;
}

export interface LimitRules extends Row {
  readonly kind: "limitRules";
  /** Longest prefix first, then by code units. */
  rules: readonly LimitRule[];
  /** Waiters that came with this number and later ones are still to be looked at; 0: none. */
  sweepFrom: number;
  /** Derived. */
  expiresAt: LogTimeMs;
  place: number;
}

const noRule: LimitRule = { prefix: "", limit: 1, maxHoldMs: undefined, maxWaiters: undefined };

export function newLimitRules(parts: {
  readonly scope: number;
  readonly rules: readonly LimitRule[];
  readonly sweepFrom: number;
}): LimitRules {
  const { scope, rules, sweepFrom } = parts;
  const expiresAt = sweepFrom === 0 ? never : notAtAll;
  const hash = hashNumber(scope, 0);
  return { hash, scope, key: 0, kind: "limitRules", rules, sweepFrom, expiresAt, place: -1 };
}

/** What decides on the limits of a partition. */
export interface Ruled {
  readonly limitRules: Pick<LimitRules, "rules"> | undefined;
}

export function ruleFor(partition: Ruled, key: string): LimitRule {
  return partition.limitRules?.rules.find(({ prefix }) => key.startsWith(prefix)) ?? noRule;
}

export function inOrder(rules: readonly LimitRule[]): readonly LimitRule[] {
  return rules.slice().sort(compareRules);
}

export function compareRules(left: LimitRule, right: LimitRule): number {
  const byLength = right.prefix.length - left.prefix.length;
  if (byLength !== 0 || left.prefix === right.prefix) return byLength;
  return left.prefix < right.prefix ? -1 : 1;
}

const codec: RowCodec<LimitRules> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.count(row.sweepFrom);
    writer.count(row.rules.length);
    for (const rule of row.rules) {
      writer.text(rule.prefix);
      writer.count(rule.limit);
      // One more, so that 0 says that there is none.
      writer.count(rule.maxHoldMs === undefined ? 0 : rule.maxHoldMs + 1);
      writer.count(rule.maxWaiters === undefined ? 0 : rule.maxWaiters + 1);
    }
  },
  read(reader) {
    const scope = reader.count();
    const sweepFrom = reader.count();
    const rules: LimitRule[] = [];
    for (let left = reader.count(); left > 0; left--) {
      const rule = readRule(reader);
      const before = rules.at(-1);
      if (before !== undefined && compareRules(before, rule) >= 0) {
        throw new DamagedSnapshotError("rules are in order, each prefix once");
      }
      rules.push(rule);
    }
    return newLimitRules({ scope, rules, sweepFrom });
  },
};

function readRule(reader: Reader): LimitRule {
  const prefix = reader.text();
  const limit = reader.count();
  if (textProblem(prefix) !== undefined || limit < 1) {
    throw new DamagedSnapshotError("a rule gives keys by prefix a limit");
  }
  return { prefix, limit, maxHoldMs: lessOne(reader.count()), maxWaiters: lessOne(reader.count()) };
}

function lessOne(value: number): number | undefined {
  return value === 0 ? undefined : value - 1;
}

export const limitRulesSpec: TableSpec<LimitRules> = { name: "limitRules", version: 1, codec };
