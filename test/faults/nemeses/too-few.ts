// too-few.ts — why a nemesis can't be done on these hosts.
import type { LinkTrouble } from "../hosts/hosts.ts";
import type { Stage } from "./nemesis.ts";

export function tooFew({ cluster }: Stage, voters: number): string | undefined {
  const { length } = cluster.founders;
  return length < voters ? `${length} voters are too few: it takes ${voters}` : undefined;
}

export function cannotBe(
  { hosts }: Stage,
  ...troubles: readonly LinkTrouble[]
): string | undefined {
  const missing = troubles.find((trouble) => hosts.impossible.has(trouble));
  return missing === undefined ? undefined : `links of ${hosts.kind} know no ${missing}`;
}
