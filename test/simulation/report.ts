// report.ts — what is printed of a run: the drawn options, one line when it went well, and of a failure
// what TREE §6 asks for: what broke, the facts that contradict, how it came about, and what to type next.
import { faultText } from "./fault-plan.ts";
import type { RunOptions } from "./options.ts";
import type { RunResult } from "./simulation.ts";
import { lineText, type TraceLine } from "./trace.ts";

export function seedText(seed: number): string {
  return (seed >>> 0).toString(16).padStart(8, "0");
}

export function optionsText(options: RunOptions): string {
  const { faultWeights, ...rest } = options;
  const faults = Object.entries(faultWeights)
    .filter(([, weight]) => weight > 0)
    .map(([kind, weight]) => `${kind} ${weight.toFixed(2)}`);
  return `${flat(rest)}\n  faults ${faults.join(", ") || "none"}`;
}

function flat(value: object): string {
  return Object.entries(value)
    .map(([name, each]) =>
      typeof each === "object" && each !== null
        ? `${name} { ${flat(each as object)} }`
        : `${name} ${typeof each === "number" ? Math.round(each * 1000) / 1000 : String(each)}`,
    )
    .join(", ");
}

export function okText(result: RunResult): string {
  const { counts, calls } = result;
  const faults = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  return `✓ ${seedText(result.seed)}  ${result.options.nodes} nodes, ${seconds(result.virtualMs)} s, ${faults} faults, ${calls["calls"] ?? 0} calls, ${counts["committed"] ?? 0} committed, ${counts["terms"] ?? 0} terms`;
}

/** `smaller`: the smallest plan found that still fails, if anybody looked for one. */
export function failureText(
  result: RunResult,
  more: { readonly took: number; readonly file: string; readonly smaller?: RunResult | undefined },
): string {
  const { finding, seed } = result;
  const repeat = `npm run sim -- --seed ${seedText(seed)}`;
  const shown = more.smaller ?? result;
  const last = shown.lines.at(-1)?.atMs ?? 0;
  const from = Math.max(0, last / 1000 - 0.2).toFixed(1);
  const who = namesIn(shown.finding?.facts ?? []).join(",") || "n1,n2,n3";
  return [
    `✗ seed ${seedText(seed)}   ${result.options.nodes} nodes, ${result.calls["calls"] ?? 0} calls, ${seconds(result.virtualMs)} s of virtual time in ${Math.round(more.took)} ms`,
    "",
    `  broken    ${finding?.property ?? "nothing"}`,
    ...(finding?.facts ?? []).map((fact) => `  ${fact}`),
    "",
    `  how it came about                                     whole story: ${more.file}`,
    ...tellingLines(shown.lines).map((line) => `  ${lineText(line)}`),
    "",
    ...planText(result, more.smaller),
    "",
    `  again     ${repeat}`,
    `  watch     ${repeat} --trace ${who} --from ${from}`,
    `  keep      ${repeat} --remember`,
  ].join("\n");
}

function planText(result: RunResult, smaller: RunResult | undefined): readonly string[] {
  const plan = smaller?.plan ?? result.plan;
  const title =
    smaller === undefined
      ? `  the plan: ${plan.length} faults`
      : `  smallest plan that still fails: ${plan.length} of ${result.plan.length} faults`;
  const shown = plan.slice(-12).map((fault) => `    ${seconds(fault.atMs)}  ${faultText(fault)}`);
  return [title, ...shown];
}

/** The last lines without what every turn says. */
function tellingLines(lines: readonly TraceLine[]): readonly TraceLine[] {
  return lines
    .filter(({ text }) => !/^(asks|got|state hash|peer (dis)?connected)/.test(text))
    .slice(-24);
}

export function namesIn(facts: readonly string[]): readonly string[] {
  const names = facts.flatMap((fact) => [...fact.matchAll(/\bn\d\b/g)].map(([name]) => name));
  return [...new Set(names)].sort();
}

export function storyText(result: RunResult): string {
  const head = [`seed ${seedText(result.seed)}`, optionsText(result.options)];
  const plan = result.plan.map((fault) => `${seconds(fault.atMs)}  ${faultText(fault)}`);
  const broken =
    result.finding === undefined ? [] : ["", result.finding.property, ...result.finding.facts];
  return [...head, "", ...plan, "", ...result.lines.map(lineText), ...broken, ""].join("\n");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
