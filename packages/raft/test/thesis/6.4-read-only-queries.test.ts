// 6.4 Processing read-only queries more efficiently: ReadIndex.
import { describe, expect, test } from "vitest";
import { readRound, term } from "../../src/core/ids.ts";
import { Cluster, clusterOf, clusterOfThree, configurationOf, idOf, memberOf } from "../cluster.ts";

describe("6.4", () => {
  test("a read is answered once a majority has answered a round of heartbeats that left after it", () => {
    const cluster = clusterOfThree();

    const read = cluster.read("n1");
    const atOnce = read();
    cluster.deliver();
    cluster.deliver({ from: "n2" });

    expect(atOnce).toBeUndefined();
    expect(read()).toMatchObject({ kind: "readable", index: 2 });
  });

  test("an answer to a round that left before the read does not confirm it (Q3)", () => {
    const cluster = clusterOfThree();
    cluster.wake("n1");
    cluster.deliver({ kind: "heartbeat" });
    const early = cluster.onItsWay({ from: "n2", kind: "heartbeat-reply" });
    expect(early).toHaveLength(1);

    const read = cluster.read("n1");
    cluster.drop({ kind: "heartbeat" });
    for (const message of early) cluster.tell(message);
    cluster.deliver({ kind: "heartbeat-reply" });

    expect(read()).toBeUndefined();
  });

  test("an answer of an earlier term confirms nothing, whatever its number", () => {
    const cluster = clusterOfThree();
    const read = cluster.read("n1");
    const reply = {
      kind: "heartbeat-reply",
      from: idOf("n2"),
      to: idOf("n1"),
      round: readRound(1_000_000),
      wantsSnapshot: false,
    } as const;

    cluster.tell({ ...reply, term: term(1) });

    expect(read()).toBeUndefined();
  });

  test("a lost round is repeated under a new number, and reads wait for that", () => {
    const cluster = clusterOfThree();
    const read = cluster.read("n1");
    const lost = cluster.onItsWay({ kind: "heartbeat" });
    cluster.drop({ kind: "heartbeat" });

    cluster.wake("n1");
    const repeated = cluster.onItsWay({ kind: "heartbeat" });
    cluster.settle();

    const roundOf = (message: (typeof lost)[number] | undefined) =>
      message?.kind === "heartbeat" ? message.round : 0;
    expect(roundOf(repeated[0])).toBeGreaterThan(roundOf(lost[0]));
    expect(read()).toMatchObject({ kind: "readable" });
  });

  test("one follower that answers twice is one follower", () => {
    const cluster = clusterOf(["n1", "n2", "n3", "n4", "n5"]);
    const read = cluster.read("n1");
    cluster.deliver({ kind: "heartbeat", to: "n2" });
    const [reply] = cluster.onItsWay({ from: "n2", kind: "heartbeat-reply" });

    if (reply !== undefined) cluster.tell(reply);
    if (reply !== undefined) cluster.tell(reply);
    const after = read();
    cluster.settle();

    expect(after).toBeUndefined();
    expect(read()).toMatchObject({ kind: "readable" });
  });

  test("the answer of a learner proves nothing", () => {
    const cluster = clusterOf(["n1", "n2", "n3", "n4"], {
      configuration: configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] }),
    });
    cluster.isolate("n2", "n3");

    const read = cluster.read("n1");
    cluster.settle();

    expect(read()).toBeUndefined();
  });

  test("a new leader answers no read before an entry of its own term is committed (Q1)", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.transfer("n1", "n2");
    cluster.runUntil("n1", () => cluster.node("n2").core.positions.role === "leader");

    const read = cluster.read("n2");
    const early = read();
    const rounds = cluster.mail({ from: "n2", kind: "heartbeat" });
    cluster.settle();

    expect([early, rounds]).toEqual([undefined, []]);
    expect(read()).toMatchObject({ kind: "readable", index: 4 });
  });

  test("reads gather: one round carries all that wait", () => {
    const cluster = clusterOfThree({ settings: { readRoundsMax: 1 } });
    const first = cluster.read("n1");
    const others = [cluster.read("n1"), cluster.read("n1"), cluster.read("n1")];
    const rounds = cluster.mail({ kind: "heartbeat", to: "n2" });

    cluster.settle();

    expect(rounds).toHaveLength(1);
    expect([first, ...others].map((read) => read()?.kind)).toEqual(Array(4).fill("readable"));
  });

  test("a read sees all that was acknowledged before it", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.propose("n1", "b");

    const read = cluster.read("n1");
    cluster.deliver({ kind: "heartbeat" });
    cluster.deliver({ kind: "heartbeat-reply" });

    expect(read()).toMatchObject({ kind: "readable", index: 3 });
  });

  test("a leader that was replaced without knowing answers no read", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");
    cluster.elect("n2");
    cluster.propose("n2", "newer");
    cluster.settle();
    cluster.heal();
    expect(cluster.node("n1").core.positions.role).toBe("leader");

    const read = cluster.read("n1");
    cluster.settle();

    expect(read()).toMatchObject({ kind: "read-refused", reason: "not-leader" });
  });

  test("reads that wait are refused when the leader steps down, so that nobody waits for ever (Q10)", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");
    const read = cluster.read("n1");

    cluster.pass(1000);

    expect(read()).toMatchObject({ kind: "read-refused", reason: "not-leader" });
  });

  test("a follower refuses reads", () => {
    const cluster = clusterOfThree();

    const read = cluster.read("n2");

    expect(read()).toMatchObject({ kind: "read-refused", reason: "not-leader" });
  });

  test("a lone voter answers at once: its word is the majority's", () => {
    const cluster = new Cluster({ names: ["n1"], disks: { n1: { term: 1, log: [1] } } });
    cluster.wake("n1");
    cluster.settle();

    const read = cluster.read("n1");

    expect(read()).toMatchObject({ kind: "readable", index: 2 });
  });

  test("while joint, both majorities must answer (§4.3)", () => {
    const cluster = clusterOf(["n1", "n2", "n3", "n4"], {
      configuration: configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] }),
    });
    cluster.change("n1", { kind: "replace", id: idOf("n3"), member: memberOf("n4") });
    const { votersOutgoing } = cluster.node("n1").core.status().configuration;
    cluster.drop({ kind: "append-entries" });
    const read = cluster.read("n1");

    cluster.deliver({ kind: "heartbeat", to: "n3" });
    cluster.deliver({ from: "n3" });
    const withOutgoing = read();
    cluster.deliver({ kind: "heartbeat", to: "n4" });
    cluster.deliver({ from: "n4" });

    expect([votersOutgoing.length, withOutgoing]).toEqual([3, undefined]);
    expect(read()).toMatchObject({ kind: "readable", index: 2 });
  });
});

describe("6.4 a leader that was stopped while another came to lead", () => {
  test("answers no read when it goes on, though it does not know yet", () => {
    const cluster = clusterOfThree();
    cluster.freeze("n1");
    cluster.pass(2000);
    cluster.propose(cluster.leader?.name ?? "", "newer");
    cluster.pass(100);
    cluster.thaw("n1");
    const { role } = cluster.node("n1").core.positions;

    const read = cluster.read("n1");
    cluster.settle();

    expect([role, cluster.leader?.name === "n1"]).toEqual(["leader", false]);
    expect(read()).toMatchObject({ kind: "read-refused", reason: "not-leader" });
  });
});
