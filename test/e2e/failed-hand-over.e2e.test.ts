// failed-hand-over.e2e.test.ts — leadership is to go to a node that is not there: the cluster declines, and no
// client with calls open loses more than a moment.
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

interface Fact {
  readonly session?: number;
  readonly state?: string;
  readonly made?: number;
  readonly failed?: string;
}

/** Longer than a machine at work keeps a process waiting: of two nodes that are left, neither falls silent. */
const args = ["--election-timeout-ms", "1000"];

test("leadership that a frozen or dead node was to take stays, and a client at work keeps its session", async () => {
  await using cluster = await TestCluster.start({ nodes: 3, args });
  onTestFailed(() => console.error(cluster.logs()));
  const endpoints = [...cluster.endpoints];
  await using client = new ClientProcess<Fact>({ program: "lease-client", args: endpoints });
  const madeSince = (begin: number): number =>
    client.facts.slice(begin).filter(({ made, failed }) => made !== undefined && !failed).length;
  await eventually("the client makes calls", async () => madeSince(0) > 3 || undefined);
  const leader = await cluster.leader();
  const target = cluster.names.find((name) => name !== leader) ?? leader;

  // Heard a moment ago, so it is asked, and writes wait for it.
  cluster.process(target).signal("SIGSTOP");
  const response = await fetch(
    `http://${cluster.place(leader).listenClient}/v1/admin/transfer-leader`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ to: target }),
    },
  );
  await cluster.process(target).kill();
  const begin = client.facts.length;
  await eventually("calls go on for longer than the time-to-live", async () => {
    return madeSince(begin) > 60 || undefined;
  });
  const { code, stderr } = await cluster.rogerctl("transfer-leader", "--to", target);

  expect(response.status).toBe(409);
  expect([code, stderr]).toEqual([
    3,
    `rogerctl: ${target} was not heard from lately: it can't lead\n`,
  ]);
  expect(await cluster.leader()).toBe(leader);
  expect(client.facts.filter(({ failed }) => failed !== undefined)).toEqual([]);
  expect(client.facts.map(({ state }) => state)).not.toContain("expired");
});
