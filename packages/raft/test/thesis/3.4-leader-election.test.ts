// 3.3 Raft basics and 3.4 Leader election: terms, timeouts, votes.
import { describe, expect, test } from "vitest";
import { logIndex, term } from "../../src/core/ids.ts";
import { Cluster, clusterOf, clusterOfThree, configurationOf, idOf } from "../cluster.ts";

const names = ["n1", "n2", "n3"];

/** Three nodes with the same log, none of which leads. */
function threeFollowers(seed = 1): Cluster {
  const disk = { term: 1, log: [1, 1] };
  return new Cluster({ names, seed, disks: { n1: disk, n2: disk, n3: disk } });
}

function voteRequest(parts: { from: string; to: string; term: number; last?: [number, number] }) {
  const [lastIndex, lastTerm] = parts.last ?? [2, 1];
  return {
    kind: "request-vote",
    from: idOf(parts.from),
    to: idOf(parts.to),
    term: term(parts.term),
    lastIndex: logIndex(lastIndex),
    lastTerm: term(lastTerm),
    cause: "timeout",
  } as const;
}

/** Entries, none of them, as only the leader of that term sends them. */
function claimToLead(cluster: Cluster, route: { from: string; to: string }) {
  return {
    kind: "append-entries",
    from: idOf(route.from),
    to: idOf(route.to),
    term: cluster.node(route.to).core.positions.term,
    prevIndex: logIndex(0),
    prevTerm: term(0),
    entries: [],
    commitIndex: logIndex(0),
  } as const;
}

describe("3.3", () => {
  test("a node starts as a follower of nobody, in the term and with the vote that it had", () => {
    const cluster = new Cluster({
      names,
      disks: { n1: { term: 4, votedFor: "n2", log: [1, 1, 3] } },
    });

    expect(cluster.node("n1").core.positions).toMatchObject({
      role: "follower",
      term: 4,
      votedFor: idOf("n2"),
      leaderId: undefined,
      lastIndex: 3,
      persistedIndex: 3,
    });
  });

  test("a node that hears of a later term enters it, whatever it was before", () => {
    const cluster = clusterOfThree();
    const before = cluster.node("n1").core.positions;

    cluster.tell({
      kind: "append-accepted",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(9),
      matchIndex: logIndex(1),
    });

    expect([before.role, cluster.node("n1").core.positions.role]).toEqual(["leader", "follower"]);
    expect(cluster.node("n1").core.positions.term).toBe(9);
  });

  test("a message of an earlier term changes nothing", () => {
    const cluster = clusterOfThree();
    const before = cluster.node("n2").core.positions;

    cluster.tell({
      kind: "append-entries",
      from: idOf("n3"),
      to: idOf("n2"),
      term: term(1),
      prevIndex: logIndex(0),
      prevTerm: term(0),
      entries: [],
      commitIndex: logIndex(2),
    });

    expect(cluster.node("n2").core.positions).toEqual(before);
  });

  test("a leader of an earlier term learns from the answer to its heartbeat that it was replaced", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");
    cluster.elect("n2");
    cluster.heal();

    cluster.pass(100);

    expect(cluster.node("n1").core.positions).toMatchObject({
      role: "follower",
      leaderId: idOf("n2"),
      term: cluster.node("n2").core.positions.term,
    });
  });
});

