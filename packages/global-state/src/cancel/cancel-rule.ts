// cancel-rule.ts — the record that says "jobs like these are cancelled", without knowing their ids
// (SEMANTICS §2). Only rules.ts changes one that lies in its table.
import type { LogTimeMs } from "../ids.ts";
import { logTimeMs } from "../ids.ts";
import type { CancelRuleItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

/** All that is there must hold; at least one of the first three is there. */
export interface RuleMatch {
  readonly queue: string | null;
  readonly jobIdPrefix: string | null;
  readonly tag: string | null;
  /** Wall time. */
  readonly enqueuedBefore: number | null;
}

/** Names a rule, and orders rules by their age: the entry that made it, and its place among those of it. */
export interface RuleNumber {
  readonly revision: number;
  readonly at: number;
}

export interface CancelRule extends Row {
  readonly key: string;
  readonly kind: "cancelRule";
  readonly number: RuleNumber;
  readonly match: RuleMatch;
  readonly by: string;
  readonly reason: string;
  readonly atWallMs: number;
  /** About when it ends, as the leader's clock said; for showing. */
  readonly expiresWallMs: number;
  /** How many jobs it has cancelled. */
  hits: number;
  expiresAt: LogTimeMs;
  place: number;
}

export type RuleParts = Omit<CancelRule, "hash" | "key" | "kind" | "place">;

export function newRule(parts: RuleParts): CancelRule {
  const key = ruleId(parts.number);
  return { ...parts, hash: hashText(parts.scope, key), key, kind: "cancelRule", place: -1 };
}

export function ruleId({ revision, at }: RuleNumber): string {
  return `${revision}.${at}`;
}

export function compareRules(left: CancelRule, right: CancelRule): number {
  const byRevision = left.number.revision - right.number.revision;
  return byRevision === 0 ? left.number.at - right.number.at : byRevision;
}

export function ruleItem(row: CancelRule): CancelRuleItem {
  const { key, match, by, reason, atWallMs, expiresWallMs, hits } = row;
  return { rule: key, ...match, by, reason, at: atWallMs, expiresAt: expiresWallMs, hits };
}

const codec: RowCodec<CancelRule> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.count(row.number.revision);
    writer.count(row.number.at);
    writeMatch(row.match, writer);
    writer.text(row.by);
    writer.text(row.reason);
    writer.count(row.atWallMs);
    writer.count(row.expiresWallMs);
    writer.count(row.hits);
    writer.count(row.expiresAt);
  },
  read(reader) {
    return newRule({
      scope: reader.count(),
      number: { revision: reader.count(), at: reader.count() },
      match: readMatch(reader),
      by: reader.text(),
      reason: reader.text(),
      atWallMs: reader.count(),
      expiresWallMs: reader.count(),
      hits: reader.count(),
      expiresAt: logTimeMs(reader.count()),
    });
  },
};

function writeMatch(match: RuleMatch, writer: Writer): void {
  writer.optionalText(match.queue);
  writer.optionalText(match.jobIdPrefix);
  writer.optionalText(match.tag);
  writer.optionalCount(match.enqueuedBefore);
}

function readMatch(reader: Reader): RuleMatch {
  const queue = reader.optionalName();
  const jobIdPrefix = reader.optionalName();
  const tag = reader.optionalName();
  if (queue === null && jobIdPrefix === null && tag === null) {
    throw new DamagedSnapshotError("a rule says which jobs it is about");
  }
  return { queue, jobIdPrefix, tag, enqueuedBefore: reader.optionalCount() };
}

export const cancelRuleSpec: TableSpec<CancelRule> = { name: "cancelRules", version: 1, codec };
