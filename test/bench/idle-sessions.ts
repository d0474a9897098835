// idle-sessions.ts — what sessions cost that ask nothing: CPU and memory of the leader with them, by keepalives at
// their default interval, beside the same leader without any.
import { TestCluster } from "../processes/test-cluster.ts";
import { OtherClients } from "./other-clients.ts";
import { cpuMsOf, residentMebibytesOf } from "./process-cost.ts";
import { markdownTable } from "./report.ts";

interface Cost {
  readonly cpuShare: number;
  readonly mebibytes: number;
}

/** What opening them left behind is over: answers, garbage, the first keepalives all at once. */
const settleMs = 12_000;
const triesMax = 5;

export async function benchSessions(parts: {
  readonly sessions: number;
  readonly seconds: number;
}): Promise<string> {
  await using cluster = await TestCluster.start({ nodes: 3 });
  const { endpoints } = cluster;
  const without = await costOfLeader(cluster, parts.seconds);
  const others = await OtherClients.start({ role: "sessions", count: parts.sessions, endpoints });
  try {
    await pause(settleMs);
    const withThem = await costOfLeader(cluster, parts.seconds);
    return markdownTable([
      ["leader", "CPU, share of one core", "memory MiB"],
      ["no sessions", ...cells(without)],
      [`${parts.sessions} sessions`, ...cells(withThem)],
      [
        "ratio",
        (withThem.cpuShare / without.cpuShare).toFixed(1),
        ratioOfMemory(withThem, without),
      ],
    ]);
  } finally {
    await others.stop();
  }
}

/** On a machine that others use leadership may move: what another one did meanwhile is no leader's cost. */
async function costOfLeader(cluster: TestCluster, seconds: number): Promise<Cost> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const leader = await cluster.leader();
    const { term } = await cluster.nodeStatus(leader);
    const cost = await costOf(cluster.process(leader).pid, seconds);
    const after = await cluster.leader();
    if (after === leader && (await cluster.nodeStatus(after)).term === term) return cost;
  }
  throw new Error(`leadership moved in each of ${triesMax} measurements: the machine is too busy`);
}

async function costOf(pid: number, seconds: number): Promise<Cost> {
  const [before, begin] = [await cpuMsOf([pid]), performance.now()];
  await pause(seconds * 1000);
  const cpuMs = (await cpuMsOf([pid])) - before;
  return {
    cpuShare: cpuMs / (performance.now() - begin),
    mebibytes: await residentMebibytesOf(pid),
  };
}

function cells({ cpuShare, mebibytes }: Cost): readonly string[] {
  return [`${(cpuShare * 100).toFixed(1)} %`, mebibytes.toFixed(0)];
}

function ratioOfMemory(one: Cost, other: Cost): string {
  return (one.mebibytes / other.mebibytes).toFixed(2);
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
