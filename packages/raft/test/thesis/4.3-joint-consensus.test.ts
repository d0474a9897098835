// 4.3 Arbitrary configuration changes using joint consensus: every change of voters goes this way; and
// 4.2.2, what becomes of a leader that is removed.
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../src/core/configuration.ts";
import { logIndex } from "../../src/core/ids.ts";
import type { MembershipChange } from "../../src/core/input.ts";
import { type Cluster, clusterOf, configurationOf, idOf, memberOf, nameOf } from "../cluster.ts";

const names = ["n1", "n2", "n3", "n4"];
const configuration = configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] });
const joint = configurationOf({
  voters: ["n1", "n2", "n4"],
  votersOutgoing: ["n1", "n2", "n3"],
});
const incoming = configurationOf({ voters: ["n1", "n2", "n4"], removed: ["n3"] });
const replaceN3: MembershipChange = { kind: "replace", id: idOf("n3"), member: memberOf("n4") };
const removeN1: MembershipChange = { kind: "remove", id: idOf("n1") };

/** Three voters and a learner that has everything; `n1` leads, and was asked to put `n4` in for `n3`. */
function aChangeUnderWay(): { cluster: Cluster; answer: ReturnType<Cluster["change"]> } {
  const cluster = clusterOf(names, { configuration });
  return { cluster, answer: cluster.change("n1", replaceN3) };
}

const inForce = (cluster: Cluster, name = "n1"): Configuration =>
  cluster.node(name).core.status().configuration;

const isLast = (cluster: Cluster): boolean => inForce(cluster).votersOutgoing.length === 0;

describe("4.3 a change of voters", () => {
  test("puts the joint configuration into the log, and it is in force at once", () => {
    const { cluster } = aChangeUnderWay();

    expect(inForce(cluster)).toEqual(joint);
    expect(cluster.node("n1").core.positions).toMatchObject({ commitIndex: 2, lastIndex: 3 });
  });

  test("is followed by the new configuration once the joint one is committed, and told once that is", () => {
    const { cluster, answer } = aChangeUnderWay();
    const atFirst = answer();
    cluster.runUntil("n1", () => cluster.node("n1").core.positions.commitIndex === 3);
    const whenJointIsCommitted = answer();
    const next = inForce(cluster);

    cluster.settle();

    expect([atFirst, whenJointIsCommitted]).toEqual([undefined, undefined]);
    expect(next).toEqual(incoming);
    expect(answer()).toMatchObject({ kind: "membership-changed", index: 4 });
  });

  test("leaves the joint configuration once, however much is proposed meanwhile (M8)", () => {
    const { cluster } = aChangeUnderWay();
    cluster.runUntil("n1", () => {
      cluster.propose("n1", "meanwhile");
      return cluster.node("n1").core.positions.commitIndex >= 8;
    });
    cluster.settle();

    const configurations = cluster
      .node("n1")
      .log()
      .filter(({ kind }) => kind === "configuration");
    expect(configurations).toHaveLength(3);
  });

  test("commits nothing without a majority of both halves", () => {
    const { cluster } = aChangeUnderWay();
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n4");
    cluster.settle();
    const withOutgoing = cluster.node("n1").core.positions.commitIndex;

    cluster.heal();
    cluster.cut("n1", "n2");
    cluster.pass(300);

    expect(withOutgoing).toBe(2);
    expect(cluster.node("n1").core.positions.commitIndex).toBe(4);
  });

  test("is of unknown outcome once its leader leads no more", () => {
    const { answer, cluster } = aChangeUnderWay();
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n4");

    cluster.pass(1000);

    expect(cluster.node("n1").core.positions.role).not.toBe("leader");
    expect(answer()).toMatchObject({ kind: "membership-unknown" });
  });

  test("is completed by a later leader (M8)", () => {
    const { cluster } = aChangeUnderWay();
    cluster.deliver({ kind: "append-entries" });
    cluster.kill("n1");
    cluster.drop();

    cluster.pass(3000);

    expect(cluster.leader).toBeDefined();
    expect(inForce(cluster, "n2")).toEqual(incoming);
    expect(inForce(cluster, "n4")).toEqual(incoming);
  });

  test("that nobody else has is taken back, and another may follow (M3)", () => {
    const { cluster, answer } = aChangeUnderWay();
    cluster.isolate("n1");
    cluster.elect("n2");
    cluster.heal();
    cluster.pass(1000);
    const afterwards = inForce(cluster);

    const leader = cluster.leader?.name ?? "";
    const another = cluster.change(leader, replaceN3);
    cluster.settle();

    expect(afterwards).toEqual(configuration);
    expect(answer()).toMatchObject({ kind: "membership-unknown" });
    expect(another()).toMatchObject({ kind: "membership-changed" });
  });
});

