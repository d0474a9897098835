// replace-all-nodes.e2e.test.ts — a cluster under load gets three new nodes, one by one, in the places of
// the first three, by the commands that an operator uses. Every answer is judged; nothing is lost.
import { connect, RogerGlobal } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { HistoryRecorder } from "../checkers/history.ts";
import type { RogerAnswer, RogerCall } from "../checkers/roger-models.ts";
import { RogerModel } from "../checkers/roger-models.ts";
import { unexplained } from "../checkers/unexplained.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { drawCall, makeCall, seededDice } from "./random-calls.ts";

const clients = 4;
const callsBetween = 400;
const sharedPartition = "shared";
const namesPerSet = 12;
const replacements = [
  ["n1", "n4"],
  ["n2", "n5"],
  ["n3", "n6"],
] as const;

interface Run {
  readonly cluster: TestCluster;
  readonly seed: number;
  readonly history: HistoryRecorder<RogerCall, RogerAnswer>;
  callsMade: number;
  isOver: boolean;
}

interface Listed {
  readonly joint: boolean;
  readonly members: readonly { readonly name: string; readonly role: string }[];
}

test("all three nodes of a loaded cluster are replaced one by one, and nothing is lost", async () => {
  await using cluster = await TestCluster.start({
    nodes: 3,
    joining: 3,
    // So that a new node needs a snapshot, and not the whole log.
    args: ["--snapshot-every-entries", "300", "--trailing-entries", "50"],
  });
  const seed = Math.floor(Math.random() * 2 ** 32);
  const run: Run = {
    cluster,
    seed,
    history: new HistoryRecorder(),
    callsMade: 0,
    isOver: false,
  };
  onTestFailed(() => console.error(`seed ${seed.toString(16)}\n${cluster.logs()}`));

  await Promise.all([
    replaceAll(run).finally(() => {
      run.isOver = true;
    }),
    ...Array.from({ length: clients }, (_, client) => makeCalls(run, client)),
  ]);

  const { joint, members } = await listed(cluster);
  expect(joint).toBe(false);
  expect(members.map(({ name, role }) => `${name} ${role}`)).toEqual([
    "n4 voter",
    "n5 voter",
    "n6 voter",
  ]);
  expect(run.callsMade).toBeGreaterThanOrEqual(callsBetween * (replacements.length + 1));
  expect(unexplained(run.history.calls())).toEqual([]);
  const hashes = await cluster.stateHashes();
  expect([...hashes.keys()]).toEqual(["n4", "n5", "n6"]);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
  expect(await cluster.rogerctl("member", "remove", "n4", "--yes")).toMatchObject({ code: 0 });
});

/** Half its calls on a partition of its own, where every answer is determined; half shared. */
async function makeCalls(run: Run, client: number): Promise<void> {
  const dice = seededDice(run.seed + client);
  await using connection = await connect({ endpoints: run.cluster.endpoints });
  const roger = new RogerGlobal(connection);
  const ownPartition = `own-${client}`;
  const model = new RogerModel();
  await roger.startPartition(ownPartition);
  await roger.startPartition(sharedPartition);
  while (!run.isOver) {
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

async function replaceAll(run: Run): Promise<void> {
  const { cluster } = run;
  for (const [gone, come] of replacements) {
    await moreCalls(run);
    await cluster.joinNode(come);
    await eventually(`${come} takes the place of ${gone}`, async () => {
      const { code, stderr } = await cluster.rogerctl(
        ...["member", "replace", gone, "--with", come, "--yes"],
      );
      if (code === 0) return true;
      // It has not received the log yet, or a leader has just been elected.
      expect(`${code} ${stderr}`).toMatch(/^3 .*has not received the log yet|^69 /);
      return undefined;
    });
    await moreCalls(run);
    // It is told that it was removed, and ends by itself.
    expect(await cluster.process(gone).exited).toEqual({ code: 78, signal: null });
    expect(cluster.process(gone).log()).toContain(`rogerd: ${gone} was removed from cluster`);
  }
  await moreCalls(run);
}

function moreCalls(run: Run): Promise<true> {
  const goal = run.callsMade + callsBetween;
  return eventually(`${goal} calls were made`, async () => run.callsMade >= goal || undefined);
}

async function listed(cluster: TestCluster): Promise<Listed> {
  const { code, stderr, stdout } = await cluster.rogerctl("members", "-o", "json");
  if (code !== 0) throw new Error(stderr);
  const { joint, members } = JSON.parse(stdout) as Listed;
  return { joint, members: members.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
}
