// replace-all-nodes.e2e.test.ts — a cluster under load gets three new nodes, one by one, in the places of
// the first three, by the commands that an operator uses. Every answer is judged; nothing is lost.
import { connect } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";
import { changeMember } from "./change-member.ts";
import { JudgedLoad } from "./judged-load.ts";

const clients = 4;
const callsBetween = 400;
const replacements = [
  ["n1", "n4"],
  ["n2", "n5"],
  ["n3", "n6"],
] as const;

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
  const load = new JudgedLoad(cluster);
  // It is given the addresses of the first three only.
  await using old = await connect({ endpoints: cluster.endpoints.slice(0, 3) });
  onTestFailed(() => console.error(`seed ${load.seed.toString(16)}\n${cluster.logs()}`));

  await load.runDuring({ clients }, () => replaceAll(load));

  const { joint, members } = await listed(cluster);
  expect(joint).toBe(false);
  expect(members.map(({ name, role }) => `${name} ${role}`)).toEqual([
    "n4 voter",
    "n5 voter",
    "n6 voter",
  ]);
  expect(load.callsMade).toBeGreaterThanOrEqual(callsBetween * (replacements.length + 1));
  expect(load.unexplained()).toEqual([]);
  const hashes = await cluster.stateHashes();
  expect([...hashes.keys()]).toEqual(["n4", "n5", "n6"]);
  expect(new Set([...hashes.values()].map(({ hash }) => hash)).size).toBe(1);
  const leader = await cluster.leader();
  await cluster.process(leader).kill();
  expect(await old.partition("acme").start()).toEqual(expect.objectContaining({ changed: true }));
  cluster.startNode(leader);
  await changeMember(cluster, ["member", "remove", "n4", "--yes"]);
});

async function replaceAll(load: JudgedLoad): Promise<void> {
  const { cluster } = load;
  for (const [gone, come] of replacements) {
    await moreCalls(load);
    await cluster.joinNode(come);
    await changeMember(cluster, ["member", "replace", gone, "--with", come, "--yes"]);
    await moreCalls(load);
    // It is told that it was removed, and ends by itself.
    expect(await cluster.process(gone).exited).toEqual({ code: 78, signal: null });
    expect(cluster.process(gone).log()).toContain(`rogerd: ${gone} was removed from cluster`);
  }
  await moreCalls(load);
}

function moreCalls(load: JudgedLoad): Promise<true> {
  return load.reached(load.callsMade + callsBetween);
}

async function listed(cluster: TestCluster): Promise<Listed> {
  const { code, stderr, stdout } = await cluster.rogerctl("members", "-o", "json");
  if (code !== 0) throw new Error(stderr);
  const { joint, members } = JSON.parse(stdout) as Listed;
  return { joint, members: members.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
}
