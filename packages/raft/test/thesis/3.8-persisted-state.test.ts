// 3.8 Persisted state and restarts: what is on disk before what is said.
import { describe, expect, test } from "vitest";
import { ForgottenLogError } from "../../src/core/forgotten-log.ts";
import { logIndex, persistSequence, readRound, term } from "../../src/core/ids.ts";
import { Cluster, clusterOfThree, idOf } from "../cluster.ts";

const names = ["n1", "n2", "n3"];

function threeFollowers(): Cluster {
  const disk = { term: 1, log: [1, 1] };
  const cluster = new Cluster({ names, disks: { n1: disk, n2: disk, n3: disk } });
  for (const node of cluster.nodes) node.isQuick = false;
  return cluster;
}

const request = {
  kind: "request-vote",
  to: idOf("n1"),
  term: term(2),
  lastIndex: logIndex(2),
  lastTerm: term(1),
  cause: "timeout",
} as const;

describe("3.8", () => {
  test("a node that is told of an acknowledgement of its own that its disk has lost does not go on", () => {
    const cluster = threeFollowers();
    const heartbeat = {
      kind: "heartbeat",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(2),
      round: readRound(1),
    } as const;
    cluster.tell({ ...heartbeat, commitIndex: logIndex(2) });
    const { commitIndex } = cluster.node("n1").core.positions;

    expect(commitIndex).toBe(2);
    expect(() => cluster.tell({ ...heartbeat, commitIndex: logIndex(3) })).toThrow(
      new ForgottenLogError({ term: term(2), acknowledged: logIndex(3), lastIndex: logIndex(2) }),
    );
  });

  test("a vote leaves once it is on disk, and not before (E1)", () => {
    const cluster = threeFollowers();

    cluster.tell({ ...request, from: idOf("n2") });
    const before = cluster.mail();
    cluster.node("n1").sync();

    expect(before).toEqual([]);
    expect(cluster.mail()).toEqual(["vote-granted n1>n2"]);
    expect(cluster.node("n1").disk.hardState).toEqual({ term: 2, votedFor: idOf("n2") });
  });

  test("a vote that was not on disk at a crash was not given, and may be given to another", () => {
    const cluster = threeFollowers();
    cluster.tell({ ...request, from: idOf("n2") });

    cluster.node("n1").crash();
    cluster.node("n1").start();
    cluster.tell({ ...request, from: idOf("n3") });
    cluster.node("n1").sync();

    expect(cluster.mail()).toEqual(["vote-granted n1>n3"]);
  });

  test("a vote that was on disk at a crash stands", () => {
    const cluster = threeFollowers();
    cluster.tell({ ...request, from: idOf("n2") });
    cluster.node("n1").sync();
    cluster.drop();

    cluster.node("n1").crash();
    cluster.node("n1").start();
    cluster.tell({ ...request, from: idOf("n3") });
    cluster.node("n1").sync();

    expect(cluster.mail()).toEqual(["vote-refused n1>n3"]);
  });

  test("a repeated vote waits for the write of the first", () => {
    const cluster = threeFollowers();
    cluster.tell({ ...request, from: idOf("n2") });
    cluster.tell({ ...request, from: idOf("n2") });
    const before = cluster.mail();

    cluster.node("n1").sync();
    const afterFirst = cluster.mail();
    cluster.node("n1").sync();

    expect(before).toEqual([]);
    expect([afterFirst.length, cluster.mail().length]).toEqual([1, 2]);
  });

  test("a candidate asks for votes once its term and own vote are on disk", () => {
    const cluster = threeFollowers();
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver();
    expect(cluster.node("n1").core.positions.role).toBe("candidate");
    const before = cluster.mail();

    cluster.node("n1").sync();

    expect(before).toEqual([]);
    expect(cluster.mail()).toEqual(["request-vote n1>n2", "request-vote n1>n3"]);
  });

  test("a candidate's own vote counts once it is on disk", () => {
    const cluster = threeFollowers();
    cluster.wake("n1");
    cluster.deliver();
    cluster.deliver();

    cluster.tell({ kind: "vote-granted", from: idOf("n2"), to: idOf("n1"), term: term(2) });
    const before = cluster.node("n1").core.positions.role;
    cluster.node("n1").sync();

    expect([before, cluster.node("n1").core.positions.role]).toEqual(["candidate", "leader"]);
  });

  test("an acknowledgement leaves once the entries are on disk, and not before", () => {
    const cluster = clusterOfThree();
    const follower = cluster.node("n2");
    follower.isQuick = false;
    cluster.propose("n1", "a");

    cluster.deliver({ to: "n2" });
    const before = cluster.mail({ from: "n2" });
    follower.sync();

    expect(before).toEqual([]);
    expect(cluster.mail({ from: "n2" })).toEqual(["append-accepted n2>n1"]);
  });

  test("an acknowledgement of entries that are still being written waits for them", () => {
    const cluster = clusterOfThree();
    const follower = cluster.node("n2");
    follower.isQuick = false;
    cluster.propose("n1", "a");
    const [message] = cluster.onItsWay({ to: "n2" });
    cluster.deliver({ to: "n2" });

    if (message !== undefined) cluster.tell(message);
    const before = cluster.mail({ from: "n2" });
    follower.catchUp();

    expect(before).toEqual([]);
    expect(cluster.mail({ from: "n2" })).toHaveLength(2);
  });

  test("entries that were not on disk at a crash are asked for again", () => {
    const cluster = clusterOfThree();
    const follower = cluster.node("n2");
    follower.isQuick = false;
    cluster.propose("n1", "a");
    cluster.deliver({ to: "n2" });
    follower.crash();
    follower.start();
    const afterCrash = follower.core.positions.lastIndex;

    follower.isQuick = true;
    cluster.pass(300);

    expect(afterCrash).toBe(2);
    expect(follower.applied.at(-1)).toBe("a");
  });

  test("an old completion never makes an entry durable that took the place of another (R15)", () => {
    const cluster = threeFollowers();
    const node = cluster.node("n1");
    const append = (parts: { from: string; term: number }) =>
      cluster.tell({
        kind: "append-entries",
        from: idOf(parts.from),
        to: idOf("n1"),
        term: term(parts.term),
        prevIndex: logIndex(2),
        prevTerm: term(1),
        entries: [3, 4].map((index) => ({
          kind: "noop",
          index: logIndex(index),
          term: term(parts.term),
        })),
        commitIndex: logIndex(0),
      });

    append({ from: "n2", term: 2 });
    append({ from: "n3", term: 3 });
    node.sync();
    const afterFirst = node.core.positions.persistedIndex;
    node.sync();

    expect([afterFirst, node.core.positions.persistedIndex]).toEqual([2, 4]);
  });

  test("completions count in order, and one that was told already tells nothing (R16)", () => {
    const cluster = clusterOfThree();
    const leader = cluster.node("n1");
    leader.isQuick = false;
    cluster.propose("n1", "a");
    cluster.propose("n1", "b");
    const [first, second] = leader.disk.pending;
    const { term: current } = leader.core.positions;
    const complete = (sequence: number | undefined) =>
      leader.input({
        kind: "persisted",
        sequence: persistSequence(sequence ?? 0),
        term: current,
      });

    complete(second?.sequence);
    const afterSecond = leader.core.positions.persistedIndex;
    complete(first?.sequence);

    expect([afterSecond, leader.core.positions.persistedIndex]).toEqual([4, 4]);
  });

  test("a term is on disk with or before the entries of that term (R17)", () => {
    const cluster = threeFollowers();

    cluster.tell({
      kind: "append-entries",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(4),
      prevIndex: logIndex(2),
      prevTerm: term(1),
      entries: [{ kind: "noop", index: logIndex(3), term: term(4) }],
      commitIndex: logIndex(0),
    });

    expect(cluster.node("n1").disk.pending).toMatchObject([
      { hardState: { term: 4, votedFor: undefined }, entries: [{ index: 3, term: 4 }] },
    ]);
  });

  test("a leader that steps down within its term has not taken its vote back (E3)", () => {
    const cluster = clusterOfThree();
    const { term: current } = cluster.node("n1").core.positions;
    cluster.node("n1").input({ kind: "diverged", diverged: true });

    cluster.tell({ ...request, from: idOf("n3"), term: current, lastIndex: logIndex(9) });

    expect(cluster.node("n1").core.positions.votedFor).toBe(idOf("n1"));
    expect(cluster.mail({ to: "n3", kind: "vote-granted" })).toEqual([]);
  });

  test("a restarted node applies from its snapshot on, as it learns what is committed", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a", "b");
    cluster.pass(100);
    cluster.node("n2").takeSnapshot();
    cluster.propose("n1", "c");
    cluster.pass(100);

    cluster.kill("n2");
    cluster.node("n2").start();
    const atStart = [...cluster.node("n2").applied];
    cluster.pass(100);

    expect(atStart).toEqual(["(configuration)", "(noop)", "a", "b"]);
    expect(cluster.node("n2").applied).toEqual([...atStart, "c"]);
  });
});
