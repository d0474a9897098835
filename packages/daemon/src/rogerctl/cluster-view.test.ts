import { describe, expect, test } from "vitest";
import { viewCluster } from "./cluster-view.ts";
import type { NodeView } from "./node-view.ts";

const named = ["n1", "n2", "n3", "n4", "n5"].map((name) => ({
  id: `id-${name}`,
  name,
  clientUrl: `ws://${name}:7401`,
  peerUrl: `ws://${name}:7501`,
  voter: true,
}));

function view(name: string, known: Partial<NodeView> = {}): NodeView {
  return {
    clusterId: "c",
    id: `id-${name}`,
    name,
    role: "follower",
    term: 4,
    leader: null,
    lastIndex: 10,
    commitIndex: 10,
    appliedIndex: 10,
    snapshotIndex: 0,
    stateHash: null,
    members: named.slice(0, 3),
    ...known,
  };
}

describe("who leads", () => {
  test("an old leader that was cut off does not win over the newest term", () => {
    const { status } = viewCluster([
      view("n1", { role: "leader", leader: "n1", term: 4 }),
      view("n2", { role: "leader", leader: "n2", term: 5 }),
      view("n3", { leader: "n2", term: 5 }),
    ]);

    expect([status.leader, status.term]).toEqual(["n2", 5]);
  });

  test("a candidate of a higher term does not hide the leader that others follow", () => {
    const { status } = viewCluster([
      view("n1", { role: "leader", leader: "n1" }),
      view("n2", { leader: "n1" }),
      view("n3", { role: "candidate", term: 9 }),
    ]);

    expect([status.leader, status.term]).toEqual(["n1", 4]);
  });

  test("a leader that does not answer is named as long as others follow it", () => {
    const { status } = viewCluster([view("n2", { leader: "n1" }), view("n3", { leader: "n1" })]);

    expect(status.leader).toBe("n1");
  });

  test("hearsay of a leader that itself says otherwise is out of date", () => {
    const { status } = viewCluster([
      view("n1", { role: "follower" }),
      view("n2", { leader: "n1" }),
    ]);

    expect([status.leader, status.term]).toEqual([null, 4]);
  });
});

describe("how many may still fail", () => {
  test.each([
    [1, 1, 0],
    [3, 3, 1],
    [3, 2, 0],
    [3, 1, -1],
    [3, 0, null],
    [2, 1, -1],
    [4, 4, 1],
    [5, 5, 2],
    [5, 4, 1],
    [5, 3, 0],
    [5, 2, -1],
    [5, 1, -2],
  ])("of %i voters %i answer: %i more", (voters, answering, canLose) => {
    const members = named.slice(0, voters);
    const views = members.slice(0, answering).map(({ name }) => view(name, { members }));

    expect(viewCluster(views).status.canLose).toBe(canLose);
  });

  test("a learner counts for nothing", () => {
    const members = named.slice(0, 3).map((member) => ({ ...member, voter: member.name !== "n3" }));
    const views = members.map(({ name }) => view(name, { members }));

    const { status } = viewCluster(views);

    expect([status.canLose, status.members.map(({ role }) => role)]).toEqual([
      0,
      ["follower", "follower", "learner"],
    ]);
  });
});

describe("what an operator should hear", () => {
  test("two states that differ at one index are named", () => {
    const { remarks } = viewCluster([
      view("n1", { stateHash: { index: 8, hash: "aa" } }),
      view("n2", { stateHash: { index: 8, hash: "bb" } }),
      view("n3", { stateHash: { index: 9, hash: "cc" } }),
    ]);

    expect(remarks).toEqual(["the states of n1 and n2 differ at index 8: one of them is wrong"]);
  });

  test("a node of another cluster is left out and named", () => {
    const { status, strangers } = viewCluster([
      view("n1"),
      view("x", { clusterId: "d", id: "other" }),
    ]);

    expect(status.members.map(({ name }) => name)).toEqual(["n1", "n2", "n3"]);
    expect(strangers).toEqual([{ name: "x", clusterId: "d" }]);
  });

  test("nodes that have not formed a cluster yet are shown as that", () => {
    const { status } = viewCluster([view("n1", { clusterId: null, members: [], term: 0 })]);

    expect(status).toMatchObject({
      clusterId: null,
      leader: null,
      term: 0,
      canLose: null,
      members: [{ name: "n1", role: "unformed", clientUrl: null, reachable: true }],
    });
  });
});
