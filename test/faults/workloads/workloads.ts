// workloads.ts — all workloads there are, by name.
import type { WorkloadName } from "../history/history-line.ts";
import { claimsWorkload } from "./claims.ts";
import { jobsWorkload } from "./jobs.ts";
import { keysWorkload } from "./keys.ts";
import { pausesWorkload } from "./pauses.ts";
import { rogerWorkload } from "./roger.ts";
import { watchWorkload } from "./watch.ts";
import type { Workload } from "./workload.ts";

const all: readonly Workload[] = [
  rogerWorkload,
  keysWorkload,
  jobsWorkload,
  pausesWorkload,
  claimsWorkload,
  watchWorkload,
];

export function workloadOf(name: WorkloadName): Workload {
  const found = all.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found;
}

export const workloadNames: readonly WorkloadName[] = all.map(({ name }) => name);
