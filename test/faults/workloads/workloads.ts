// workloads.ts — all workloads there are, by name.
import type { WorkloadName } from "../history/history-line.ts";
import { roger } from "./roger.ts";
import type { Workload } from "./workload.ts";

const all: readonly Workload[] = [roger];

export function workloadOf(name: WorkloadName): Workload {
  const found = all.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found;
}

export const workloadNames: readonly WorkloadName[] = all.map(({ name }) => name);
