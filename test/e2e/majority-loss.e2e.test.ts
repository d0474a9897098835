// majority-loss.e2e.test.ts — two of three nodes are lost for good, under load, with their disks. The third
// begins a new cluster with all that it had; new nodes join; what comes back of the old cluster is
// refused. Every command that is run is one that a message printed.
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type RogerdClient } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { filledIn, printedCommand } from "../processes/printed-commands.ts";
import { runCommand } from "../processes/run-command.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { changeMember } from "./change-member.ts";

const writers = 8;

/** What was acknowledged, and as which entry. */
interface Acknowledged {
  readonly job: string;
  readonly revision: number;
}

test("the last of three nodes goes on as a new cluster, and the old one stays out", async () => {
  await using cluster = await TestCluster.start({
    nodes: 3,
    joining: 1,
    args: ["--snapshot-every-entries", "200", "--trailing-entries", "20"],
  });
  onTestFailed(() => console.error(cluster.logs()));
  const oldId = (await cluster.status()).clusterId;
  await using oldClient = await connect({ endpoints: cluster.endpoints });

  const acknowledged = await writeUntilTwoAreLost(cluster, oldClient);
  const advice = await recoverAsPrinted(cluster);
  cluster.startNode("n3");
  expect(await cluster.leader()).toBe("n3");

  const { clusterId } = await cluster.status();
  expect(clusterId).not.toBe(oldId);
  const kept = acknowledged.filter(({ revision }) => revision <= advice.lastIndex);
  expect(kept.length).toBeGreaterThan(400);
  await expectAllThere(cluster, kept);
  expect(await tokenOf(cluster, "taken after")).toBeGreaterThan(1_000_000_000);
  await expect(
    oldClient.partition("acme").cancelled("job-0-1", { timeoutMs: 2_000 }),
  ).rejects.toMatchObject({ code: expect.stringMatching(/deadline_exceeded|version_mismatch/) });

  await joinAsPrinted(cluster, advice.text);
  await cluster.joinNode("n4");
  await changeMember(cluster, ["member", "promote", "n4"]);
  await expectOldNodeRefused(cluster, { oldId, clusterId });
  expect(await cluster.process("n1").kill()).toEqual({ code: null, signal: "SIGKILL" });
  await expectAllThere(cluster, kept);
  const hashes = await cluster.stateHashes();
  expect([...hashes.keys()]).toEqual(["n2", "n3", "n4"]);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
});

/** Jobs are marked, many at once, until two nodes are gone; one of those loses its disk, too. */
async function writeUntilTwoAreLost(
  cluster: TestCluster,
  client: RogerdClient,
): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  const partition = client.partition("acme");
  await partition.start();
  let isOver = false;
  const write = async (writer: number): Promise<void> => {
    for (let number = 1; !isOver; number += 1) {
      const job = `job-${writer}-${number}`;
      const marked = await partition.cancel(job, { timeoutMs: 60_000 }).catch((error: unknown) => {
        if (isOver) return undefined;
        throw error;
      });
      if (marked !== undefined) acknowledged.push({ job, revision: marked.revision });
    }
  };
  const writing = Array.from({ length: writers }, (_, writer) => write(writer));
  await eventually("1000 jobs are marked", async () => acknowledged.length >= 1_000 || undefined);
  await Promise.all([cluster.process("n1").kill(), cluster.process("n2").kill()]);
  isOver = true;
  void Promise.allSettled(writing);
  await rm(cluster.dataDirectory("n2"), { recursive: true });
  // Thought lost: it will come back when nobody expects it.
  await rename(cluster.dataDirectory("n1"), `${cluster.dataDirectory("n1")}-mislaid`);
  return [...acknowledged];
}

async function recoverAsPrinted(
  cluster: TestCluster,
): Promise<{ readonly text: string; readonly lastIndex: number }> {
  expect(await cluster.process("n3").stop()).toEqual({ code: 0, signal: null });
  const args = ["recover", cluster.dataDirectory("n3"), "--force-new-cluster"];
  const asked = await runCommand({ program: "rogerd", args });
  expect(asked).toMatchObject({ code: 2, stdout: "" });
  const done = await runCommand({ program: "rogerd", args: [...args, "--yes"] });
  expect(done).toMatchObject({ code: 0, stderr: "" });
  const [line, lastIndex] =
    /^The log of n3 in .* ends at entry (\d+) of term/m.exec(done.stdout) ?? [];
  // What was told before anybody is asked is what is told when it is done.
  expect(asked.stderr).toContain(line);
  return { text: done.stdout, lastIndex: Number(lastIndex) };
}

async function expectAllThere(cluster: TestCluster, kept: readonly Acknowledged[]): Promise<void> {
  await using client = await connect({ endpoints: cluster.endpoints });
  const marks = await client.partition("acme").listAll("cancelMarks");
  const there = new Set(marks.map(({ jobId }) => jobId));
  expect(kept.filter(({ job }) => !there.has(job))).toEqual([]);
}

/** Of a key that is taken now: whatever the lost nodes gave last is smaller. */
async function tokenOf(cluster: TestCluster, key: string): Promise<number | undefined> {
  await using client = await connect({ endpoints: cluster.endpoints });
  await client.roger().isExecuting("acme", key, { add: true });
  const [taken] = await client.partition("acme").listAll("executionKeys", { prefix: key });
  return taken?.holders[0]?.token;
}

/** n2 comes back with an empty folder, by the commands that the recovery and `member add` printed. */
async function joinAsPrinted(cluster: TestCluster, advice: string): Promise<void> {
  const [, ...add] = printedCommand(advice, "rogerctl", "member", "add", "n2");
  const added = await cluster.rogerctl(...add);
  expect(added.code).toBe(0);
  const secretFile = join(cluster.folder, "n2.secret");
  await writeFile(secretFile, /^ {2}([0-9a-f]{64})$/m.exec(added.stdout)?.[1] ?? "");
  const [, ...serve] = printedCommand(added.stdout, "rogerd", "serve");
  cluster.startAs("n2", filledIn(serve, { DIR: cluster.dataDirectory("n2"), FILE: secretFile }));
  const [, ...promote] = printedCommand(added.stdout, "rogerctl", "member", "promote");
  await changeMember(cluster, promote);
}

async function expectOldNodeRefused(
  cluster: TestCluster,
  { clusterId, oldId }: { readonly clusterId: string; readonly oldId: string },
): Promise<void> {
  await rename(`${cluster.dataDirectory("n1")}-mislaid`, cluster.dataDirectory("n1"));
  const revived = cluster.startNode("n1");
  const refused = "a node of the old cluster is refused by the cluster id";
  await eventually(refused, async () => {
    const refusals = revived
      .log()
      .split("\n")
      .filter((line) => line.includes('"refused by peer"'));
    return refusals.find((line) => line.includes(oldId) && line.includes(clusterId));
  });
  expect(await cluster.leader({ other: "n1" })).not.toBe("n1");
}
