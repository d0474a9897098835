// main.ts — npm run sim: search (`--seeds N [--from-seed S] [--jobs N]`), repeat (`--seed HEX [--trace n1,n3]
// [--from SECONDS]`), keep (`--remember`). A search that is told to end (SIGINT, SIGTERM) ends with its totals so far.
// Exit 0: all well; 1: something broke; 2: usage.
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { parseCount, parseSeed, runCommandLine } from "../command-line.ts";
import { failureText, okText, optionsText, seedText } from "./report.ts";
import { keptSeeds, remember, search, totalsText } from "./search.ts";
import { runSimulation } from "./simulation.ts";
import { lineText } from "./trace.ts";

const usage = `npm run sim -- --seeds N [--from-seed HEX] [--jobs N] [--no-shrink]
npm run sim -- --seed HEX [--trace n1,n3] [--from SECONDS] [--remember]`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      "from-seed": { type: "string" },
      jobs: { type: "string" },
      "no-shrink": { type: "boolean", default: false },
      seed: { type: "string" },
      trace: { type: "string" },
      from: { type: "string" },
      remember: { type: "boolean", default: false },
    },
  });
  if (values.seed !== undefined) {
    const seed = parseSeed(values.seed);
    if (values.remember) remember(seed);
    return repeat(seed, {
      names: values.trace?.split(","),
      fromMs: Number(values.from ?? 0) * 1000,
    });
  }
  const count = parseCount(values.seeds ?? "1", { least: 0 });
  const jobs = Math.max(1, parseCount(values.jobs ?? `${availableParallelism()}`, { least: 0 }));
  const first =
    values["from-seed"] === undefined ? randomInt(2 ** 32) : parseSeed(values["from-seed"]);
  print(`from seed ${seedText(first)}`);
  const drawn = Array.from({ length: count }, (_, at) => (first + at) >>> 0);
  const kept = values["from-seed"] === undefined ? keptSeeds() : [];
  const shrinking = values["no-shrink"] ? "as-drawn" : "shrink";
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  const totals = await search([...kept, ...drawn], { print, shrinking, jobs, stop: stop.signal });
  print(totalsText(totals));
  return totals.failed.length === 0 ? 0 : 1;
}

async function repeat(
  seed: number,
  show: { readonly names: readonly string[] | undefined; readonly fromMs: number },
): Promise<number> {
  const startedAt = performance.now();
  const result = await runSimulation({ seed, lines: "all" });
  print(`seed ${seedText(seed)}\n  ${optionsText(result.options)}`);
  const { names, fromMs } = show;
  if (names !== undefined) {
    const world = new Set([...names, "fault", "phase"]);
    for (const line of result.lines) {
      if (line.atMs >= fromMs && world.has(line.who)) print(lineText(line));
    }
  }
  print(`digest ${result.digest}`);
  if (result.finding === undefined) {
    print(okText(result));
    return 0;
  }
  print(failureText(result, { took: performance.now() - startedAt, file: "(--seeds writes it)" }));
  return 1;
}

await runCommandLine(usage, main);
