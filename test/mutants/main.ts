// main.ts — npm run mutants: is every seeded bug noticed? `[ID…]` judges these only, `--jobs N` so many
// at a time, `--resume` leaves out what has a verdict already, `--write` rewrites docs/mutations.md,
// `--seeds N` simulates at most so many, `--only-seeds` asks no tests: how many does the simulator need
// alone? Exit 1: one was not noticed.
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseCount, runCommandLine, UsageError } from "../command-line.ts";
import { projectRoot } from "../project-root.ts";
import { catalogue } from "./catalogue.ts";
import { documentText } from "./document.ts";
import { type Effort, judge } from "./judge.ts";
import { KeptVerdicts } from "./kept-verdicts.ts";
import type { Mutant } from "./mutant.ts";
import { closingLine, type Score, scoreOf, type Verdict, verdictText } from "./verdict.ts";
import { Workshop } from "./workshop.ts";

const usage = "npm run mutants -- [ID…] [--jobs N] [--resume] [--write] [--seeds N] [--only-seeds]";
const print = (text: string): void => void process.stdout.write(`${text}\n`);

interface Plan {
  readonly mutants: readonly Mutant[];
  readonly jobs: number;
  readonly effort: Effort;
  readonly resumes: boolean;
  readonly writes: boolean;
}

function planOf(args: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      jobs: { type: "string" },
      seeds: { type: "string", default: "500" },
      resume: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      "only-seeds": { type: "boolean", default: false },
    },
  });
  const cores = availableParallelism();
  const jobs = values.jobs === undefined ? cores : parseCount(values.jobs, { least: 1 });
  const seedsMax = parseCount(values.seeds, { least: 0 });
  const unknown = positionals.filter((id) => !catalogue.some((mutant) => mutant.id === id));
  if (unknown.length > 0) throw new UsageError(`no such mutant: ${unknown.join(" ")}`);
  return {
    mutants: catalogue.filter(({ id }) => positionals.length === 0 || positionals.includes(id)),
    jobs,
    effort: {
      seedsMax,
      workersMax: Math.max(1, Math.floor(cores / jobs)),
      asks: values["only-seeds"] ? "seeds" : "tests and seeds",
    },
    resumes: values.resume,
    writes: values.write,
  };
}

async function judgeAll(plan: Plan, kept: KeptVerdicts): Promise<readonly Score[]> {
  const { effort, mutants, resumes } = plan;
  const scores: Score[] = [];
  const waiting = [...mutants];
  for (const mutant of resumes ? mutants : []) {
    const verdict = effort.asks === "seeds" ? kept.bySeeds(mutant)?.verdict : kept.of(mutant);
    if (verdict === undefined) continue;
    waiting.splice(waiting.indexOf(mutant), 1);
    scores.push(scoreOf(verdict, mutant));
  }
  const work = async (): Promise<void> => {
    const workshop = await Workshop.open();
    const clean = (): void => void workshop.close().then(() => process.exit(130));
    process.once("SIGINT", clean);
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const startedAt = performance.now();
        const verdict = await judge(workshop, next, effort);
        if (effort.asks !== "seeds") await kept.keep(next, verdict);
        else await kept.keepBySeeds(next, { verdict, seedsMax: effort.seedsMax });
        scores.push(scoreOf(verdict, next));
        tell(next, verdict, performance.now() - startedAt);
      }
    } finally {
      process.off("SIGINT", clean);
      await workshop.close();
    }
  };
  const workers = Math.min(plan.jobs, waiting.length);
  await Promise.all(Array.from({ length: workers }, work));
  return scores;
}

function tell(mutant: Mutant, verdict: Verdict, tookMs: number): void {
  const score = scoreOf(verdict, mutant);
  const seconds = (tookMs / 1000).toFixed(1);
  print(`${mutant.id}  ${score}  ${mutant.bug}\n      by ${verdictText(verdict)}  (${seconds} s)`);
}

async function main(): Promise<number> {
  const plan = planOf(process.argv.slice(2));
  const kept = await KeptVerdicts.read();
  const scores = await judgeAll(plan, kept);
  if (plan.writes) {
    await writeFile(
      join(projectRoot, "docs/mutations.md"),
      documentText({
        of: (mutant) => kept.of(mutant),
        bySeeds: (mutant) => kept.bySeeds(mutant),
      }),
    );
  }
  print(closingLine(scores));
  // The simulator alone is not asked to notice everything.
  const isWrong = (score: Score): boolean =>
    score === "broken" || (score === "survived" && plan.effort.asks !== "seeds");
  return scores.some(isWrong) ? 1 : 0;
}

await runCommandLine(usage, main);
