// search.ts — runs many seeds on all cores, one process a core and one seed at a time in each, and counts
// what was done. Which process runs a seed changes nothing; what is printed comes in the order of ends.
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot } from "../project-root.ts";
import type { Judgement, Shrinking } from "./judge-seed.ts";
import { seedText } from "./report.ts";
import type { Asked } from "./seed-process.ts";

const seedsFile = join(projectRoot, "test/simulation/seeds.txt");

/** A simulation makes much garbage that is soon dead: with little room it is copied again and again. */
const youngGenerationMb = 32;

/** Where a well seed is not worth a line, it is said how far the search has come. */
const seedsPerLine = 1_000;

export interface Totals {
  seeds: number;
  failed: number[];
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

export interface SearchSettings {
  readonly shrinking: Shrinking;
  readonly jobs: number;
  readonly print: (text: string) => void;
  /** Aborted: what runs is run to its end, and no other seed. */
  readonly stop: AbortSignal;
}

/** A process that ends by itself ends the search. */
export async function search(seeds: readonly number[], settings: SearchSettings): Promise<Totals> {
  const totals: Totals = { seeds: 0, failed: [], virtualMs: 0, faults: {}, calls: {} };
  const { stop } = settings;
  const left = [...seeds].reverse();
  const runOne = async (): Promise<void> => {
    const child = startProcess();
    for (let seed = left.pop(); seed !== undefined; seed = stop.aborted ? undefined : left.pop()) {
      const judgement = await ask(child, { seed, shrinking: settings.shrinking });
      count(totals, judgement);
      const isWorthALine = judgement.outcome === "broken" || process.stdout.isTTY;
      if (isWorthALine) settings.print(judgement.text);
      if (totals.seeds % seedsPerLine === 0 && left.length > 0) {
        settings.print(`${totals.seeds} of ${seeds.length} seeds, ${totals.failed.length} failed`);
      }
    }
    child.disconnect();
  };
  const jobs = Math.min(settings.jobs, seeds.length);
  await Promise.all(Array.from({ length: jobs }, runOne));
  totals.failed.sort((one, other) => one - other);
  const next = left.at(-1);
  if (next !== undefined) settings.print(`stopped; it goes on with --from-seed ${seedText(next)}`);
  return totals;
}

function startProcess(): ChildProcess {
  return fork(fileURLToPath(new URL("./seed-process.js", import.meta.url)), {
    execArgv: [`--max-semi-space-size=${youngGenerationMb}`],
  });
}

function ask(child: ChildProcess, asked: Asked): Promise<Judgement> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      reject(new Error(`the process of seed ${seedText(asked.seed)} ended with ${code}`));
    };
    child.once("exit", ended);
    child.once("message", (judgement: Judgement) => {
      child.off("exit", ended);
      resolve(judgement);
    });
    child.send(asked);
  });
}

function count(totals: Totals, judgement: Judgement): void {
  totals.seeds += 1;
  totals.virtualMs += judgement.virtualMs;
  if (judgement.outcome === "broken") totals.failed.push(judgement.seed);
  for (const [kind, times] of Object.entries(judgement.faults)) {
    totals.faults[kind] = (totals.faults[kind] ?? 0) + times;
  }
  for (const [kind, times] of Object.entries(judgement.calls)) {
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
