// damaged-node.e2e.test.ts — rot in the middle of one node's log, in a cluster under load: the node refuses
// to start and says what to do. Every command that is run is one that a message printed; at the end
// the cluster is whole again, under the same names, and nothing acknowledged is lost.
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, RogerGlobal } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { HistoryRecorder } from "../checkers/history.ts";
import type { RogerAnswer, RogerCall } from "../checkers/roger-models.ts";
import { RogerModel } from "../checkers/roger-models.ts";
import { unexplained } from "../checkers/unexplained.ts";
import { eventually } from "../processes/eventually.ts";
import { filledIn, printedCommand, printedCommands } from "../processes/printed-commands.ts";
import { type CommandLineOutcome, runCommand } from "../processes/run-command.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { drawCall, makeCall, seededDice } from "./random-calls.ts";

const clients = 4;
const callsBetween = 400;
const damaged = "n2";

interface Run {
  readonly cluster: TestCluster;
  readonly seed: number;
  readonly history: HistoryRecorder<RogerCall, RogerAnswer>;
  callsMade: number;
  isOver: boolean;
}

test("a node with a damaged log is healed by the commands that are printed, and nothing is lost", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  const seed = Math.floor(Math.random() * 2 ** 32);
  const run: Run = { cluster, seed, history: new HistoryRecorder(), callsMade: 0, isOver: false };
  onTestFailed(() => console.error(`seed ${seed.toString(16)}\n${cluster.logs()}`));

  await Promise.all([
    damageAndHeal(run).finally(() => {
      run.isOver = true;
    }),
    ...Array.from({ length: clients }, (_, client) => makeCalls(run, client)),
  ]);

  expect(unexplained(run.history.calls())).toEqual([]);
  const { canLose, members } = await cluster.status();
  expect({ canLose, members: members.map(({ name }) => name).toSorted() }).toEqual({
    canLose: 1,
    members: ["n1", "n2", "n3"],
  });
  const hashes = await cluster.stateHashes();
  expect([...hashes.keys()]).toEqual(["n1", "n2", "n3"]);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
});

async function damageAndHeal(run: Run): Promise<void> {
  const { cluster } = run;
  const directory = cluster.dataDirectory(damaged);
  await moreCalls(run);
  expect(await cluster.process(damaged).stop()).toEqual({ code: 0, signal: null });
  await flipInTheMiddle(join(directory, "group-0", "wal", "0000000001.wal"));
  await moreCalls(run);

  const refusing = cluster.startNode(damaged);
  expect(await refusing.exited).toEqual({ code: 65, signal: null });
  const [refusal] = refusing
    .log()
    .split("\n")
    .filter((line) => line.startsWith("rogerd: "));
  expect(refusal).toMatch(
    /^rogerd: The data of this node can't be used: in .* at byte \d+ \(log index \d+\) .*\. What stood there may have been acknowledged, so the node does not start without it\. /,
  );
  expect(printedCommands(refusal ?? "")).toHaveLength(1);
  const recovered = await runAsPrinted(printedCommand(refusal ?? "", "rogerd", "recover"), "--yes");
  await expectStillFounderRefused(cluster);
  await moreCalls(run);

  const removal = printedCommand(recovered.stdout, "rogerctl", "member", "remove");
  await byOperator(cluster, removal, "--yes");
  const adding = printedCommand(recovered.stdout, "rogerctl", "member", "add");
  const added = await byOperator(cluster, adding);
  const file = join(cluster.folder, "secret");
  await writeFile(file, /^ {2}([0-9a-f]{64})$/m.exec(added.stdout)?.[1] ?? "");
  const [, ...serve] = printedCommand(added.stdout, "rogerd", "serve");
  cluster.startAs(damaged, filledIn(serve, { DIR: directory, FILE: file }));
  await byOperator(cluster, printedCommand(added.stdout, "rogerctl", "member", "promote"));
  await moreCalls(run);
}

/** Who starts it as before, without doing what was printed, is told the same again. */
async function expectStillFounderRefused(cluster: TestCluster): Promise<void> {
  const refusing = cluster.startNode(damaged);
  expect(await refusing.exited).toEqual({ code: 78, signal: null });
  for (const command of [`rogerctl member remove ${damaged}`, `rogerctl member add ${damaged}`]) {
    expect(refusing.log()).toContain(`\`${command}\``);
  }
}

/** Half its calls on a partition of its own, where every answer is determined; half shared. */
async function makeCalls(run: Run, client: number): Promise<void> {
  const dice = seededDice(run.seed + client);
  await using connection = await connect({ endpoints: run.cluster.endpoints });
  const roger = new RogerGlobal(connection);
  const own = `own-${client}`;
  const model = new RogerModel();
  for (const partition of [own, "shared"]) await roger.startPartition(partition);
  while (!run.isOver) {
    const call = drawCall(dice, 12);
    if (dice(2) === 0) {
      const answer = await makeCall(roger, { partition: own, call });
      expect({ call, answer }).toEqual({ call, answer: model.answer(call) });
    } else {
      const record = run.history.begin({ client, input: call });
      record.complete(await makeCall(roger, { partition: "shared", call }));
    }
    run.callsMade += 1;
  }
}

function moreCalls(run: Run): Promise<true> {
  const goal = run.callsMade + callsBetween;
  return eventually(`${goal} calls were made`, async () => run.callsMade >= goal || undefined);
}

/** In the middle of what is written, in one bit: many whole batches follow. */
async function flipInTheMiddle(path: string): Promise<void> {
  const bytes = await readFile(path);
  let end = bytes.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  let at = end >> 1;
  while (bytes[at] === 0) at += 1;
  const file = await open(path, "r+");
  try {
    await file.write(Buffer.from([(bytes[at] ?? 0) ^ 4]), 0, 1, at);
  } finally {
    await file.close();
  }
}

/** `consent`: what stands for a person at a terminal who says yes. */
async function runAsPrinted(
  [program, ...args]: readonly string[],
  consent: "--yes",
): Promise<CommandLineOutcome> {
  expect(program).toBe("rogerd");
  const asked = await runCommand({ program: "rogerd", args });
  expect(asked).toMatchObject({ code: 2, stdout: "" });
  const done = await runCommand({ program: "rogerd", args: [...args, consent] });
  expect(done).toMatchObject({ code: 0, stderr: "" });
  return done;
}

/** Again while the cluster says that it is not time yet. */
function byOperator(
  cluster: TestCluster,
  [, ...command]: readonly string[],
  ...consent: readonly string[]
): Promise<CommandLineOutcome> {
  return eventually(`rogerctl ${command.join(" ")}`, async () => {
    const done = await cluster.rogerctl(...command, ...consent);
    if (done.code === 0) return done;
    expect(`${done.code} ${done.stderr}`).toMatch(/^3 .*has not received the log yet|^69 /);
    return undefined;
  });
}
