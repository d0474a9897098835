// damaged-node.e2e.test.ts — rot in the middle of one node's log, in a cluster under load: the node refuses
// to start and says what to do. Every command that is run is one that a message printed; at the end
// the cluster is whole again, under the same names, and nothing acknowledged is lost.
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFailed, test } from "vitest";
import { filledIn, printedCommand, printedCommands } from "../processes/printed-commands.ts";
import { type CommandLineOutcome, runCommand } from "../processes/run-command.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { changeMember } from "./change-member.ts";
import { JudgedLoad } from "./judged-load.ts";

const clients = 4;
const callsBetween = 400;
const damaged = "n2";

test("a node with a damaged log is healed by the commands that are printed, and nothing is lost", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  const load = new JudgedLoad(cluster);
  onTestFailed(() => console.error(`seed ${load.seed.toString(16)}\n${cluster.logs()}`));

  await load.runDuring({ clients }, () => damageAndHeal(load));

  expect(load.unexplained()).toEqual([]);
  const { canLose, members } = await cluster.status();
  expect({ canLose, members: members.map(({ name }) => name).toSorted() }).toEqual({
    canLose: 1,
    members: ["n1", "n2", "n3"],
  });
  const hashes = await cluster.stateHashes();
  expect([...hashes.keys()]).toEqual(["n1", "n2", "n3"]);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
});

async function damageAndHeal(load: JudgedLoad): Promise<void> {
  const { cluster } = load;
  const directory = cluster.dataDirectory(damaged);
  await moreCalls(load);
  expect(await cluster.process(damaged).stop()).toEqual({ code: 0, signal: null });
  await flipInTheMiddle(join(directory, "group-0", "wal", "0000000001.wal"));
  await moreCalls(load);

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
  await moreCalls(load);

  const [, ...removal] = printedCommand(recovered.stdout, "rogerctl", "member", "remove");
  await changeMember(cluster, [...removal, "--yes"]);
  const [, ...adding] = printedCommand(recovered.stdout, "rogerctl", "member", "add");
  const added = await changeMember(cluster, adding);
  const file = join(cluster.folder, "secret");
  await writeFile(file, /^ {2}([0-9a-f]{64})$/m.exec(added.stdout)?.[1] ?? "");
  const [, ...serve] = printedCommand(added.stdout, "rogerd", "serve");
  cluster.startAs(damaged, filledIn(serve, { DIR: directory, FILE: file }));
  const [, ...promoting] = printedCommand(added.stdout, "rogerctl", "member", "promote");
  await changeMember(cluster, promoting);
  await moreCalls(load);
}

/** Who starts it as before, without doing what was printed, is told the same again. */
async function expectStillFounderRefused(cluster: TestCluster): Promise<void> {
  const refusing = cluster.startNode(damaged);
  expect(await refusing.exited).toEqual({ code: 78, signal: null });
  expect(refusing.log()).toContain(`\`rogerctl member remove ${damaged}\``);
  expect(refusing.log()).toMatch(/`rogerctl member add n2 --peer [\d.]+:\d+ --client [\d.]+:\d+`/);
}

function moreCalls(load: JudgedLoad): Promise<true> {
  return load.reached(load.callsMade + callsBetween);
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