describe("4.2.2 removing the leader", () => {
  test("it leads until the new configuration is committed without it, hands over and steps down (M6, M7)", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    const answer = cluster.change("n1", removeN1);
    cluster.runUntil("n1", () => isLast(cluster));
    const whenAppended = cluster.node("n1").core.positions;
    const { now } = cluster.clock;

    cluster.settle();

    expect(whenAppended).toMatchObject({ role: "leader", lastIndex: 4, commitIndex: 3 });
    expect(answer()).toMatchObject({ kind: "membership-changed", index: 4 });
    expect(cluster.node("n1").core.positions.role).toBe("follower");
    expect(["n2", "n3"]).toContain(cluster.leader?.name);
    expect(cluster.clock.now).toBe(now);
  });

  test("its own copy of the new configuration does not count (M6)", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    cluster.change("n1", removeN1);
    cluster.runUntil("n1", () => isLast(cluster));
    cluster.cut("n1", "n3");

    cluster.settle();

    expect(cluster.node("n1").core.positions).toMatchObject({ role: "leader", commitIndex: 3 });
  });

  test("it takes no more proposals meanwhile: they are for the next leader", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    cluster.change("n1", removeN1);
    cluster.runUntil("n1", () => isLast(cluster));

    const answer = cluster.propose("n1", "late");

    expect(answer()).toMatchObject({ kind: "refused", reason: "transferring" });
  });

  test("of two, the one that stays goes on alone (M15)", () => {
    const cluster = clusterOf(["n1", "n2"]);
    const answer = cluster.change("n1", removeN1);
    cluster.pass(1000);
    const write = cluster.propose("n2", "alone");
    cluster.settle();

    expect(answer()).toMatchObject({ kind: "membership-changed" });
    expect(write()).toMatchObject({ kind: "accepted" });
    expect(cluster.node("n2").applied.at(-1)).toBe("alone");
  });

  test("of two, the leader goes on alone without the other (M15)", () => {
    const cluster = clusterOf(["n1", "n2"]);
    const answer = cluster.change("n1", { kind: "remove", id: idOf("n2") });
    cluster.pass(1000);

    expect(answer()).toMatchObject({ kind: "membership-changed" });
    expect(cluster.node("n1").core.positions).toMatchObject({ role: "leader", commitIndex: 4 });
  });
});

describe("4.1 a change", () => {
  test("is refused before an entry of the leader's own term is committed (M1)", () => {
    const cluster = clusterOf(names, { configuration });
    cluster.isolate("n1");
    cluster.clock.now = cluster.node("n2").core.wakeAt;
    cluster.runUntil("n2", () => cluster.node("n2").core.positions.role === "leader");

    const answer = cluster.change("n2", { kind: "promote", id: idOf("n4") });

    expect(cluster.node("n2").core.positions).toMatchObject({ commitIndex: 2, lastIndex: 3 });
    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "term-not-begun" });
  });

  test("is refused while another is not through, by the log and not by what is applied (M9)", () => {
    const { cluster } = aChangeUnderWay();
    const addN5: MembershipChange = { kind: "add-learner", member: memberOf("n5") };
    const whileJoint = cluster.change("n1", addN5);
    cluster.runUntil("n1", () => isLast(cluster));
    const whileLast = cluster.change("n1", addN5);
    cluster.settle();
    const afterwards = cluster.change("n1", addN5);
    cluster.settle();

    const underWay = { kind: "membership-refused", reason: "change-under-way" };
    expect(whileJoint()).toMatchObject(underWay);
    expect(whileLast()).toMatchObject(underWay);
    expect(afterwards()).toMatchObject({ kind: "membership-changed" });
  });

  test("by a leader that lost its majority never comes about (M5)", () => {
    const cluster = clusterOf(names, { configuration });
    cluster.isolate("n1");
    const answer = cluster.change("n1", { kind: "remove", id: idOf("n2") });
    cluster.pass(3000);
    cluster.heal();
    cluster.pass(1000);

    expect(answer()).toMatchObject({ kind: "membership-unknown" });
    for (const { name } of cluster.nodes) expect(inForce(cluster, name)).toEqual(configuration);
  });
});

describe("4.1 the leader feeds", () => {
  const fed = (cluster: Cluster): readonly string[] =>
    cluster
      .node("n1")
      .core.status()
      .followers.map(({ id }) => nameOf(id));

  test("whom the configuration in force names, from when it is appended", () => {
    const { cluster } = aChangeUnderWay();
    const whileJoint = fed(cluster);
    cluster.settle();

    expect(whileJoint.toSorted()).toEqual(["n2", "n3", "n4"]);
    expect(fed(cluster).toSorted()).toEqual(["n2", "n4"]);
  });

  test("nobody who was removed, whatever it says later (M10)", () => {
    const { cluster } = aChangeUnderWay();
    cluster.settle();

    cluster.tell({
      kind: "append-accepted",
      from: idOf("n3"),
      to: idOf("n1"),
      term: cluster.node("n1").core.positions.term,
      matchIndex: logIndex(3),
    });
    const again = cluster.change("n1", { kind: "add-learner", member: memberOf("n3") });

    expect(fed(cluster).toSorted()).toEqual(["n2", "n4"]);
    expect(again()).toMatchObject({ kind: "membership-refused", reason: "removed-before" });
  });
});
