// main.ts — npm run faults: real daemons on hosts of their own, real clients, faults drawn from a seed, and a verdict.
//   --minutes N       how long (default 1)
//   --seed HEX        repeats what a seed draws; default: drawn, and printed first
//   --nodes N         voters, 3 (default) or 5
//   --workers N       client processes (default 6)
//   --hosts KIND      namespaces (default where they are permitted) or proxies
//   --report FOLDER   where a folder by the seed's name gets the report (default .faults)
//   --keep            its summary goes to test/faults/runs, and to docs/fault-report.md by npm run fault-report
//   --only LIST       names of nemeses, with commas
//   --sabotage NAME   breaks the system on purpose: the run must find it
//   --upgrade-from R  nodes begin as an earlier commit (`compat-base`: the first finished one), and are upgraded meanwhile
// Exit 0: nothing wrong was found; 1: something was; 2: usage.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../project-root.ts";
import { runHere } from "./here.ts";
import { canHaveNamespaces, privateNetwork } from "./hosts/namespaces.ts";
import { catalogue } from "./nemeses/catalogue.ts";
import { productOf } from "./product.ts";
import { sabotages } from "./sabotage.ts";

/** Set for the process that is in the private network already. */
const insideVariable = "ROGERD_FAULTS_INSIDE";

interface Inside {
  readonly seed: number;
  readonly product?: string | undefined;
}

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

function refuse(says: string): never {
  console.error(`faults: ${says}`);
  process.exit(2);
}

function numberOf(name: "minutes" | "nodes" | "workers"): number {
  const number = Number(values[name]);
  if (!(number > 0)) refuse(`--${name} takes a positive number, not ${values[name]}`);
  return number;
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return randomInt(2 ** 32);
  if (!/^[0-9a-f]{1,8}$/i.test(text)) refuse(`--seed takes up to 8 hex digits, not ${text}`);
  return Number.parseInt(text, 16);
}

const only = values.only?.split(",");
const unknown = only?.find((name) => !catalogue.some(({ nemesis }) => nemesis.name === name));
if (unknown !== undefined) {
  const names = catalogue.map(({ nemesis }) => nemesis.name).join(", ");
  refuse(`--only knows ${names}, not ${unknown}`);
}
const sabotage = sabotages.find(({ name }) => name === values.sabotage);
if (values.sabotage !== undefined && sabotage === undefined) {
  const names = sabotages.map(({ name }) => name).join(", ");
  refuse(`--sabotage knows ${names}, not ${values.sabotage}`);
}
if (![undefined, "namespaces", "proxies"].includes(values.hosts)) {
  refuse(`--hosts knows namespaces and proxies, not ${values.hosts}`);
}
const asked = {
  seed: seedOf(values.seed),
  minutes: numberOf("minutes"),
  voters: numberOf("nodes"),
  workers: numberOf("workers"),
  only,
  sabotage,
  upgradeFrom: values["upgrade-from"],
  isKept: values.keep,
  reports: values.report,
};

/** The same again, with what was drawn. */
function commandText(seed: number): string {
  const said = Object.entries(values).filter(
    ([name]) => !["seed", "keep", "report"].includes(name),
  );
  const options = said.map(([name, value]) => `--${name} ${value}`);
  return `npm run faults -- ${[...options, `--seed ${seed.toString(16)}`].join(" ")}`;
}

/** In a network where nobody else is; what was drawn and built is handed on. */
async function runInside(product: string | undefined): Promise<number> {
  const [command = "", ...words] = privateNetwork();
  const inside: Inside = { seed: asked.seed, product };
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
  const handedOn = process.env[insideVariable];
  if (handedOn !== undefined) {
    const inside: Inside = JSON.parse(handedOn);
    const command = commandText(inside.seed);
    return runHere({ ...asked, command, product: undefined, ...inside, kind: "namespaces" });
  }
  await using product = await productOf(asked);
  const root = product?.root;
  const possible =
    values.hosts === "proxies" ? "proxies were asked for" : await canHaveNamespaces();
  if (possible === true) return await runInside(root);
  if (values.hosts === "namespaces") refuse(`namespaces are not possible here: ${possible}`);
  console.log(`hosts are behind proxies: ${possible}`);
  const command = commandText(asked.seed);
  return await runHere({ ...asked, command, product: root, kind: "proxies" });
}

process.exitCode = await main();
