// dropping.ts — how far the emptying of a dropped partition is: part of its record, so that every node goes on at
// the same place, also after a restore. It waits for its turn, due at once.
import type { Deadline } from "../deadlines.ts";
import { notAtAll } from "../log-time.ts";
import type { Row } from "../table/row.ts";

/**
 * What is emptied, in this order. Waits before what they wait for, and runs before the keys that they hold. Their
 * places are their numbers in snapshots.
 */
export const dropSections = [
  "waits",
  "runs",
  "executionKeys",
  "queueKeys",
  "cancelMarks",
  "cancelRules",
  "pauses",
  "finishedJobs",
  "limitRules",
] as const;
export type DropSection = (typeof dropSections)[number];

/** It has the name of its partition. */
export interface Dropping extends Deadline {
  readonly kind: "dropping";
  /** Its number: what comes before it is empty. `dropSections.length`: all is. */
  section: number;
  /** Of the walk through the table of that section: no row of the partition has a smaller reversed hash. */
  from: number;
}

export function newDropping(
  { hash, scope, key }: Row,
  at: { readonly section: number; readonly from: number },
): Dropping {
  const { section, from } = at;
  return { hash, scope, key, kind: "dropping", section, from, expiresAt: notAtAll, place: -1 };
}
