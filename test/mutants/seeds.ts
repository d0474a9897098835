// seeds.ts — simulates seeds one after the other until one breaks: `seeds.js FIRST COUNT`. One line for
// each; exit 0: none broke, 1: the last one did. Runs in a workshop, on the compiled code there.
import { seedText } from "../simulation/report.ts";
import { runSimulation } from "../simulation/simulation.ts";

const [first = "", count = ""] = process.argv.slice(2);
const from = Number.parseInt(first, 16);

for (let at = 0; at < Number(count); at += 1) {
  const seed = (from + at) >>> 0;
  const { finding } = await runSimulation({ seed });
  const property = finding === undefined ? "" : ` ${finding.property}`;
  process.stdout.write(`seed ${seedText(seed)}${property}\n`);
  if (finding === undefined) continue;
  process.exitCode = 1;
  break;
}
