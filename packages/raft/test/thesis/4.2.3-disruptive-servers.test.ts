// 4.2.3 Disruptive servers and 6.2 (a leader that lost its majority steps down): stickiness,
// check-quorum, and what DESIGN 4 adds: the connection that closed, the disk that hangs, the late wake-up.
import { describe, expect, test } from "vitest";
import { incarnation, later, logIndex, term } from "../../src/core/ids.ts";
import { Cluster, clusterOf, clusterOfThree, configurationOf, idOf } from "../cluster.ts";

function voteRequest(parts: {
  from: string;
  to: string;
  term: number;
  cause: "timeout" | "transfer";
}) {
  return {
    kind: "request-vote",
    from: idOf(parts.from),
    to: idOf(parts.to),
    term: term(parts.term),
    lastIndex: logIndex(9),
    lastTerm: term(2),
    cause: parts.cause,
  } as const;
}

describe("4.2.3 stickiness", () => {
  test("a node that heard a leader inside the minimum election timeout ignores a vote request, and its term", () => {
    const cluster = clusterOfThree();
    const before = cluster.node("n2").core.positions;

    cluster.tell(voteRequest({ from: "n3", to: "n2", term: 9, cause: "timeout" }));

    expect(cluster.mail()).toEqual([]);
    expect(cluster.node("n2").core.positions).toEqual(before);
  });

  test("a leader ignores vote requests too, until it knows that it lost its majority", () => {
    const cluster = clusterOfThree();

    cluster.tell(voteRequest({ from: "n3", to: "n1", term: 9, cause: "timeout" }));

    expect(cluster.node("n1").core.positions).toMatchObject({ role: "leader", term: 2 });
  });

  test("it ends when the leader was not heard for the minimum election timeout", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");
    cluster.drop();
    cluster.clock.now = later(cluster.clock.now, 250);
    cluster.node("n2").input({ kind: "wake" });
    cluster.clock.now = later(cluster.clock.now, 51);

    cluster.tell(voteRequest({ from: "n3", to: "n2", term: 3, cause: "timeout" }));

    expect(cluster.mail({ from: "n2" })).toEqual(["vote-granted n2>n3"]);
  });

  test("the leader itself may ask for it to be passed (§3.10)", () => {
    const cluster = clusterOfThree();

    cluster.tell(voteRequest({ from: "n3", to: "n2", term: 3, cause: "transfer" }));

    expect(cluster.mail({ from: "n2" })).toEqual(["vote-granted n2>n3"]);
  });

  test("a candidate stuck in a later term makes the leader follow, so that it is not left out for ever", () => {
    const cluster = new Cluster({
      names: ["n1", "n2", "n3"],
      disks: {
        n1: { term: 2, log: [1, 2] },
        n2: { term: 2, log: [1, 2] },
        n3: { term: 8, log: [1, 2] },
      },
    });
    cluster.isolate("n3");
    cluster.elect("n1");
    cluster.heal();

    cluster.pass(3000);

    const terms = cluster.nodes.map((node) => node.core.positions.term);
    expect(new Set(terms).size).toBe(1);
    expect(terms[0]).toBeGreaterThan(8);
    expect(cluster.leader).toBeDefined();
  });
});

describe("6.2 check-quorum", () => {
  test("a leader that no majority answers for an election timeout steps down, in its term", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");

    cluster.pass(500);
    const early = cluster.node("n1").core.positions;
    cluster.pass(200);

    expect(early).toMatchObject({ role: "leader", term: 2 });
    expect(cluster.node("n1").roles.at(-1)?.role).not.toBe("leader");
    expect(cluster.node("n1").core.positions).toMatchObject({ term: 2, votedFor: idOf("n1") });
  });

  test("one of two followers is enough to go on", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n3");

    cluster.pass(5000);

    expect(cluster.leader?.name).toBe("n1");
  });

  test("the answers of a learner do not keep a leader (§4.2.1)", () => {
    const cluster = clusterOf(["n1", "n2", "n3", "n4"], {
      configuration: configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] }),
    });
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n3");

    cluster.pass(1000);

    expect(cluster.node("n1").core.positions.role).not.toBe("leader");
  });

  test("a leader that sends but hears nothing is replaced (the deaf leader)", () => {
    const cluster = clusterOfThree();
    // Its followers would stay with it as long as it sends: it must stop by itself.
    cluster.node("n1").input({ kind: "wake" });
    for (let turn = 0; turn < 200 && cluster.leader?.name === "n1"; turn++) {
      cluster.wake("n1");
      cluster.deliver({ from: "n1" });
      cluster.drop({ to: "n1" });
    }
    cluster.pass(2000);

    expect(cluster.node("n1").roles.map(({ cause }) => cause)).toContain("no quorum answered");
    expect(cluster.leader).toBeDefined();
  });
});

