// 4.2.1 Catching up new servers: a new node receives the log before it counts, and no change is begun
// that could not be completed now.
import { describe, expect, test } from "vitest";
import { later } from "../../src/core/ids.ts";
import { type Cluster, clusterOf, configurationOf, idOf, memberOf, nameOf } from "../cluster.ts";

const names = ["n1", "n2", "n3", "n4"];
const withoutN4 = configurationOf({ voters: ["n1", "n2", "n3"] });
const withLearner = configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] });
const promoteN4 = { kind: "promote", id: idOf("n4") } as const;

const votersOf = (cluster: Cluster): readonly string[] =>
  cluster.node("n1").core.status().configuration.voters.map(nameOf);

describe("4.2.1 a new node", () => {
  test("is a learner first: one entry, no joint configuration", () => {
    const cluster = clusterOf(names, { configuration: withoutN4 });

    const answer = cluster.change("n1", { kind: "add-learner", member: memberOf("n4") });
    cluster.pass(200);

    expect(answer()).toMatchObject({ kind: "membership-changed", index: 3 });
    expect(cluster.node("n1").core.status().configuration).toEqual(withLearner);
    expect(cluster.node("n4").logInShort()).toEqual(cluster.node("n1").logInShort());
  });

  test("gets a snapshot where the log begins too late for it", () => {
    const cluster = clusterOf(names, { configuration: withoutN4 });
    cluster.propose("n1", "a", "b", "c");
    cluster.settle();
    cluster.node("n1").takeSnapshot();
    cluster.node("n1").catchUp();
    cluster.node("n1").compact(0);

    cluster.change("n1", { kind: "add-learner", member: memberOf("n4") });
    cluster.pass(500);

    expect(cluster.node("n4").core.positions).toMatchObject({ snapshotIndex: 5, commitIndex: 6 });
    expect(cluster.node("n4").core.status().configuration).toEqual(withLearner);
  });

  test("is promoted once it has caught up and answers", () => {
    const cluster = clusterOf(names, { configuration: withLearner });

    const answer = cluster.change("n1", promoteN4);
    cluster.settle();

    expect(answer()).toMatchObject({ kind: "membership-changed" });
    expect(votersOf(cluster)).toEqual(["n1", "n2", "n3", "n4"]);
  });

  test("is not promoted while it lacks more of the log than may be on its way", () => {
    const settings = { windowMessagesMax: 1, windowBytesMax: 200, appendBytesMax: 200 };
    const cluster = clusterOf(names, { configuration: withLearner, settings });
    cluster.cut("n1", "n4");
    cluster.propose("n1", "x".repeat(100), "y".repeat(100));
    cluster.settle();

    const answer = cluster.change("n1", promoteN4);

    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "not-caught-up" });
    expect(votersOf(cluster)).toEqual(["n1", "n2", "n3"]);
  });

  test("is not promoted when it fell silent, though it has everything", () => {
    const cluster = clusterOf(names, { configuration: withLearner });
    cluster.isolate("n4");
    cluster.pass(400);

    const answer = cluster.change("n1", promoteN4);

    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "not-caught-up" });
  });

  test("may lack what is on its way: under load nobody has all", () => {
    const cluster = clusterOf(names, { configuration: withLearner });
    cluster.propose("n1", "a");

    const answer = cluster.change("n1", promoteN4);
    cluster.settle();

    expect(answer()).toMatchObject({ kind: "membership-changed" });
  });
});

describe("4.2.1 a change that leaves fewer than a majority of voters that answer", () => {
  const removeN2 = { kind: "remove", id: idOf("n2") } as const;

  test("is refused", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    cluster.isolate("n3");
    cluster.pass(400);

    const answer = cluster.change("n1", removeN2);

    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "majority-not-there" });
  });

  test("is not the one that removes who does not answer", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    cluster.isolate("n3");
    cluster.pass(400);

    const answer = cluster.change("n1", { kind: "remove", id: idOf("n3") });
    cluster.settle();

    expect(answer()).toMatchObject({ kind: "membership-changed" });
    expect(votersOf(cluster)).toEqual(["n1", "n2"]);
  });

  test("may be insisted on", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    cluster.isolate("n3");
    cluster.pass(400);

    const answer = cluster.change("n1", removeN2, "waived");
    cluster.heal();
    cluster.pass(1000);

    expect(answer()).toMatchObject({ kind: "membership-changed" });
    expect(votersOf(cluster)).toEqual(["n1", "n3"]);
  });

  test("counts as gone whose state differs from the others', and keeps one who may lead whatever is insisted on", () => {
    const cluster = clusterOf(["n1", "n2"]);
    cluster.node("n2").input({ kind: "diverged", diverged: true });
    cluster.pass(400);

    for (const guard of ["kept", "waived"] as const) {
      const answer = cluster.change("n1", { kind: "remove", id: idOf("n1") }, guard);
      expect(answer()).toMatchObject({ kind: "membership-refused", reason: "majority-not-there" });
    }
    const answer = cluster.change("n1", { kind: "remove", id: idOf("n2") });
    cluster.settle();

    expect(answer()).toMatchObject({ kind: "membership-changed" });
    expect(votersOf(cluster)).toEqual(["n1"]);
  });

  test("counts as gone whom it heard an election timeout ago", () => {
    const cluster = clusterOf(["n1", "n2", "n3"]);
    cluster.isolate("n3");
    cluster.clock.now = later(cluster.clock.now, 301);

    const answer = cluster.change("n1", removeN2);

    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "majority-not-there" });
  });
});
