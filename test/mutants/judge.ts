// judge.ts — one seeded bug: who notices it? Tests first, then seeds, until something turns red; and what
// turned red must be green without the bug, or it proves nothing.
import { bugOf } from "./catalogue.ts";
import type { Mutant } from "./mutant.ts";
import { stagesOf } from "./stages.ts";
import { type FailedTest, runTests, type TestOutcome } from "./test-run.ts";
import type { Verdict } from "./verdict.ts";
import { MisfitError, type Workshop } from "./workshop.ts";

export interface Effort {
  /** How many seeds are simulated at most. */
  readonly seedsMax: number;
  readonly workersMax: number;
  readonly asks: "tests and seeds" | "seeds";
}

/** Always the same ones. */
const firstSeed = 0x6d_00_00_00;
/** One seed takes a fraction of a second. */
const seedSilenceMs = 120_000;

export async function judge(workshop: Workshop, mutant: Mutant, effort: Effort): Promise<Verdict> {
  try {
    await workshop.putIn(mutant);
    const byTests = effort.asks === "seeds" ? undefined : await askTests(workshop, mutant, effort);
    return byTests ?? (await askSeeds(workshop, mutant, effort));
  } catch (error) {
    if (error instanceof MisfitError) return { kind: "broken", why: error.message };
    throw error;
  } finally {
    await workshop.takeOut();
  }
}

async function askTests(
  workshop: Workshop,
  mutant: Mutant,
  effort: Effort,
): Promise<Verdict | undefined> {
  const bug = bugOf(mutant);
  const { workersMax } = effort;
  for (const filters of stagesOf(mutant.file)) {
    const outcome = await runTests(workshop, { filters, workersMax, bug });
    if (outcome.kind === "green") continue;
    if (outcome.kind === "broken") return outcome;
    await workshop.takeOut();
    const files = outcome.kind === "red" ? outcome.failed.map(({ file }) => file) : filters;
    const control = await runTests(workshop, { filters: [...new Set(files)], workersMax, bug });
    return compared(outcome, control);
  }
  return undefined;
}

/** What is red without the bug, too, has not noticed it. */
function compared(
  outcome: Extract<TestOutcome, { kind: "red" | "hung" }>,
  control: TestOutcome,
): Verdict {
  if (control.kind === "broken") return control;
  if (outcome.kind === "hung") {
    if (control.kind === "green") return { kind: "timeout", what: outcome.what };
    return { kind: "broken", why: `without it, too: ${outcome.what}` };
  }
  const { failed } = outcome;
  const isRed = ({ file, name }: FailedTest): boolean =>
    control.kind === "red" &&
    control.failed.some((each) => each.file === file && each.name === name);
  const noticed = control.kind === "hung" ? undefined : failed.find((each) => !isRed(each));
  if (noticed !== undefined) return { kind: "test", ...noticed };
  return {
    kind: "broken",
    why: `red without it, too: ${failed.map(({ name }) => name).join("; ")}`,
  };
}

async function askSeeds(workshop: Workshop, mutant: Mutant, effort: Effort): Promise<Verdict> {
  if (!(await workshop.compile(mutant))) return { kind: "broken", why: "it does not compile" };
  const found = await simulate(workshop, { from: firstSeed, count: effort.seedsMax });
  if (found.kind !== "red" && found.kind !== "hung") return found;
  await workshop.takeOut();
  const at = found.seeds - 1;
  const control = await simulate(workshop, { from: firstSeed + at, count: 1 });
  const seed = (firstSeed + at).toString(16);
  if (control.kind !== "survived") return { kind: "broken", why: `seed ${seed} is red without it` };
  if (found.kind === "red") {
    return { kind: "seed", seed, count: found.seeds, property: found.property };
  }
  return { kind: "timeout", what: `seed ${seed} did not end within ${seedSilenceMs / 1000} s` };
}

type Simulated =
  | Extract<Verdict, { kind: "survived" | "broken" }>
  /** The last of so many seeds. */
  | { readonly kind: "red"; readonly seeds: number; readonly property: string }
  | { readonly kind: "hung"; readonly seeds: number };

async function simulate(
  workshop: Workshop,
  seeds: { readonly from: number; readonly count: number },
): Promise<Simulated> {
  const args = ["test/dist/mutants/seeds.js", seeds.from.toString(16), String(seeds.count)];
  const ending = await workshop.run(args, seedSilenceMs);
  const lines = ending.output.split("\n").filter((line) => line.startsWith("seed "));
  if (ending.kind === "hung") return { kind: "hung", seeds: lines.length + 1 };
  const last = /^seed [0-9a-f]+ (.+)$/.exec(lines.at(-1) ?? "")?.[1];
  if (ending.code === 1 && last !== undefined) {
    return { kind: "red", seeds: lines.length, property: last };
  }
  if (ending.code === 0 && lines.length === seeds.count) return { kind: "survived" };
  const why = `the simulation ended with ${ending.code}: ${ending.output.slice(-300)}`;
  return { kind: "broken", why };
}