describe("3.4", () => {
  test("a follower that hears of no leader for an election timeout campaigns; a majority elects it", () => {
    const cluster = threeFollowers();

    cluster.wake("n1");
    cluster.settle();

    expect(cluster.node("n1").roles.map(({ role }) => role)).toEqual([
      "pre-candidate",
      "candidate",
      "leader",
    ]);
    expect(cluster.node("n1").core.positions.term).toBe(2);
  });

  test("election timeouts lie in their range, and differ between nodes and from wait to wait", () => {
    const waits = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const cluster = threeFollowers(seed);
      for (const node of cluster.nodes) waits.add(node.core.wakeAt - cluster.clock.now);
    }

    expect(waits.size).toBe(120);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...waits)).toBeLessThan(600);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(250);
  });

  test("a node votes for one candidate in a term, first come, first served", () => {
    const cluster = threeFollowers();

    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2 }));
    cluster.tell(voteRequest({ from: "n3", to: "n1", term: 2 }));

    expect(cluster.mail()).toEqual(["vote-granted n1>n2", "vote-refused n1>n3"]);
  });

  test("the same candidate is given the same vote again (E21)", () => {
    const cluster = threeFollowers();

    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2 }));
    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2 }));

    expect(cluster.mail()).toEqual(["vote-granted n1>n2", "vote-granted n1>n2"]);
  });

  test("the same candidate with a shorter log than before is refused (E2)", () => {
    const cluster = threeFollowers();
    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2 }));

    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2, last: [1, 1] }));

    expect(cluster.mail()).toEqual(["vote-granted n1>n2", "vote-refused n1>n2"]);
  });

  test("a repeated vote is one vote: sets of voters are counted (E6)", () => {
    const names5 = ["n1", "n2", "n3", "n4", "n5"];
    const disk = { term: 1, log: [1, 1] };
    const cluster = new Cluster({ names: names5, disks: { n1: disk, n2: disk, n3: disk } });
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver({ to: "n1" });

    const vote = { kind: "vote-granted", to: idOf("n1"), term: term(2) } as const;
    cluster.tell({ ...vote, from: idOf("n2") });
    cluster.tell({ ...vote, from: idOf("n2") });
    const afterOne = cluster.node("n1").core.positions.role;
    cluster.tell({ ...vote, from: idOf("n3") });

    expect(afterOne).toBe("candidate");
    expect(cluster.node("n1").core.positions.role).toBe("leader");
  });

  test("a vote of an earlier election does not count in a later one (E8)", () => {
    const cluster = threeFollowers();
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver({ to: "n1" });
    cluster.drop();
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver({ to: "n1" });
    expect(cluster.node("n1").core.positions).toMatchObject({ role: "candidate", term: 3 });

    cluster.tell({ kind: "vote-granted", from: idOf("n2"), to: idOf("n1"), term: term(2) });

    expect(cluster.node("n1").core.positions.role).toBe("candidate");
  });

  test("a vote of a learner or a stranger does not count (E9)", () => {
    const cluster = clusterOf(["n1", "n2", "n3", "n4"], {
      configuration: configurationOf({ voters: names, learners: ["n4"] }),
    });
    cluster.kill("n1");
    cluster.drop();
    cluster.wake("n2");
    cluster.deliver({ to: "n3" });
    cluster.deliver({ to: "n2" });
    expect(cluster.node("n2").core.positions.role).toBe("candidate");

    for (const from of [idOf("n4"), idOf("n9")]) {
      const { term: asked } = cluster.node("n2").core.positions;
      cluster.tell({ kind: "vote-granted", from, to: idOf("n2"), term: asked });
    }

    expect(cluster.node("n2").core.positions.role).toBe("candidate");
  });

  test("a candidate that hears the leader of its term, or a later one, follows it", () => {
    const cluster = threeFollowers();
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver({ to: "n1" });
    expect(cluster.node("n1").core.positions.role).toBe("candidate");

    cluster.tell({
      kind: "append-entries",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(2),
      prevIndex: logIndex(2),
      prevTerm: term(1),
      entries: [],
      commitIndex: logIndex(0),
    });

    expect(cluster.node("n1").core.positions).toMatchObject({
      role: "follower",
      leaderId: idOf("n2"),
      votedFor: idOf("n1"),
    });
  });

  test("a candidate that wins nothing starts a new election in a later term", () => {
    const cluster = threeFollowers();
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver({ to: "n1" });
    cluster.drop();

    cluster.wake("n1");
    cluster.settle();

    expect(cluster.node("n1").core.positions).toMatchObject({ role: "leader", term: 3 });
  });

  test("a refused candidate does not put off the campaign of the one who refused (E20)", () => {
    const cluster = threeFollowers();
    const dueAt = cluster.node("n1").core.wakeAt;

    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2, last: [1, 1] }));

    expect(cluster.mail()).toEqual(["vote-refused n1>n2"]);
    expect(cluster.node("n1").core.wakeAt).toBe(dueAt);
  });

  test("a vote that is given puts off the campaign of the one who gave it", () => {
    const cluster = threeFollowers();
    const { core } = cluster.node("n1");
    cluster.clock.now = core.wakeAt;

    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2 }));

    expect(core.wakeAt).toBeGreaterThanOrEqual(cluster.clock.now + 300);
  });

  test("a leader sends heartbeats, and nobody campaigns while they arrive", () => {
    const cluster = clusterOfThree();
    const { term: before } = cluster.node("n1").core.positions;

    cluster.pass(20_000);

    expect(cluster.leader?.name).toBe("n1");
    expect(cluster.node("n1").core.positions.term).toBe(before);
  });

  test("two leaders in one term can only mean that a vote was lost: the node stops (E11)", () => {
    const cluster = clusterOfThree();

    expect(() => cluster.tell(claimToLead(cluster, { from: "n3", to: "n2" }))).toThrow(
      "a term has one leader",
    );
  });

  test("and a node that has lost the leader it knew still knows who led the term (E11)", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n2");
    cluster.wake("n2");
    const { leaderId, role } = cluster.node("n2").core.positions;

    expect([role, leaderId]).toEqual(["pre-candidate", undefined]);
    expect(() => cluster.tell(claimToLead(cluster, { from: "n3", to: "n2" }))).toThrow(
      "a term has one leader",
    );
  });

  test("a lone voter elects itself as soon as it starts, and commits once its own disk has the entry", () => {
    const cluster = new Cluster({ names: ["n1"], disks: { n1: { term: 3, log: [1, 2] } } });
    const node = cluster.node("n1");
    node.isQuick = false;

    cluster.wake("n1");
    const asCandidate = node.core.positions;
    node.sync();
    const asLeader = node.core.positions;
    node.sync();

    expect(cluster.clock.now).toBe(1000);
    expect([asCandidate.role, asLeader.role]).toEqual(["candidate", "leader"]);
    expect([asLeader.commitIndex, node.core.positions.commitIndex]).toEqual([0, 3]);
  });

  test("a node without a configuration votes, and never campaigns", () => {
    const cluster = new Cluster({ names });

    cluster.pass(5000);
    cluster.tell(voteRequest({ from: "n2", to: "n1", term: 2 }));

    expect(cluster.node("n1").roles).toMatchObject([{ role: "follower", term: 2 }]);
    expect(cluster.mail()).toEqual(["vote-granted n1>n2"]);
  });

  test("the founder alone campaigns in a new cluster, and the others accept its configuration", () => {
    const cluster = new Cluster({ names });

    cluster.bootstrap("n1", configurationOf({ voters: names }));
    cluster.pass(200);

    expect(cluster.leader?.name).toBe("n1");
    expect(cluster.nodes.map((node) => node.applied)).toEqual(
      names.map(() => ["(configuration)", "(noop)"]),
    );
  });
});
