// finding.ts — what a checker hands back, in the report's words: the property that broke, the lines that contradict it,
// and how much was looked at.
import type { Finding } from "../../simulation/violation.ts";

/** A finding that may know where it happened; the report's page leads there. */
export interface PlacedFinding extends Finding {
  /** As in history lines. */
  readonly at?: number;
  /** A worker, a node, or a thing as in history lines. */
  readonly where?: string;
}

/** What one checker has to say. */
export interface CheckerVerdict {
  readonly checker: string;
  /** What it looked at: `{ calls: 4000, keys: 8 }`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly PlacedFinding[];
  /** What it could not judge, and why. */
  readonly unjudged?: readonly string[];
}

/** Counts that are all zero: nothing was judged, and the verdict is worth nothing. */
export type Checked = Omit<CheckerVerdict, "checker">;

/** A search that was given up for its size. Not judged is not right. */
export function undecided(property: string, facts: readonly string[]): PlacedFinding {
  return { property: `undecided: ${property}`, facts };
}

/** So many of one property are told: thousands are read by nobody. */
const toldMax = 20;

export function shortened(findings: readonly PlacedFinding[]): readonly PlacedFinding[] {
  const told = new Map<string, number>();
  const kept = findings.filter(({ property }) => {
    const before = told.get(property) ?? 0;
    told.set(property, before + 1);
    return before < toldMax;
  });
  const rest = [...told].filter(([, count]) => count > toldMax);
  const more = rest.map(([property, count]) => ({
    property,
    facts: [`${count - toldMax} more of these`],
  }));
  return [...kept, ...more];
}
