// strike-each.ts — a command for whoever works on nemeses: each that is named (or all) strikes once at a small cluster with
// workers, and heals; then the cluster serves again and all can vote, and in the end all nodes have the same state.
//
//   node test/dist/faults/nemeses/strike-each.js [--hosts namespaces|proxies] [--nodes 3] [--seed HEX] [--brief] [NEMESIS …]
//
// A line for each on stdout, `done` in the end. With namespaces it is to be started in a private network (namespaces.ts).
// `--brief`: each strike is left for the shortest time that it may be.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { eventually } from "../../processes/eventually.ts";
import { Dice } from "../../simulation/dice.ts";
import { Ground } from "../ground.ts";
import { FencedResource } from "../history/resource.ts";
import { startNamespaces } from "../hosts/namespaces.ts";
import { startProxies } from "../hosts/proxies.ts";
import { Workers } from "../workloads/workers.ts";
import { catalogue } from "./catalogue.ts";
import type { Nemesis } from "./nemesis.ts";
import { RunStage } from "./stage.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    brief: { type: "boolean", default: false },
    hosts: { type: "string", default: "namespaces" },
    nodes: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
  },
});
const nodes = Number(values.nodes);
const seed = Number.parseInt(values.seed, 16);

const asked = { nodes: nodes + 1, clients: 2, seed };

await using hosts =
  values.hosts === "proxies" ? await startProxies(asked) : await startNamespaces(asked);
await using ground = await Ground.prepare({ hosts, voters: nodes, disk: "real" });
const { cluster, power, shims } = ground;
for (const name of cluster.founders) cluster.startNode(name);
await cluster.leader();
const folder = await mkdtemp(join(tmpdir(), "rogerd-nemeses-"));
try {
  await strikeEach(folder);
} catch (problem) {
  process.stderr.write(`${cluster.logs()}\n`);
  throw problem;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function strikeEach(folder: string): Promise<void> {
  const dice = new Dice(seed);
  await using resource = new FencedResource();
  await using workers = new Workers({
    hosts,
    count: 2,
    workloads: ["roger"],
    dice: dice.fork("workers"),
    folder,
    resource: await resource.open(hosts.kind === "namespaces" ? "10.77.0.1" : "127.0.0.1"),
  });
  const stage = new RunStage({
    ...{ hosts, cluster, workers: () => workers.now },
    ...(power === undefined ? {} : { power }),
    ...(shims === undefined ? {} : { shims }),
  });
  await serves(workers);
  for (const { nemesis } of catalogue) {
    if (positionals.length > 0 && !positionals.includes(nemesis.name)) continue;
    process.stdout.write(`${nemesis.name}: ${await strikeOnce(stage, nemesis, dice)}\n`);
    await serves(workers);
    await eventually("one may fail", async () => (await canLose()) > 0 || undefined);
  }
  await workers.finish();
  const hashes = [...(await cluster.stateHashes()).values()].map(({ hash }) => hash);
  if (new Set(hashes).size > 1) throw new Error(`states differ: ${hashes.join(", ")}`);
  process.stdout.write(`done: ${workers.throughput.total} calls, ${hashes.length} nodes alike\n`);
}

async function strikeOnce(stage: RunStage, nemesis: Nemesis, dice: Dice): Promise<string> {
  const refusal = nemesis.refusal(stage);
  if (refusal !== undefined) return `refused, as ${refusal}`;
  const own = dice.fork(nemesis.name);
  const forMs = values.brief ? nemesis.lastsMs.from : own.between(nemesis.lastsMs);
  const begun = performance.now();
  const strike = await nemesis.strike(stage, own);
  const struck = performance.now();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const healing = performance.now();
  await strike.heal();
  const took = [struck - begun, forMs, performance.now() - healing].map(Math.round);
  return `${strike.says} (struck in ${took[0]} ms, left for ${took[1]} ms, healed in ${took[2]} ms)`;
}

function serves({ throughput }: Workers): Promise<true> {
  const enough = throughput.total + 100;
  return eventually("100 calls are answered", async () => throughput.total >= enough || undefined);
}

/** With as many members as there were in the beginning. */
async function canLose(): Promise<number> {
  const { canLose, members } = await cluster.status();
  return members.length === nodes ? canLose : 0;
}
