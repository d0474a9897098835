// 4 Cluster membership: what is in force, and who counts. The changes themselves are not here yet;
// configurations come into logs as a leader of another version would have put them there.
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../src/core/configuration.ts";
import type { Entry } from "../../src/core/entry.ts";
import { logIndex, term } from "../../src/core/ids.ts";
import { Cluster, clusterOf, configurationOf, idOf, nameOf } from "../cluster.ts";

const names = ["n1", "n2", "n3", "n4"];
const ofThree = configurationOf({ voters: ["n1", "n2", "n3"] });
const ofFour = configurationOf({ voters: names });

/** `n1`, with this configuration in entry 1 of term 1, all else empty. */
function aNodeWith(configuration: Configuration): Cluster {
  const cluster = new Cluster({ names, disks: { n1: { term: 1, log: [1] } } });
  const node = cluster.node("n1");
  node.crash();
  node.disk.entries = [configurationEntry({ index: 1, term: 1, configuration })];
  node.start();
  return cluster;
}

function configurationEntry(parts: {
  index: number;
  term: number;
  configuration: Configuration;
}): Entry {
  const { configuration } = parts;
  return {
    kind: "configuration",
    index: logIndex(parts.index),
    term: term(parts.term),
    configuration,
  };
}

function appendTo(
  cluster: Cluster,
  parts: {
    from: string;
    term: number;
    prev: [number, number];
    entries: readonly Entry[];
    commit?: number;
  },
): void {
  cluster.tell({
    kind: "append-entries",
    from: idOf(parts.from),
    to: idOf("n1"),
    term: term(parts.term),
    prevIndex: logIndex(parts.prev[0]),
    prevTerm: term(parts.prev[1]),
    entries: parts.entries,
    commitIndex: logIndex(parts.commit ?? 0),
  });
}

const votersOf = (cluster: Cluster): readonly string[] =>
  cluster.node("n1").core.status().configuration.voters.map(nameOf);

describe("4.1 a configuration", () => {
  test("is in force from the moment it is appended, committed or not", () => {
    const cluster = aNodeWith(ofThree);

    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [configurationEntry({ index: 2, term: 2, configuration: ofFour })],
    });

    const { commitIndex, committedConfiguration } = cluster.node("n1").core.status();
    expect(votersOf(cluster)).toEqual(["n1", "n2", "n3", "n4"]);
    expect(commitIndex).toBe(0);
    expect(committedConfiguration.voters).toEqual([]);
  });

  test("goes back to the one before when its entry is removed (M3)", () => {
    const cluster = aNodeWith(ofThree);
    const withTombstone = configurationOf({ voters: ["n1", "n2"], removed: ["n3"] });
    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [
        configurationEntry({ index: 2, term: 2, configuration: ofFour }),
        configurationEntry({ index: 3, term: 2, configuration: withTombstone }),
      ],
    });
    const before = cluster.node("n1").core.status().configuration;

    appendTo(cluster, {
      from: "n3",
      term: 3,
      prev: [1, 1],
      entries: [{ kind: "noop", index: logIndex(2), term: term(3) }],
    });

    expect(before.removed.map(nameOf)).toEqual(["n3"]);
    expect(cluster.node("n1").core.status().configuration).toEqual(ofThree);
  });

  test("is found again in the log after a restart", () => {
    const cluster = aNodeWith(ofThree);
    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [configurationEntry({ index: 2, term: 2, configuration: ofFour })],
    });

    cluster.node("n1").crash();
    cluster.node("n1").start();

    expect(votersOf(cluster)).toEqual(["n1", "n2", "n3", "n4"]);
  });

  test("in a snapshot is the one as of its index, and later ones in the log stay in force (M2, M11)", () => {
    const cluster = aNodeWith(ofThree);
    appendTo(cluster, { from: "n2", term: 2, prev: [1, 1], entries: [], commit: 1 });
    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [configurationEntry({ index: 2, term: 2, configuration: ofFour })],
      commit: 1,
    });

    cluster.node("n1").takeSnapshot();
    const { mark } = cluster.node("n1").disk;
    cluster.node("n1").crash();
    cluster.node("n1").start();

    expect(mark).toMatchObject({ index: 1, configuration: ofThree });
    expect(votersOf(cluster)).toEqual(["n1", "n2", "n3", "n4"]);
  });
});

