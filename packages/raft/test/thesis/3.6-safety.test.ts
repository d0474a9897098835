// 3.6 Safety: who may be elected, and what may be called committed.
import { describe, expect, test } from "vitest";
import { logIndex, term } from "../../src/core/ids.ts";
import { Cluster, clusterOfThree, idOf } from "../cluster.ts";

const names = ["n1", "n2", "n3"];

describe("3.6.1 a voter", () => {
  test.each([
    { mine: [1, 1, 1], last: [3, 1], granted: true },
    { mine: [1, 1, 1], last: [4, 1], granted: true },
    { mine: [1, 1, 1], last: [2, 2], granted: true },
    { mine: [1, 1, 1], last: [2, 1], granted: false },
    { mine: [1, 2], last: [9, 1], granted: false },
    { mine: [1, 2], last: [2, 2], granted: true },
  ] as const)("whose log is $mine votes for a log that ends at $last: $granted (E5)", (row) => {
    const cluster = new Cluster({ names, disks: { n1: { term: 3, log: row.mine } } });

    cluster.tell({
      kind: "request-vote",
      from: idOf("n2"),
      to: idOf("n1"),
      term: term(4),
      lastIndex: logIndex(row.last[0]),
      lastTerm: term(row.last[1]),
      cause: "timeout",
    });

    expect(cluster.mail()).toEqual([row.granted ? "vote-granted n1>n2" : "vote-refused n1>n2"]);
  });

  test("does not help a log that lacks a committed entry to lead", () => {
    const cluster = clusterOfThree();
    cluster.cut("n1", "n3");
    cluster.cut("n2", "n3");
    cluster.propose("n1", "committed");
    cluster.settle();
    cluster.heal();
    cluster.kill("n1");

    expect(() => cluster.elect("n3")).toThrow("n3 is not elected");
    expect(cluster.leader?.name ?? "n2").toBe("n2");
  });
});

describe("3.6.2 a leader", () => {
  test("does not commit an entry of an earlier term by counting replicas (Figure 3.7)", () => {
    // (a) and (b): n1 led term 2 and brought entry 2 to n2; n3 led term 3 and has another there.
    // (c): n1 leads term 4 and brings its entry 2 to a majority, without one of its own term.
    const five = ["n1", "n2", "n3", "n4", "n5"];
    const cluster = new Cluster({
      names: five,
      disks: {
        n1: { term: 3, log: [1, 2] },
        n2: { term: 3, log: [1, 2] },
        n3: { term: 3, log: [1] },
        n4: { term: 3, log: [1] },
        n5: { term: 3, log: [1, 3] },
      },
    });
    cluster.isolate("n5");
    cluster.clock.now = cluster.node("n1").core.wakeAt;
    cluster.wake("n1");
    for (const kind of [
      "request-pre-vote",
      "pre-vote-reply",
      "request-vote",
      "vote-granted",
    ] as const) {
      cluster.deliver({ kind });
    }
    const leader = cluster.node("n1");
    expect(leader.core.positions).toMatchObject({ role: "leader", term: 4 });

    // Only entry 2 of term 2 reaches the others, as if the no-op had been lost on the way.
    const { term: current } = leader.core.positions;
    cluster.drop();
    for (const from of ["n2", "n3", "n4"]) {
      cluster.tell({
        kind: "append-accepted",
        from: idOf(from),
        to: idOf("n1"),
        term: current,
        matchIndex: logIndex(2),
      });
    }

    expect(leader.core.positions.commitIndex).toBe(0);
  });

  test("commits what lies before along with the first entry of its own term", () => {
    const cluster = new Cluster({
      names,
      disks: { n1: { term: 2, log: [1, 1, 2] }, n2: { term: 2, log: [1, 1] } },
    });

    cluster.elect("n1");
    cluster.pass(100);

    expect(cluster.node("n1").applied).toEqual(["(configuration)", "2@1", "3@2", "(noop)"]);
    expect(cluster.node("n3").applied).toEqual(cluster.node("n1").applied);
  });

  test("begins its term with an entry that does nothing", () => {
    const cluster = new Cluster({ names, disks: { n1: { term: 1, log: [1] } } });
    cluster.elect("n1");

    expect(cluster.node("n1").logInShort()).toEqual(["1@1 (configuration)", "2@2 (noop)"]);
  });

  test("counts its own copy only once its own disk has it (R10)", () => {
    const cluster = clusterOfThree();
    const leader = cluster.node("n1");
    leader.isQuick = false;
    cluster.cut("n1", "n3");
    cluster.propose("n1", "a");

    cluster.deliver();
    cluster.deliver();
    const before = leader.core.positions.commitIndex;
    leader.sync();

    expect([before, leader.core.positions.commitIndex]).toEqual([2, 3]);
  });

  test("can commit what two others have on disk and its own disk has not", () => {
    const cluster = clusterOfThree();
    const leader = cluster.node("n1");
    leader.isQuick = false;
    cluster.propose("n1", "a");

    cluster.deliver();
    cluster.deliver();

    expect(leader.core.positions).toMatchObject({ commitIndex: 3, persistedIndex: 2 });
  });

  test("that was replaced loses the entry it alone has, and says so", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");
    cluster.propose("n1", "late");
    cluster.elect("n2");
    cluster.propose("n2", "newer");
    cluster.settle();

    cluster.heal();
    cluster.pass(300);

    expect(cluster.node("n1").truncations).toEqual([3]);
    expect(cluster.node("n1").applied).toEqual(["(configuration)", "(noop)", "(noop)", "newer"]);
  });

  test("does not count an acknowledgement of an earlier term (R11)", () => {
    const cluster = clusterOfThree();
    const { term: earlier } = cluster.node("n1").core.positions;
    cluster.isolate("n1");
    cluster.elect("n2");
    cluster.heal();
    cluster.pass(100);
    cluster.elect("n1");
    cluster.cut("n1", "n2");
    cluster.cut("n1", "n3");
    cluster.propose("n1", "a");
    const { commitIndex, lastIndex } = cluster.node("n1").core.positions;

    cluster.tell({
      kind: "append-accepted",
      from: idOf("n2"),
      to: idOf("n1"),
      term: earlier,
      matchIndex: lastIndex,
    });

    expect(lastIndex).toBe(commitIndex + 1);
    expect(cluster.node("n1").core.positions.commitIndex).toBe(commitIndex);
  });

  test("an acknowledgement beyond the leader's log is a bug that stops it", () => {
    const cluster = clusterOfThree();

    expect(() =>
      cluster.tell({
        kind: "append-accepted",
        from: idOf("n2"),
        to: idOf("n1"),
        term: cluster.node("n1").core.positions.term,
        matchIndex: logIndex(99),
      }),
    ).toThrow("nobody acknowledges what the leader does not have");
  });
});
