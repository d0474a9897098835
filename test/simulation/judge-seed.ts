// judge-seed.ts — one seed, judged: its run, and if something broke, a smaller plan, the whole story in a
// file, and what to print. Values only, so that it can be done by another thread.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import { failureText, okText, seedText, storyText } from "./report.ts";
import { shrink } from "./shrink.ts";
import { type RunResult, runSimulation } from "./simulation.ts";

const storyFolder = join(projectRoot, ".sim");

export type Shrinking = "shrink" | "as-drawn";

export interface Judgement {
  readonly seed: number;
  readonly outcome: "well" | "broken";
  readonly text: string;
  readonly virtualMs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, number>>;
}

export async function judgeSeed(seed: number, shrinking: Shrinking): Promise<Judgement> {
  const startedAt = performance.now();
  const result = await runSimulation({ seed });
  const { calls, faults, virtualMs } = result;
  const counts = { seed, calls, faults, virtualMs };
  if (result.finding === undefined) return { ...counts, outcome: "well", text: okText(result) };
  const took = performance.now() - startedAt;
  const smaller = shrinking === "shrink" ? await shrink(result) : undefined;
  const file = await writeStory(smaller ?? result);
  return { ...counts, outcome: "broken", text: failureText(result, { took, file, smaller }) };
}

/** The same run again, with every line kept. Gives the file's name, from the root of the project. */
async function writeStory(result: RunResult): Promise<string> {
  const again = await runSimulation({ seed: result.seed, plan: result.plan, lines: "all" });
  mkdirSync(storyFolder, { recursive: true });
  const name = `${seedText(result.seed)}.txt`;
  writeFileSync(join(storyFolder, name), storyText(again));
  return `.sim/${name}`;
}