describe("4.2.1 a learner", () => {
  const configuration = configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] });

  test("receives the log, and its copies do not count", () => {
    const cluster = clusterOf(names, { configuration });
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n3");

    cluster.propose("n1", "a");
    cluster.settle();

    expect(cluster.node("n4").logInShort().at(-1)).toBe("3@2 a");
    expect(cluster.node("n1").core.positions.commitIndex).toBe(2);
  });

  test("does not campaign, and forgets a leader that fell silent", () => {
    const cluster = clusterOf(names, { configuration });
    cluster.isolate("n4");

    cluster.pass(3000);

    expect(cluster.node("n4").core.positions).toMatchObject({
      role: "follower",
      leaderId: undefined,
      term: 2,
    });
  });

  test("votes: the candidate's configuration may be newer than its own (E10)", () => {
    const cluster = clusterOf(names, { configuration });
    cluster.isolate("n4");
    cluster.pass(1000);
    cluster.heal();

    cluster.tell({
      kind: "request-vote",
      from: idOf("n2"),
      to: idOf("n4"),
      term: term(9),
      lastIndex: logIndex(2),
      lastTerm: term(2),
      cause: "timeout",
    });

    expect(cluster.mail({ from: "n4" })).toEqual(["vote-granted n4>n2"]);
  });
});

describe("4.2.2 a node that the latest configuration leaves out", () => {
  const without = configurationOf({ voters: ["n2", "n3", "n4"], removed: ["n1"] });

  test("campaigns until it knows that entry committed, and does not count itself", () => {
    const cluster = aNodeWith(ofThree);
    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [configurationEntry({ index: 2, term: 2, configuration: without })],
      commit: 1,
    });
    cluster.drop();
    cluster.clock.now = cluster.node("n1").core.wakeAt;
    cluster.wake("n1");
    const grant = {
      kind: "pre-vote-reply",
      to: idOf("n1"),
      term: term(3),
      isGranted: true,
    } as const;

    cluster.tell({ ...grant, from: idOf("n2") });
    const withOne = cluster.node("n1").core.positions.role;
    cluster.tell({ ...grant, from: idOf("n3") });

    expect([withOne, cluster.node("n1").core.positions.role]).toEqual([
      "pre-candidate",
      "candidate",
    ]);
  });

  test("no longer campaigns once it knows that entry committed, but votes", () => {
    const cluster = aNodeWith(ofThree);
    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [configurationEntry({ index: 2, term: 2, configuration: without })],
      commit: 2,
    });
    cluster.drop();

    cluster.pass(5000);
    cluster.tell({
      kind: "request-vote",
      from: idOf("n3"),
      to: idOf("n1"),
      term: term(3),
      lastIndex: logIndex(2),
      lastTerm: term(2),
      cause: "timeout",
    });

    expect(cluster.node("n1").roles.map(({ role }) => role)).not.toContain("pre-candidate");
    expect(cluster.mail()).toEqual(["vote-granted n1>n3"]);
  });

  test("is not elected by a node that knows it was removed for good", () => {
    const cluster = aNodeWith(ofThree);
    const removal = configurationOf({ voters: ["n1", "n2", "n4"], removed: ["n3"] });
    appendTo(cluster, {
      from: "n2",
      term: 2,
      prev: [1, 1],
      entries: [configurationEntry({ index: 2, term: 2, configuration: removal })],
      commit: 2,
    });
    cluster.isolate("n1");
    cluster.pass(1000);
    cluster.drop();

    cluster.tell({
      kind: "request-vote",
      from: idOf("n3"),
      to: idOf("n1"),
      term: term(9),
      lastIndex: logIndex(9),
      lastTerm: term(2),
      cause: "timeout",
    });

    expect(cluster.mail({ to: "n3" })).toEqual([]);
    expect(cluster.node("n1").core.positions.votedFor).not.toBe(idOf("n3"));
  });

  test("leads on, without counting itself, until that configuration is committed, then steps down (M6, M7)", () => {
    const cluster = aNodeWith(configurationOf({ voters: ["n1"] }));
    const node = cluster.node("n1");
    node.crash();
    node.disk.entries = [
      configurationEntry({
        index: 1,
        term: 1,
        configuration: configurationOf({ voters: ["n1", "n2"] }),
      }),
      configurationEntry({
        index: 2,
        term: 1,
        configuration: configurationOf({ voters: ["n2"], removed: ["n1"] }),
      }),
    ];
    node.disk.mark = undefined;
    node.start();
    appendTo(cluster, { from: "n3", term: 1, prev: [2, 1], entries: [], commit: 1 });
    cluster.drop();
    cluster.clock.now = node.core.wakeAt;
    cluster.wake("n1");
    cluster.tell({
      kind: "pre-vote-reply",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(2),
      isGranted: true,
    });
    cluster.tell({ kind: "vote-granted", from: idOf("n2"), to: idOf("n1"), term: term(2) });
    const asLeader = node.core.positions;

    cluster.tell({
      kind: "append-accepted",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(2),
      matchIndex: logIndex(3),
    });

    expect(asLeader).toMatchObject({ role: "leader", commitIndex: 1, persistedIndex: 3 });
    expect(node.core.positions).toMatchObject({ role: "follower", commitIndex: 3 });
  });
});

