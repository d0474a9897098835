// load.ts — a closed loop: so many calls in flight, each followed by the next, for a while. Latency is
// from call to answer; CPU is what the operating system charged to client and servers.
import { createHistogram } from "node:perf_hooks";
import { cpuMsOf } from "./process-cost.ts";
import type { Target } from "./target.ts";

export type Workload = "writes" | "reads";

export interface Measurement {
  readonly target: string;
  readonly workload: Workload;
  readonly inFlight: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuMsPerCall: number;
  readonly clientCpuMsPerCall: number;
}

let freshKeys = 0;

/** 24 bytes, never used before in this process. */
function freshKey(): string {
  freshKeys += 1;
  return `bench-key-${String(freshKeys).padStart(14, "0")}`;
}

export async function measure(
  target: Target,
  load: { readonly workload: Workload; readonly inFlight: number; readonly seconds: number },
): Promise<Measurement> {
  const latency = createHistogram();
  const serverBefore = await cpuMsOf(target.pids);
  const clientBefore = process.cpuUsage();
  const begin = performance.now();
  const end = begin + load.seconds * 1000;
  let calls = 0;
  const timed = async (call: Promise<void>): Promise<void> => {
    const from = performance.now();
    await call;
    latency.record(Math.max(1, Math.round((performance.now() - from) * 1000)));
    calls += 1;
  };
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const key = freshKey();
      if (load.workload === "reads") await timed(target.read(key));
      else {
        await timed(target.acquire(key));
        await timed(target.release(key));
      }
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, worker));
  const seconds = (performance.now() - begin) / 1000;
  const client = process.cpuUsage(clientBefore);
  return {
    target: target.name,
    workload: load.workload,
    inFlight: load.inFlight,
    callsPerSecond: calls / seconds,
    p50Ms: latency.percentile(50) / 1000,
    p99Ms: latency.percentile(99) / 1000,
    serverCpuMsPerCall: ((await cpuMsOf(target.pids)) - serverBefore) / calls,
    clientCpuMsPerCall: (client.user + client.system) / 1000 / calls,
  };
}
