// cut-off-leader.e2e.test.ts — a leader that can reach nobody gives no yes and no no that it can't
// stand for: reads end as `unavailable`, writes as `indeterminate`, and a write that its client
// retries is executed once.
import { connect, RogerGlobal } from "@rogerd/client";
import { describe, expect, onTestFailed, test } from "vitest";
import type { Hosts } from "../faults/hosts/hosts.ts";
import { startProxies } from "../faults/hosts/proxies.ts";
import { bothWays, cut, without } from "../faults/nemeses/disturbed-links.ts";
import { TestCluster } from "../processes/test-cluster.ts";

/** Longer than a machine at work keeps a process waiting: who is cut off is asked while it still believes that it leads. */
const args = ["--election-timeout-ms", "1500"];

interface Scene {
  readonly hosts: Hosts;
  readonly cluster: TestCluster;
  readonly leader: string;
}

interface CutOff {
  readonly cut: (scene: Scene) => void | Promise<void>;
  readonly heal: (scene: Scene) => void | Promise<void>;
}

function signalOthers({ cluster, leader }: Scene, signal: NodeJS.Signals): void {
  for (const name of without(cluster.names, leader)) cluster.process(name).signal(signal);
}

async function cutLinks({ cluster, hosts, leader }: Scene): Promise<void> {
  const ways = bothWays([leader], without(cluster.names, leader));
  await Promise.all(ways.map((way) => hosts.link(way, cut)));
}

const ways: Record<string, CutOff> = {
  "both followers are stopped": {
    cut: (scene) => signalOthers(scene, "SIGSTOP"),
    heal: (scene) => signalOthers(scene, "SIGCONT"),
  },
  "its peer links are cut": {
    cut: cutLinks,
    heal: ({ hosts }) => hosts.restore(),
  },
};

describe.each(Object.entries(ways))("a leader is cut off because %s", (_, way) => {
  test("it answers no read with a value, no write with a result, and a retried write is executed once", async () => {
    await using hosts = await startProxies({ nodes: 3, clients: 0, seed: 0 });
    await using cluster = await TestCluster.start({ nodes: 3, places: hosts.nodes, args });
    onTestFailed(() => console.error(cluster.logs()));
    const leader = await cluster.leader();
    const ask = (command: string, args: object) =>
      askNode(cluster.clientPort(leader), { command, args });
    await using client = await connect({ endpoints: cluster.endpoints });
    const roger = new RogerGlobal(client);
    await roger.startPartition("acme");
    expect(await roger.isExecuting("acme", "taken before", { add: true })).toBe(false);

    await way.cut({ hosts, cluster, leader });
    const retried = roger.isExecuting("acme", "taken during", { add: true });
    const [read, write] = await Promise.all([
      ask("roger.isExecuting", { key: "taken before" }),
      ask("roger.isExecuting", { key: "asked once", add: true }),
    ]);
    const laterRead = await ask("roger.isExecuting", { key: "taken before" });
    const laterWrite = await ask("roger.isExecuting", { key: "asked later", add: true });
    await way.heal({ hosts, cluster, leader });

    expect([read, write]).toEqual(["unavailable", "indeterminate"]);
    expect([laterRead, laterWrite]).toEqual(["unavailable", "unavailable"]);
    expect(await retried).toBe(false);
    expect(await roger.isExecuting("acme", "taken during")).toBe(true);
    expect(await roger.isExecuting("acme", "taken before")).toBe(true);
    expect(await roger.isExecuting("acme", "asked later")).toBe(false);
  });
});

/** One command over HTTP, without the client's retries: the status of its result, or its error code. */
async function askNode(
  port: number,
  command: { readonly command: string; readonly args: object },
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/command`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ partition: "acme", ...command }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = (await response.json()) as {
    result?: { status: string };
    error?: { code: string };
  };
  return answer.error?.code ?? answer.result?.status ?? "neither";
}