/** Whether `n2` would vote for `n3`. */
const wouldVote = (cluster: Cluster): boolean => {
  cluster.drop();
  cluster.tell({
    kind: "request-pre-vote",
    from: idOf("n3"),
    to: idOf("n2"),
    term: term(3),
    lastIndex: logIndex(2),
    lastTerm: term(2),
  });
  const [reply] = cluster.onItsWay({ from: "n2", kind: "pre-vote-reply" });
  return reply?.kind === "pre-vote-reply" && reply.isGranted;
};

describe("DESIGN 4 a connection to the leader that closed", () => {
  test("a killed leader is replaced in a fraction of the election timeout", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = clusterOfThree({ seed });
      const killedAt = cluster.clock.now;

      cluster.kill("n1");
      while (cluster.leader === undefined && cluster.clock.now - killedAt < 200) cluster.pass(1);

      // Now and then both ask at once and split the votes; then the timeouts decide.
      const tookMs = cluster.clock.now - killedAt;
      if (tookMs < 200) expect(tookMs).toBeLessThanOrEqual(65);
      cluster.pass(2000);
      expect(cluster.leader).toBeDefined();
    }
  });

  test("a pre-vote is asked for 5 to 30 ms after, and again after another such wait while it is refused", () => {
    const cluster = clusterOfThree();
    const node = cluster.node("n2");
    const waits: number[] = [];
    cluster.cut("n1", "n2");
    cluster.disconnect("n2", "n1");

    for (let turn = 0; turn < 8; turn++) {
      const before = cluster.clock.now;
      waits.push(node.core.wakeAt - before);
      cluster.wake("n2");
      cluster.deliver({ from: "n2" });
      cluster.deliver({ to: "n2" });
    }

    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...waits)).toBeLessThan(30);
    expect(new Set(waits).size).toBe(8);
    expect(node.core.positions).toMatchObject({ role: "pre-candidate", term: 2 });
    expect(cluster.leader?.name).toBe("n1");
  });

  test("those who still hear the leader refuse, and it stays", () => {
    const cluster = clusterOfThree();
    cluster.cut("n1", "n2");
    cluster.disconnect("n2", "n1");

    cluster.pass(3000);

    expect(cluster.leader?.name).toBe("n1");
    expect(cluster.node("n1").core.positions.term).toBe(2);
  });

  test("who saw it close grants a pre-vote at once; hearing the leader again takes that back", () => {
    const cluster = clusterOfThree();
    cluster.disconnect("n2", "n1");

    const whileClosed = wouldVote(cluster);
    cluster.drop();
    cluster.node("n1").input({ kind: "wake" });
    cluster.wake("n1");
    cluster.deliver({ from: "n1" });
    const afterHeard = wouldVote(cluster);

    expect([whileClosed, afterHeard]).toEqual([true, false]);
    expect(cluster.node("n2").core.wakeAt - cluster.clock.now).toBeGreaterThan(200);
  });

  test("a connection to somebody else, or to an earlier run of the leader, lifts nothing", () => {
    const cluster = clusterOfThree();
    const { wakeAt } = cluster.node("n2").core;

    cluster.disconnect("n2", "n3");
    cluster.node("n2").input({
      kind: "disconnected",
      peer: idOf("n1"),
      incarnation: incarnation(cluster.node("n1").incarnation + 1),
    });

    expect(cluster.node("n2").core.wakeAt).toBe(wakeAt);
  });
});

