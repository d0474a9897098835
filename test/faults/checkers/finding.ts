// finding.ts — what a checker hands back: which property is broken, and the lines that contradict each other, in words.

export interface Finding {
  /** `undecided`: the search was given up for its size. Not judged is not right. */
  readonly kind: "broken" | "undecided";
  readonly property: string;
  readonly says: readonly string[];
}

export interface Checked {
  readonly findings: readonly Finding[];
  /** How much of what was looked at; all of it zero: the verdict is worth nothing. */
  readonly judged: Readonly<Record<string, number>>;
}

export function broken(property: string, says: readonly string[]): Finding {
  return { kind: "broken", property, says };
}

/** So many are told of one property; the rest is counted. */
const toldMax = 20;

/** One fault may contradict thousands of lines: a report that nobody can read helps nobody. */
export function shortened(findings: readonly Finding[]): readonly Finding[] {
  const byProperty = new Map<string, Finding[]>();
  for (const finding of findings) {
    const name = `${finding.kind} ${finding.property}`;
    const same = byProperty.get(name) ?? [];
    same.push(finding);
    byProperty.set(name, same);
  }
  return [...byProperty.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length <= toldMax) return same;
    const rest = `${same.length - toldMax} more of these`;
    return [...same.slice(0, toldMax), { ...first, says: [rest] }];
  });
}
