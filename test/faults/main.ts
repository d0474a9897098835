// main.ts — npm run faults: real daemons on hosts of their own, real clients, faults drawn from a seed, and a verdict.
// Exit 0: nothing wrong was found; 1: something was; 2: usage.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  parseCount,
  parseName,
  parsePositive,
  parseSeed,
  runCommandLine,
  UsageError,
} from "../command-line.ts";
import { projectRoot } from "../project-root.ts";
import { runHere } from "./here.ts";
import { canHaveNamespaces, privateNetwork } from "./hosts/namespaces.ts";
import { catalogue } from "./nemeses/catalogue.ts";
import { productOf } from "./product.ts";
import { sabotages } from "./sabotage.ts";

const usage = `npm run faults -- [OPTION…]
  --minutes N       how long (default 1)
  --seed HEX        repeats what a seed draws; default: drawn, and printed first
  --nodes N         voters, 3 (default) or 5
  --workers N       client processes (default 6)
  --hosts KIND      namespaces (default where they are permitted) or proxies
  --report FOLDER   where a folder by the seed's name gets the report (default .faults)
  --keep            its summary goes to test/faults/runs, and to docs/fault-report.md by npm run fault-report
  --only LIST       names of nemeses, with commas
  --sabotage NAME   breaks the system on purpose: the run must find it
  --upgrade-from R  nodes begin as an earlier commit (compat-base: the first finished one), and are upgraded meanwhile`;

/** Set for the process that is in the private network already. */
const insideVariable = "ROGERD_FAULTS_INSIDE";

interface Inside {
  readonly seed: number;
  readonly product?: string | undefined;
}

function valuesOf() {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string" },
      nodes: { type: "string", default: "3" },
      workers: { type: "string", default: "6" },
      hosts: { type: "string" },
      only: { type: "string" },
      sabotage: { type: "string" },
      "upgrade-from": { type: "string" },
      report: { type: "string", default: join(projectRoot, ".faults") },
      keep: { type: "boolean", default: false },
    },
  });
  return values;
}

type Values = ReturnType<typeof valuesOf>;

function askedOf(values: Values) {
  const nemeses = catalogue.map(({ nemesis }) => nemesis.name);
  const breaks = sabotages.map(({ name }) => name);
  const sabotage = values.sabotage === undefined ? undefined : parseName(values.sabotage, breaks);
  return {
    seed: values.seed === undefined ? randomInt(2 ** 32) : parseSeed(values.seed),
    minutes: parsePositive(values.minutes),
    voters: parseCount(values.nodes, { least: 1 }),
    workers: parseCount(values.workers, { least: 1 }),
    hosts:
      values.hosts === undefined ? undefined : parseName(values.hosts, ["namespaces", "proxies"]),
    only: values.only?.split(",").map((name) => parseName(name, nemeses)),
    sabotage: sabotages.find(({ name }) => name === sabotage),
    upgradeFrom: values["upgrade-from"],
    isKept: values.keep,
    reports: values.report,
  };
}

/** The same again, with what was drawn. */
function commandText(values: Values, seed: number): string {
  const said = Object.entries(values).filter(
    ([name]) => !["seed", "keep", "report"].includes(name),
  );
  const options = said.map(([name, value]) => `--${name} ${value}`);
  return `npm run faults -- ${[...options, `--seed ${seed.toString(16)}`].join(" ")}`;
}

/** In a network where nobody else is; what was drawn and built is handed on. */
async function runInside(inside: Inside): Promise<number> {
  const [command = "", ...words] = privateNetwork();
  const child = spawn(command, [...words, process.execPath, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, [insideVariable]: JSON.stringify(inside) },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  const values = valuesOf();
  const { hosts, ...asked } = askedOf(values);
  const handedOn = process.env[insideVariable];
  if (handedOn !== undefined) {
    const inside: Inside = JSON.parse(handedOn);
    const command = commandText(values, inside.seed);
    return runHere({ ...asked, command, product: undefined, ...inside, kind: "namespaces" });
  }
  await using product = await productOf(asked);
  const root = product?.root;
  const possible = hosts === "proxies" ? "proxies were asked for" : await canHaveNamespaces();
  if (possible === true) return await runInside({ seed: asked.seed, product: root });
  if (hosts === "namespaces") throw new UsageError(`namespaces are not possible here: ${possible}`);
  console.log(`hosts are behind proxies: ${possible}`);
  const command = commandText(values, asked.seed);
  return await runHere({ ...asked, command, product: root, kind: "proxies" });
}

await runCommandLine(usage, main);
