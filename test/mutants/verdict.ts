// verdict.ts — what became of a seeded bug, and how it is told.

export type Verdict =
  /** A test failed that does not fail without the bug. */
  | { readonly kind: "test"; readonly file: string; readonly name: string }
  /** So many seeds were simulated; the last of them broke, and does not break without the bug. */
  | {
      readonly kind: "seed";
      readonly seed: string;
      readonly count: number;
      readonly property: string;
    }
  /** Something did not end within its time, and does without the bug: not a failing assertion. */
  | { readonly kind: "timeout"; readonly what: string }
  | { readonly kind: "survived" }
  /** Nothing was learned: it does not compile, or is red for another reason. */
  | { readonly kind: "broken"; readonly why: string };

export type Score = "killed" | "survived" | "equivalent" | "broken";

export function scoreOf(verdict: Verdict, mutant: { readonly equivalent?: string }): Score {
  if (verdict.kind === "broken") return "broken";
  if (verdict.kind !== "survived") return "killed";
  return mutant.equivalent === undefined ? "survived" : "equivalent";
}

export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case "test":
      return `${verdict.name} (${verdict.file})`;
    case "seed":
      return `seed ${verdict.seed}, the ${ordinal(verdict.count)}: ${verdict.property}`;
    case "timeout":
      return `a time limit: ${verdict.what}`;
    case "survived":
      return "nothing";
    case "broken":
      return verdict.why;
  }
}

function ordinal(count: number): string {
  const tens = count % 100;
  const suffix = tens > 10 && tens < 14 ? undefined : ["st", "nd", "rd"][(count % 10) - 1];
  return `${count}${suffix ?? "th"}`;
}

/** The closing line: `mutants: 63 killed, 0 survived, 2 argued equivalent`. */
export function closingLine(scores: readonly Score[]): string {
  const count = (wanted: Score): number => scores.filter((score) => score === wanted).length;
  const broken = count("broken");
  const nothing = broken === 0 ? "" : `, ${broken} without a verdict`;
  return `mutants: ${count("killed")} killed, ${count("survived")} survived, ${count("equivalent")} argued equivalent${nothing}`;
}
