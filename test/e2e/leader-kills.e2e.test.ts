// leader-kills.e2e.test.ts — the main job, end to end: twenty thousand of Roger's calls from eight
// clients while leaders are killed and come back, logs are compacted, and a node that was away is
// given a snapshot. Every answer is judged; nothing acknowledged may be lost.
import { connect, RogerGlobal } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { HistoryRecorder } from "../checkers/history.ts";
import type { RogerAnswer, RogerCall } from "../checkers/roger-models.ts";
import { RogerModel } from "../checkers/roger-models.ts";
import { unexplained } from "../checkers/unexplained.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { drawCall, makeCall, seededDice } from "./random-calls.ts";

const clients = 8;
const callsInAll = 20_000;
const kills = 5;
const sharedPartition = "shared";
const namesPerSet = 12;

interface Run {
  readonly cluster: TestCluster;
  readonly seed: number;
  readonly history: HistoryRecorder<RogerCall, RogerAnswer>;
  callsMade: number;
}

test("20 000 calls through five leader kills: every answer agrees and nothing acknowledged is lost", async () => {
  await using cluster = await TestCluster.start({
    nodes: 3,
    args: ["--snapshot-every-entries", "400", "--trailing-entries", "50"],
  });
  const seed = Math.floor(Math.random() * 2 ** 32);
  const run: Run = { cluster, seed, history: new HistoryRecorder(), callsMade: 0 };
  onTestFailed(() => console.error(`seed ${seed.toString(16)}\n${cluster.logs()}`));

  const faults = disturb(run);
  await Promise.all([
    faults,
    ...Array.from({ length: clients }, (_, client) => makeCalls(run, client)),
  ]);

  expect(run.callsMade).toBe(callsInAll);
  expect(unexplained(run.history.calls())).toEqual([]);
  expect(await faults).toMatchObject({ kills, installs: 1 });
  expect((await faults).snapshots).toBeGreaterThanOrEqual(3);
  const hashes = await cluster.stateHashes();
  expect(hashes.size).toBe(3);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
});

/** One client: half its calls on a partition of its own, where every answer is determined; half shared. */
async function makeCalls(run: Run, client: number): Promise<void> {
  const dice = seededDice(run.seed + client);
  await using connection = await connect({ endpoints: run.cluster.endpoints });
  const roger = new RogerGlobal(connection);
  const ownPartition = `own-${client}`;
  const model = new RogerModel();
  await roger.startPartition(ownPartition);
  await roger.startPartition(sharedPartition);
  for (let made = 0; made < callsInAll / clients; made += 1) {
    const call = drawCall(dice, namesPerSet);
    if (dice(2) === 0) {
      const answer = await makeCall(roger, { partition: ownPartition, call });
      expect({ call, answer }).toEqual({ call, answer: model.answer(call) });
    } else {
      const record = run.history.begin({ client, input: call });
      record.complete(await makeCall(roger, { partition: sharedPartition, call }));
    }
    run.callsMade += 1;
  }
}

/**
 * A follower is away until the log it lacks is compacted; then leaders are killed, one after another,
 * spread over the calls. Gives what happened.
 */
async function disturb(run: Run): Promise<{ kills: number; installs: number; snapshots: number }> {
  const { cluster } = run;
  const reached = (calls: number) =>
    eventually(`${calls} calls were made`, async () => run.callsMade >= calls || undefined, {
      withinMs: 200_000,
    });
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
  const begin = run.callsMade;
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
