// report.ts — measurements as a Markdown table, with the ratio to each peer of the same run.
import type { Measurement } from "./load.ts";

export function renderTable(measurements: readonly Measurement[]): string {
  const peers = [...new Set(measurements.map(({ target }) => target))].filter(
    (name) => name !== "rogerd",
  );
  const head = [
    "workload",
    "in flight",
    "system",
    "calls/s",
    "p50 ms",
    "p99 ms",
    "CPU ms/call server + client",
  ];
  const rows = measurements.map((each) => [
    each.workload,
    String(each.inFlight),
    each.target,
    Math.round(each.callsPerSecond).toLocaleString("en-US"),
    each.p50Ms.toFixed(2),
    each.p99Ms.toFixed(2),
    `${each.serverCpuMsPerCall.toFixed(3)} + ${each.clientCpuMsPerCall.toFixed(3)}`,
    ...peers.map((peer) => ratioTo(peer, each, measurements)),
  ]);
  const header = [...head, ...peers.map((peer) => `rogerd ÷ ${peer}`)];
  return markdownTable([header, ...rows]);
}

/** The first row is the head. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function ratioTo(peer: string, of: Measurement, all: readonly Measurement[]): string {
  if (of.target !== "rogerd") return "";
  const other = all.find(
    (each) =>
      each.target === peer && each.workload === of.workload && each.inFlight === of.inFlight,
  );
  return other === undefined ? "" : (of.callsPerSecond / other.callsPerSecond).toFixed(2);
}