const joint = configurationOf({
  voters: ["n1", "n2", "n4"],
  votersOutgoing: ["n1", "n2", "n3"],
});

/** Four nodes in a joint configuration that nobody knows to be committed, so nobody leaves it. */
function aJointCluster(): Cluster {
  const disk = { term: 1, log: [1], configuration: joint };
  return new Cluster({ names, disks: { n1: disk, n2: disk, n3: disk, n4: disk } });
}

/** Who comes to lead when only these reach each other. */
function electedAmong(...reachable: readonly string[]): string | undefined {
  const cluster = aJointCluster();
  cluster.isolate(...reachable);
  for (const { name } of cluster.nodes) if (!reachable.includes(name)) cluster.node(name).crash();
  cluster.pass(4000);
  return cluster.leader?.name;
}

/** `n1` leads, and has committed nothing yet. */
function aJointLeader(): Cluster {
  const cluster = aJointCluster();
  cluster.wake("n1");
  const kinds = ["request-pre-vote", "pre-vote-reply", "request-vote", "vote-granted"] as const;
  for (const kind of kinds) cluster.deliver({ kind });
  cluster.drop();
  return cluster;
}

describe("4.3 while joint", () => {
  test("a candidate needs a majority of both halves", () => {
    expect(electedAmong("n2", "n3")).toBeUndefined();
    expect(electedAmong("n2", "n4")).toBeUndefined();
    expect(electedAmong("n2", "n3", "n4")).toBeDefined();
    expect(electedAmong("n1", "n2")).toBeDefined();
  });

  test("a leader needs a majority of both halves to commit", () => {
    const cluster = aJointLeader();
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n4");
    cluster.pass(200);
    const withOutgoing = cluster.node("n1").core.positions;

    cluster.heal();
    cluster.cut("n1", "n2");
    cluster.pass(200);

    expect(withOutgoing).toMatchObject({ role: "leader", commitIndex: 0, persistedIndex: 2 });
    expect(cluster.node("n1").core.positions.commitIndex).toBeGreaterThanOrEqual(2);
  });

  test("a leader needs a majority of both halves to stay one", () => {
    const cluster = aJointLeader();
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n4");

    cluster.pass(1000);

    expect(cluster.node("n1").roles.at(-1)?.role).not.toBe("leader");
    expect(cluster.leader).toBeUndefined();
  });
});

describe("4", () => {
  test("messages of a stranger add nobody to whom a leader feeds (M10)", () => {
    const cluster = clusterOf(["n1", "n2", "n3"], { configuration: ofThree });

    cluster.tell({
      kind: "append-accepted",
      from: idOf("n9"),
      to: idOf("n1"),
      term: cluster.node("n1").core.positions.term,
      matchIndex: logIndex(2),
    });

    const { followers } = cluster.node("n1").core.status();
    expect(followers.map(({ id }) => nameOf(id))).toEqual(["n2", "n3"]);
  });
});
