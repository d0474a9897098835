// here.ts — a run on the hosts that there are, from the sabotage to the verdict: what it is given, what comes out of it.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import type { Hosts } from "./hosts/hosts.ts";
import { startNamespaces } from "./hosts/namespaces.ts";
import { type RunRecord, type RunView, runFaults } from "./run.ts";
import type { Sabotage } from "./sabotage.ts";

export interface AskedRun {
  readonly seed: number;
  readonly minutes: number;
  readonly voters: number;
  readonly workers: number;
  readonly only: readonly string[] | undefined;
  readonly sabotage: Sabotage | undefined;
  /** The root of the version that nodes begin with; undefined: this one. */
  readonly product: string | undefined;
  readonly kind: Hosts["kind"];
}

/** Nodes that may join; and clients' machines. */
const more = { nodes: 2, clients: 2 };
const workloads = ["roger", "keys", "jobs", "claims", "watch"] as const;

/** The exit code. */
export async function runHere(asked: AskedRun): Promise<number> {
  const { seed } = asked;
  console.log(`seed ${seed.toString(16).padStart(8, "0")}`);
  const record = await recordOf(asked);
  const folder = join(projectRoot, ".faults", seed.toString(16).padStart(8, "0"));
  await mkdir(folder, { recursive: true });
  const text = record.lines.map((line) => JSON.stringify(line)).join("\n");
  await writeFile(join(folder, "history.jsonl"), `${text}\n`);
  console.log(record.lines.length, record.faultyWorkers, record.refused, record.missing, [
    ...record.stateHashes,
  ]);
  return 0;
}

async function recordOf(asked: AskedRun): Promise<RunRecord> {
  const { kind, minutes, only, product, sabotage, seed, voters, workers } = asked;
  await using hosts = await startNamespaces({ ...more, nodes: voters + more.nodes, seed });
  // Awaited here: the hosts are gone when this returns.
  return await runFaults({
    ...{ seed, voters, workers, hosts, workloads },
    forMs: minutes * 60_000,
    desk: kind === "namespaces" ? "10.77.0.1" : "127.0.0.1",
    only: only ?? sabotage?.only,
    product,
    disk: sabotage?.disk ?? "real",
    show: plainView,
  });
}

const plainView: RunView = {
  phase: (says) => console.log(says),
  strikes: (says) => console.log(`strike ${says}`),
  heals: (says) => console.log(`heal ${says}`),
  answered: () => undefined,
};
