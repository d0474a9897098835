// stale-reads.e2e.test.ts — two of three nodes are gone, and nobody can lead. What the third has applied is
// still told to who says that an older state will do, by the client, by one that connects only now, and by
// rogerctl; who asks for the newest state is told that there is nobody to stand for it.
import { connect } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

test("the last acknowledged pause is told by the one node that is left, to who takes it as it is", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  const { endpoints } = cluster;
  await using client = await connect({ endpoints });
  const acme = client.partition("acme");
  await acme.start();
  const { revision } = await acme.pause("mail", { by: "ada" });
  const left = await leaveOneThatHas(cluster, revision);

  const newest = acme.paused({ timeoutMs: 3_000 });
  const refused = expect(newest).rejects.toMatchObject({ code: "deadline_exceeded" });
  const stale = await acme.paused({ stale: true });
  await using late = await connect({ endpoints, until: "node" });
  const told = await late.partition("acme").list("pauses", { stale: true });
  await refused;

  expect(stale).toMatchObject([{ selector: "mail", by: "ada" }]);
  expect(told).toMatchObject({ items: [{ selector: "mail" }] });
  expect(told.revision).toBeGreaterThanOrEqual(revision);
  const paused = ["paused", "--partition", "acme", "-o", "json"];
  const shown = await cluster.rogerctl(...paused, "--stale");
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(shown.stdout)).toMatchObject({
    stale: true,
    answeredBy: `127.0.0.1:${cluster.clientPort(left)}`,
    paused: [{ selector: "mail", by: "ada" }],
  });
  expect(await cluster.rogerctl(...paused, "--timeout", "2s")).toMatchObject({ code: 69 });
});

/** The leader and a follower are killed, once the other follower has applied the entry. */
async function leaveOneThatHas(cluster: TestCluster, revision: number): Promise<string> {
  const leader = await cluster.leader();
  const [left = "", ...others] = cluster.names.filter((name) => name !== leader);
  await eventually(`${left} has applied ${revision}`, async () => {
    const { appliedIndex } = await cluster.nodeStatus(left);
    return (appliedIndex ?? 0) >= revision || undefined;
  });
  await Promise.all([leader, ...others].map((name) => cluster.process(name).kill()));
  return left;
}
