// leader-kills.e2e.test.ts — the main job, end to end: twenty thousand of Roger's calls from eight
// clients while leaders are killed and come back, logs are compacted, and a node that was away is
// given a snapshot. Every answer is judged; nothing acknowledged may be lost.
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { JudgedLoad } from "./judged-load.ts";

const clients = 8;
const callsInAll = 20_000;
const kills = 5;

test("20 000 calls through five leader kills: every answer agrees and nothing acknowledged is lost", async () => {
  await using cluster = await TestCluster.start({
    nodes: 3,
    args: ["--snapshot-every-entries", "400", "--trailing-entries", "50"],
  });
  const load = new JudgedLoad(cluster);
  onTestFailed(() => console.error(`seed ${load.seed.toString(16)}\n${cluster.logs()}`));

  const faults = disturb(load);
  const goesOn = (made: number): boolean => made < callsInAll / clients;
  await Promise.all([faults, load.run({ clients, goesOn })]);

  expect(load.callsMade).toBe(callsInAll);
  expect(load.unexplained()).toEqual([]);
  expect(await faults).toMatchObject({ kills, installs: 1 });
  expect((await faults).snapshots).toBeGreaterThanOrEqual(3);
  const hashes = await cluster.stateHashes();
  expect(hashes.size).toBe(3);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
});

/**
 * A follower is away until the log it lacks is compacted; then leaders are killed, one after another,
 * spread over the calls. Gives what happened.
 */
async function disturb(
  load: JudgedLoad,
): Promise<{ kills: number; installs: number; snapshots: number }> {
  const { cluster } = load;
  const reached = (calls: number) => load.reached(calls, { withinMs: 200_000 });
  await reached(500);
  const leader = await cluster.leader();
  const away = cluster.names.find((name) => name !== leader) ?? leader;
  const { lastIndex } = await cluster.nodeStatus(away);
  await cluster.process(away).kill();
  const snapshots = new Set<number>();
  await eventually("the leader has dropped the log that the absent node lacks", async () => {
    const { snapshotIndex } = await cluster.nodeStatus(leader);
    if (snapshotIndex > 0) snapshots.add(snapshotIndex);
    return snapshotIndex > lastIndex + 500 || undefined;
  });
  const returned = cluster.startNode(away);
  await eventually("the absent node has caught up", async () => {
    const { appliedIndex } = await cluster.nodeStatus(away);
    return appliedIndex > lastIndex + 500 || undefined;
  });
  const installs = returned.log().includes("snapshot installed") ? 1 : 0;
  const begin = load.callsMade;
  for (let kill = 1; kill <= kills; kill += 1) {
    await reached(begin + (kill * (callsInAll - begin)) / (kills + 2));
    const killed = await cluster.leader();
    snapshots.add((await cluster.nodeStatus(killed)).snapshotIndex);
    await cluster.process(killed).kill();
    await cluster.leader({ other: killed });
    cluster.startNode(killed);
    await eventually(
      `${killed} is back`,
      async () => (await cluster.nodeStatus(killed)).appliedIndex > 0 || undefined,
    );
  }
  return { kills, installs, snapshots: snapshots.size };
}
