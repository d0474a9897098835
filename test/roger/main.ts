// main.ts — npm run roger: the differential test of SEMANTICS §1 in any size, in the simulator or with
// `--processes` on real ones. Exit 0: every answer agreed; 1: one did not; 2: usage.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { parseCount, parseSeed, runCommandLine } from "../command-line.ts";
import { seedText } from "../simulation/report.ts";
import type { Comparison } from "./differential.ts";
import { runOnProcesses } from "./real-cluster.ts";
import { runInSimulator } from "./virtual-cluster.ts";

const usage = "npm run roger -- [--calls N] [--processes] [--seed HEX] [--calls-per-fault N]";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      calls: { type: "string", default: "10000" },
      "calls-per-fault": { type: "string", default: "200" },
      processes: { type: "boolean", default: false },
      seed: { type: "string" },
    },
  });
  const calls = parseCount(values.calls, { least: 1 });
  const callsPerFault = parseCount(values["calls-per-fault"], { least: 1 });
  const seed = values.seed === undefined ? randomInt(2 ** 32) : parseSeed(values.seed);
  print(
    `seed ${seedText(seed)}: ${calls} calls ${values.processes ? "on processes" : "in the simulator"}`,
  );
  const startedAt = performance.now();
  const request = { seed, calls, callsPerFault };
  const run = await (values.processes ? runOnProcesses(request) : runInSimulator(request));
  print(`  ${tallyText(run)}`);
  print(`  ${Object.entries(run.faults).map(counted).join(", ")}`);
  print(`  took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  if (run.disagreement === undefined) {
    print("every answer is the reference's");
    return 0;
  }
  print(`call ${run.disagreement.at} disagrees: ${JSON.stringify(run.disagreement)}`);
  return 1;
}

function tallyText({ tally }: Comparison): string {
  const { changed, unchanged } = tally.unknown;
  const forms = Object.entries(tally.forms).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${tally.calls} calls: ${forms.map(counted).join(", ")}
  ${tally.madeAgain} made again, as they had no effect; ${changed + unchanged} unknown, by ${changed} of which the state had changed`;
}

function counted([what, times]: readonly [string, number]): string {
  return `${what} ${times}`;
}

await runCommandLine(usage, main);
