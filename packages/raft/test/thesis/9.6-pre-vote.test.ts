// 9.6 Preventing disruptions when a server rejoins the cluster: pre-vote, with what belongs to it.
import { describe, expect, test } from "vitest";
import { logIndex, term } from "../../src/core/ids.ts";
import { Cluster, clusterOfThree, idOf } from "../cluster.ts";

const names = ["n1", "n2", "n3"];

function preVoteRequest(parts: { from: string; to: string; term: number; last: [number, number] }) {
  return {
    kind: "request-pre-vote",
    from: idOf(parts.from),
    to: idOf(parts.to),
    term: term(parts.term),
    lastIndex: logIndex(parts.last[0]),
    lastTerm: term(parts.last[1]),
  } as const;
}

describe("9.6", () => {
  test("a node that was cut off comes back without a new term, however long it was away", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n3");
    cluster.pass(10_000);
    const away = cluster.node("n3").core.positions;

    cluster.heal();
    cluster.pass(1000);

    expect(away).toMatchObject({ role: "pre-candidate", term: 2 });
    expect(cluster.leader?.name).toBe("n1");
    expect(cluster.node("n3").core.positions).toMatchObject({
      role: "follower",
      term: 2,
      leaderId: idOf("n1"),
    });
  });

  test("a pre-vote changes nothing at the one who grants it: no term, no vote, no timer, no write", () => {
    const cluster = new Cluster({ names, disks: { n1: { term: 1, log: [1, 1] } } });
    const { core } = cluster.node("n1");
    const before = { ...core.positions, wakeAt: core.wakeAt };

    const effects = cluster.node("n1").input({
      kind: "message",
      message: preVoteRequest({ from: "n2", to: "n1", term: 2, last: [2, 1] }),
      incarnation: cluster.node("n2").incarnation,
    });

    expect(effects).toMatchObject([
      { kind: "send", message: { kind: "pre-vote-reply", term: 2, isGranted: true } },
    ]);
    expect({ ...core.positions, wakeAt: core.wakeAt }).toEqual(before);
  });

  test("a node whose log is behind gets no pre-votes", () => {
    const cluster = new Cluster({
      names,
      disks: {
        n1: { term: 2, log: [1] },
        n2: { term: 2, log: [1, 2] },
        n3: { term: 2, log: [1, 2] },
      },
    });

    cluster.wake("n1");
    cluster.settle();

    expect(cluster.node("n1").core.positions).toMatchObject({ role: "pre-candidate", term: 2 });
  });

  test("a node that hears a leader grants no pre-vote", () => {
    const cluster = clusterOfThree();

    cluster.tell(preVoteRequest({ from: "n3", to: "n2", term: 3, last: [2, 2] }));

    expect(cluster.onItsWay()).toMatchObject([
      { kind: "pre-vote-reply", from: idOf("n2"), isGranted: false, term: 2 },
    ]);
  });

  test("a refusal tells the later term of the one who refuses, so that the two can meet (E13)", () => {
    const cluster = new Cluster({
      names,
      disks: { n1: { term: 2, log: [1, 2] }, n2: { term: 7, log: [1] } },
    });
    cluster.isolate("n3");

    cluster.wake("n1");
    cluster.settle();
    const met = cluster.node("n1").core.positions.term;
    cluster.elect("n1");

    expect(met).toBe(7);
    expect(cluster.leader?.name).toBe("n1");
  });

  test("a pre-vote of another round is no vote: what was granted for one term counts for no other (E8)", () => {
    const cluster = new Cluster({ names, disks: { n1: { term: 1, log: [1, 1] } } });
    cluster.wake("n1");
    const grant = { kind: "pre-vote-reply", to: idOf("n1"), isGranted: true } as const;

    cluster.tell({ ...grant, from: idOf("n2"), term: term(1) });
    cluster.tell({ ...grant, from: idOf("n2"), term: term(5) });
    const afterOthers = cluster.node("n1").core.positions;
    cluster.tell({ ...grant, from: idOf("n2"), term: term(2) });
    const asCandidate = cluster.node("n1").core.positions;
    cluster.tell({ ...grant, from: idOf("n3"), term: term(2) });

    expect(afterOthers).toMatchObject({ role: "pre-candidate", term: 1 });
    expect([asCandidate.role, cluster.node("n1").core.positions.role]).toEqual([
      "candidate",
      "candidate",
    ]);
  });

  test("a pre-candidate that hears the leader follows it, in the same term", () => {
    const cluster = clusterOfThree();
    cluster.drop();
    cluster.clock.now = cluster.node("n2").core.wakeAt;
    cluster.wake("n2");
    const before = cluster.node("n2").core.positions;

    cluster.wake("n1");
    cluster.settle();

    expect(before).toMatchObject({ role: "pre-candidate", leaderId: undefined });
    expect(cluster.node("n2").core.positions).toMatchObject({
      role: "follower",
      leaderId: idOf("n1"),
      term: before.term,
    });
  });
});
