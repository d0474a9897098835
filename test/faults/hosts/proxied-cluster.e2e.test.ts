// Real daemons and clients on hosts that are proxies: nobody goes around the link that was cut, whatever addresses
// nodes tell, and neither does the thread that keeps a client's session.
import { connect } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../../processes/client-process.ts";
import { eventually } from "../../processes/eventually.ts";
import { TestCluster } from "../../processes/test-cluster.ts";
import type { HostName, Hosts } from "./hosts.ts";
import { startProxies } from "./proxies.ts";

interface Fact {
  readonly state?: string;
  readonly made?: number;
  readonly failed?: string;
  readonly isBlocked?: boolean;
}

const longMs = 600_000;

/** Of all nodes it is given one: of the others, and who leads, it is told. */
function aClient(hosts: Hosts, host: HostName, call: { program: string; args?: string[] }) {
  const { program, args = [] } = call;
  const endpoints = hosts.endpointsFor(host).slice(0, 1);
  const within = hosts.within(host);
  return new ClientProcess<Fact>({ program, args: [...args, ...endpoints], within });
}

function made(client: ClientProcess<Fact>): number {
  return client.facts.filter(({ made: at, failed }) => at !== undefined && failed === undefined)
    .length;
}

async function makesMore(client: ClientProcess<Fact>): Promise<void> {
  const before = made(client);
  await eventually("it writes", async () => made(client) > before + 5 || undefined);
}

async function cutOff(hosts: Hosts, host: HostName): Promise<void> {
  for (const node of hosts.nodes.keys()) {
    await hosts.link({ from: host, to: node }, { isCut: true });
    await hosts.link({ from: node, to: host }, { isCut: true });
  }
}

test("a clients' machine that is cut off from all nodes loses its sessions, and nobody else does", async () => {
  await using hosts = await startProxies({ nodes: 3, clients: 2, seed: 1 });
  await using cluster = await TestCluster.start({ nodes: 3, places: hosts.nodes });
  onTestFailed(() => console.error(cluster.logs()));
  await using cut = aClient(hosts, "c1", { program: "lease-client" });
  await using spared = aClient(hosts, "c2", { program: "lease-client" });
  await makesMore(cut);
  await makesMore(spared);

  await cutOff(hosts, "c1");
  await eventually(
    "its session has expired",
    async () => cut.facts.some(({ state }) => state === "expired") || undefined,
  );
  await makesMore(spared);
  expect(spared.facts.filter(({ state }) => state === "expired")).toEqual([]);

  await hosts.restore();
  await makesMore(spared);
});

test("so does a client whose keepalives have a thread of their own", async () => {
  await using hosts = await startProxies({ nodes: 3, clients: 1, seed: 1 });
  await using cluster = await TestCluster.start({ nodes: 3, places: hosts.nodes });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = await connect({ endpoints: cluster.endpoints });
  const acme = client.partition("acme");
  await acme.start();
  const args = ["k", "thread", String(longMs)];
  await using holder = aClient(hosts, "c1", { program: "blocked-worker", args });
  await eventually(
    "it is blocked, with the key",
    async () => holder.facts.some(({ isBlocked }) => isBlocked) || undefined,
  );

  await cutOff(hosts, "c1");
  const next = await acme.acquireExecutionKey("k", { owner: "next", timeoutMs: longMs });
  expect(next.status).toBe("held");
});

test("a leader whom nobody hears is followed by another one, and comes back", async () => {
  await using hosts = await startProxies({ nodes: 3, clients: 1, seed: 1 });
  await using cluster = await TestCluster.start({ nodes: 3, places: hosts.nodes });
  onTestFailed(() => console.error(cluster.logs()));
  const first = await cluster.leader();
  for (const node of hosts.nodes.keys()) {
    if (node !== first) await hosts.link({ from: first, to: node }, { isCut: true });
  }
  await cluster.leader({ other: first });
  await hosts.restore();
  await eventually("it follows", async () => {
    const { role } = await cluster.nodeStatus(first);
    return role === "follower" || undefined;
  });
  await cluster.stateHashes();
});