describe("DESIGN 4 health gates", () => {
  test("heartbeats do not wait for the leader's disk", () => {
    const cluster = clusterOfThree();
    cluster.node("n1").isQuick = false;
    cluster.propose("n1", "a");
    cluster.drop();

    cluster.wake("n1");

    expect(cluster.mail({ kind: "heartbeat" })).toHaveLength(2);
  });

  test("a leader whose disk hangs steps down and does not campaign, so that another leads (L3)", () => {
    const cluster = clusterOfThree();
    cluster.node("n1").input({ kind: "disk-stalled", stalled: true });
    const { role } = cluster.node("n1").core.positions;

    cluster.pass(2000);

    expect(role).toBe("follower");
    expect(cluster.leader?.name).not.toBe("n1");
    expect(cluster.node("n1").roles.map((change) => change.cause)).toContain(
      "the disk does not keep up",
    );
  });

  test("a leader that must not go on asks the furthest follower to campaign: nobody waits for a timeout", () => {
    const cluster = clusterOfThree();
    const startedAt = cluster.clock.now;

    cluster.node("n1").input({ kind: "disk-stalled", stalled: true });
    cluster.settle();

    expect(cluster.leader?.name).toBe("n2");
    expect(cluster.clock.now).toBe(startedAt);
  });

  test("a node whose disk hangs grants no pre-vote: its vote would not come", () => {
    const cluster = new Cluster({
      names: ["n1", "n2", "n3"],
      disks: { n1: { term: 1, log: [1] } },
    });
    const request = {
      kind: "request-pre-vote",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(2),
      lastIndex: logIndex(1),
      lastTerm: term(1),
    } as const;
    const isGranted = (): readonly unknown[] => {
      cluster.tell(request);
      const replies = cluster.onItsWay({ kind: "pre-vote-reply" });
      cluster.drop();
      return replies.map((reply) => reply.kind === "pre-vote-reply" && reply.isGranted);
    };

    cluster.node("n1").input({ kind: "disk-stalled", stalled: true });
    const whileStalled = isGranted();
    cluster.node("n1").input({ kind: "disk-stalled", stalled: false });

    expect([whileStalled, isGranted()]).toEqual([[false], [true]]);
  });

  test("once the disk has caught up the node may lead again", () => {
    const cluster = clusterOfThree();
    const node = cluster.node("n1");
    node.input({ kind: "disk-stalled", stalled: true });
    cluster.pass(1000);
    node.input({ kind: "disk-stalled", stalled: false });

    const current = cluster.leader?.name ?? "n2";
    const answer = cluster.transfer(current, "n1");
    cluster.settle();

    expect(answer()).toMatchObject({ outcome: "done" });
    expect(cluster.leader?.name).toBe("n1");
  });

  test("a follower that wakes up much too late waits once more before it campaigns (J5)", () => {
    const cluster = clusterOfThree();
    const node = cluster.node("n2");
    cluster.drop();
    cluster.clock.now = later(node.core.wakeAt, 301);

    node.input({ kind: "wake" });

    expect(node.core.positions).toMatchObject({ role: "follower", leaderId: idOf("n1") });
    expect(node.core.wakeAt - cluster.clock.now).toBeGreaterThanOrEqual(300);
  });

  test("a leader that wakes up much too late gives its followers time to answer, and its reads wait for them", () => {
    const cluster = clusterOfThree();
    const leader = cluster.node("n1");
    const read = cluster.read("n1");
    cluster.drop();
    cluster.clock.now = later(leader.core.wakeAt, 5000);

    leader.input({ kind: "wake" });
    const { role } = leader.core.positions;
    const early = read();
    cluster.settle();

    expect([role, early]).toEqual(["leader", undefined]);
    expect(read()).toMatchObject({ kind: "readable" });
  });

  test("the monotonic clock never goes back", () => {
    const cluster = clusterOfThree();
    cluster.clock.now = later(cluster.clock.now, -1);

    expect(() => cluster.node("n1").input({ kind: "wake" })).toThrow("never goes back");
  });
});
