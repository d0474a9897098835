// moved-node.e2e.test.ts — a node moves to another address: `rogerctl member update` tells the others, and it is
// found there, has what it missed, and counts: without it there would be no majority.
import { connect } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";
import { changeMember } from "./change-member.ts";

interface Listed {
  readonly members: readonly {
    readonly name: string;
    readonly peerUrl: string;
    readonly clientUrl: string;
    readonly role: string;
  }[];
}

test("a node that moves is reached at its new addresses, and a majority rests on it", async () => {
  // Where the fourth would run, nobody does.
  await using cluster = await TestCluster.start({ nodes: 3, joining: 1 });
  onTestFailed(() => console.error(cluster.logs()));
  const leader = await cluster.leader();
  const [moved = "", other = ""] = cluster.founders.filter((name) => name !== leader);
  await using client = await connect({ endpoints: cluster.endpoints });
  const partition = client.partition("acme");
  await partition.start();
  const { advertisePeer, listenClient, listenPeer } = cluster.place("n4");

  await cluster.process(moved).stop();
  await partition.cancel("while-away");
  const addresses = ["--peer", advertisePeer, "--client", listenClient];
  const updated = await changeMember(cluster, ["member", "update", moved, ...addresses]);
  cluster.startAs(moved, [
    ...["serve", "--name", moved, "--data-dir", cluster.dataDirectory(moved)],
    ...["--listen-client", listenClient, "--listen-peer", listenPeer],
  ]);

  expect(updated.stdout).toContain(`the addresses of ${moved} are changed`);
  const { members } = await listed(cluster);
  expect(members.find(({ name }) => name === moved)).toMatchObject({
    clientUrl: `ws://${listenClient}`,
    peerUrl: `ws://${advertisePeer}`,
    role: "voter",
  });
  await cluster.process(other).kill();
  // What is acknowledged now is on the disk of the one that moved.
  await partition.cancel("with-the-moved-one");
  expect(await cluster.nodeStatus("n4")).toMatchObject({ node: { name: moved } });
  for (const job of ["while-away", "with-the-moved-one"]) {
    expect(await partition.cancelled(job)).toMatchObject({ jobId: job });
  }
});

async function listed(cluster: TestCluster): Promise<Listed> {
  const { code, stderr, stdout } = await cluster.rogerctl("members", "-o", "json");
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Listed;
}
