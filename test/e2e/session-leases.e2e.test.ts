// session-leases.e2e.test.ts — a session lives as long as its client says so, and no longer: a frozen client
// loses it in the cluster and learns it before it does anything else; a killed leader costs no living
// client its session.
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

interface Fact {
  readonly session?: number;
  readonly state?: string;
  readonly made?: number;
  readonly failed?: string;
  readonly code?: string;
  readonly outcomeKnown?: boolean;
}

type LeaseClient = ClientProcess<Fact>;

function aLeaseClient(cluster: TestCluster): LeaseClient {
  return new ClientProcess({ program: "lease-client", args: cluster.endpoints });
}

function sessionOf(client: LeaseClient): Promise<number> {
  return eventually("the client has a session and makes calls", async () => {
    const { facts } = client;
    const isCalling = facts.some(({ failed, made }) => made !== undefined && failed === undefined);
    return isCalling ? facts.find(({ state }) => state === "live")?.session : undefined;
  });
}

function expiredIn(cluster: TestCluster, session: number): boolean {
  return cluster
    .logs()
    .split("\n")
    .some((line) => line.includes("session expired") && line.includes(`"session":${session},`));
}

test("a client that is frozen past its time-to-live loses its session in the cluster, and its first write after that rejects", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = aLeaseClient(cluster);
  const session = await sessionOf(client);

  client.signal("SIGSTOP");
  await eventually("its session is expired", async () => expiredIn(cluster, session) || undefined);
  const before = client.facts.length;
  client.signal("SIGCONT");
  const next = await eventually("another session is live, and calls go on", async () => {
    const after = client.facts.slice(before);
    const live = after.findIndex(({ state }) => state === "live");
    return live >= 0 && after.slice(live).some(({ made }) => made !== undefined)
      ? after
      : undefined;
  });

  // A write that was under way when it froze is answered, or not known.
  const ends = next.filter(({ made, failed }) => made !== undefined && failed !== undefined);
  expect(next.find(({ state }) => state === "expired")).toEqual({ session, state: "expired" });
  expect(ends.length).toBeGreaterThan(0);
  expect(["LeaseLostError", "IndeterminateError"]).toContain(ends[0]?.failed);
  expect(next.find(({ state }) => state === "live")?.session).not.toBe(session);
});

test("leaders are killed, and no session of a living client expires", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = aLeaseClient(cluster);
  const session = await sessionOf(client);

  for (let kill = 1; kill <= 3; kill += 1) {
    await cluster.killLeader();
    const begin = client.facts.length;
    await eventually("calls go on for longer than a third of the time-to-live", async () => {
      const made = client.facts.slice(begin).filter(({ failed }) => failed === undefined);
      return made.length > 25 || undefined;
    });
  }

  expect(client.facts.filter(({ failed }) => failed !== undefined)).toEqual([]);
  expect(client.facts.map(({ state }) => state)).not.toContain("expired");
  expect(expiredIn(cluster, session)).toBe(false);
});
