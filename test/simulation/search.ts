// search.ts — runs seeds one after the other, the kept ones first, and counts what was done; on a
// failure it looks for a smaller plan, writes the whole story down and goes on with the next seed.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import { failureText, okText, seedText, storyText } from "./report.ts";
import { shrink } from "./shrink.ts";
import { type RunResult, runSimulation } from "./simulation.ts";

const storyFolder = join(projectRoot, ".sim");
const seedsFile = join(projectRoot, "test/simulation/seeds.txt");

export interface Totals {
  seeds: number;
  failed: readonly number[];
  virtualMs: number;
  readonly faults: Record<string, number>;
  readonly calls: Record<string, number>;
}

/** Seeds that once failed, one a line. */
export function keptSeeds(): readonly number[] {
  return readFileSync(seedsFile, "utf8")
    .split("\n")
    .map((line) => line.split("#")[0]?.trim() ?? "")
    .filter((line) => line !== "")
    .map((line) => Number.parseInt(line, 16));
}

export function remember(seed: number): void {
  const text = readFileSync(seedsFile, "utf8");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.some((line) => line.startsWith(seedText(seed)))) return;
  const isSeed = (line: string): boolean => /^[0-9a-f]{8}/.test(line);
  const kept = [...lines.filter(isSeed), seedText(seed)].sort();
  writeFileSync(seedsFile, `${[...lines.filter((line) => !isSeed(line)), ...kept].join("\n")}\n`);
}

export async function search(
  seeds: Iterable<number>,
  print: (text: string) => void,
  shrinking: "shrink" | "as-drawn",
): Promise<Totals> {
  const totals: Totals = { seeds: 0, failed: [], virtualMs: 0, faults: {}, calls: {} };
  for (const seed of seeds) {
    const startedAt = performance.now();
    const result = await runSimulation({ seed });
    count(totals, result);
    if (result.finding === undefined) {
      if (process.stdout.isTTY) print(okText(result));
      continue;
    }
    totals.failed = [...totals.failed, seed];
    const took = performance.now() - startedAt;
    const smaller = shrinking === "shrink" ? await shrink(result) : undefined;
    print(failureText(result, { took, file: await writeStory(smaller ?? result), smaller }));
  }
  return totals;
}

/** The same run again, with every line kept. Gives the file's name, from the root of the project. */
async function writeStory(result: RunResult): Promise<string> {
  const again = await runSimulation({ seed: result.seed, plan: result.plan, lines: "all" });
  mkdirSync(storyFolder, { recursive: true });
  const name = `${seedText(result.seed)}.txt`;
  writeFileSync(join(storyFolder, name), storyText(again));
  return `.sim/${name}`;
}

function count(totals: Totals, result: RunResult): void {
  totals.seeds += 1;
  totals.virtualMs += result.virtualMs;
  for (const [kind, times] of Object.entries(result.faults)) {
    totals.faults[kind] = (totals.faults[kind] ?? 0) + times;
  }
  for (const [kind, times] of Object.entries(result.calls)) {
    totals.calls[kind] = (totals.calls[kind] ?? 0) + times;
  }
}

export function totalsText(totals: Totals): string {
  const { seeds, failed, virtualMs } = totals;
  const each = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([kind, times]) => `${kind} ${times}`)
      .join(", ");
  const outcome =
    failed.length === 0 ? "all well" : `${failed.length} failed: ${failed.map(seedText).join(" ")}`;
  return `${seeds} seeds, ${outcome}; ${(virtualMs / 3_600_000).toFixed(2)} virtual hours; faults: ${each(totals.faults)}; calls: ${each(totals.calls)}`;
}
