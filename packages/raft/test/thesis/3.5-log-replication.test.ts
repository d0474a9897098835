// 3.5 Log replication: the consistency check, pipelining, repair of divergent logs.
import { describe, expect, test } from "vitest";
import { logIndex, term } from "../../src/core/ids.ts";
import type { AppendEntries, Message } from "../../src/core/message.ts";
import { Cluster, clusterOfThree, idOf, type PreparedDisk } from "../cluster.ts";
import type { TestNode } from "../test-node.ts";

const names = ["n1", "n2", "n3"];

/** `n1` with this log, in term 5, as a follower of `n2`. */
function aFollower(log: readonly number[]): { cluster: Cluster; node: TestNode } {
  const cluster = new Cluster({ names, disks: { n1: { term: 5, log } } });
  return { cluster, node: cluster.node("n1") };
}

/** AppendEntries of `n2`, leader of term 5: entries of these terms after `prev`. */
function append(parts: {
  prev: readonly [index: number, term: number];
  terms?: readonly number[];
  commit?: number;
}): AppendEntries {
  const [prevIndex, prevTerm] = parts.prev;
  return {
    kind: "append-entries",
    from: idOf("n2"),
    to: idOf("n1"),
    term: term(5),
    prevIndex: logIndex(prevIndex),
    prevTerm: term(prevTerm),
    entries: (parts.terms ?? []).map((entryTerm, place) => ({
      kind: "command",
      index: logIndex(prevIndex + place + 1),
      term: term(entryTerm),
      payload: new TextEncoder().encode(`${prevIndex + place + 1}@${entryTerm}`),
    })),
    commitIndex: logIndex(parts.commit ?? 0),
  };
}

const termsOf = (node: TestNode): readonly number[] => node.log().map((entry) => entry.term);

function lastMail(cluster: Cluster): Message | undefined {
  return cluster.onItsWay().at(-1);
}

describe("3.5 a follower", () => {
  test.each([
    { name: "appends to an empty log", log: [], prev: [0, 0], terms: [1, 2], after: [1, 2] },
    { name: "appends at the end", log: [1, 1], prev: [2, 1], terms: [5], after: [1, 1, 5] },
    { name: "keeps what it has", log: [1, 1, 2], prev: [1, 1], terms: [1], after: [1, 1, 2] },
    {
      name: "appends only what is new",
      log: [1, 1, 2],
      prev: [1, 1],
      terms: [1, 2, 5],
      after: [1, 1, 2, 5],
    },
    {
      name: "removes a conflicting entry and all that follow it",
      log: [1, 1, 2, 2, 3],
      prev: [2, 1],
      terms: [4],
      after: [1, 1, 4],
    },
    {
      name: "removes from the first conflict only",
      log: [1, 1, 2, 2],
      prev: [1, 1],
      terms: [1, 2, 4],
      after: [1, 1, 2, 4],
    },
  ] as const)("$name", ({ log, prev, terms, after }) => {
    const { cluster, node } = aFollower(log);

    cluster.tell(append({ prev, terms }));

    expect(termsOf(node)).toEqual(after);
    expect(lastMail(cluster)).toMatchObject({
      kind: "append-accepted",
      matchIndex: prev[0] + terms.length,
    });
  });

  test("never removes an entry without a conflict, however short or old the message (R2)", () => {
    const { cluster, node } = aFollower([1, 1, 2, 2]);

    cluster.tell(append({ prev: [2, 1] }));
    cluster.tell(append({ prev: [1, 1], terms: [1] }));

    expect(termsOf(node)).toEqual([1, 1, 2, 2]);
    expect(node.truncations).toEqual([]);
  });

  test("acknowledges what the message proved, and not what else it has (R3)", () => {
    const { cluster } = aFollower([1, 1, 2, 2]);

    cluster.tell(append({ prev: [1, 1], terms: [1] }));

    expect(lastMail(cluster)).toMatchObject({ kind: "append-accepted", matchIndex: 2 });
  });

  test("commits no further than the message proved, whatever the leader has committed (R4)", () => {
    const { cluster, node } = aFollower([1, 1, 2, 2]);

    cluster.tell(append({ prev: [1, 1], terms: [1], commit: 4 }));
    const first = node.core.positions.commitIndex;
    cluster.tell(append({ prev: [2, 1], terms: [3], commit: 4 }));

    expect([first, node.core.positions.commitIndex]).toEqual([2, 3]);
  });

  test("never takes a commit back for a late message (R5)", () => {
    const { cluster, node } = aFollower([1, 1, 2]);
    cluster.tell(append({ prev: [3, 2], commit: 3 }));

    cluster.tell(append({ prev: [1, 1], terms: [1], commit: 1 }));

    expect(node.core.positions.commitIndex).toBe(3);
  });

  test("stops rather than remove a committed entry", () => {
    const { cluster } = aFollower([1, 1, 2]);
    cluster.tell(append({ prev: [3, 2], commit: 3 }));

    expect(() => cluster.tell(append({ prev: [2, 1], terms: [4] }))).toThrow(
      "a committed entry is never removed",
    );
  });

  test.each([
    { name: "is too short", log: [1, 1], prev: [5, 4], hint: [2, 1] },
    { name: "has an earlier term there", log: [1, 2, 2, 2], prev: [3, 4], hint: [3, 2] },
    {
      name: "has a later term there, and skips all of it",
      log: [1, 1, 3, 3, 3],
      prev: [5, 2],
      hint: [2, 1],
    },
  ] as const)("that $name refuses and says where to look", ({ log, prev, hint }) => {
    const { cluster, node } = aFollower(log);

    cluster.tell(append({ prev }));

    expect(lastMail(cluster)).toMatchObject({
      kind: "append-rejected",
      rejectedIndex: prev[0],
      hintIndex: hint[0],
      hintTerm: hint[1],
    });
    expect(termsOf(node)).toEqual(log);
  });

  test("skips what lies before its compacted log, and appends the rest (R12)", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a", "b", "c");
    cluster.pass(100);
    const node = cluster.node("n2");
    node.takeSnapshot();
    node.compact(1);
    const { baseIndex, lastIndex, term: current } = node.core.positions;
    const entries = cluster.node("n1").log();

    cluster.tell({
      kind: "append-entries",
      from: idOf("n1"),
      to: idOf("n2"),
      term: current,
      prevIndex: logIndex(0),
      prevTerm: term(0),
      entries,
      commitIndex: logIndex(0),
    });

    expect(baseIndex).toBe(lastIndex - 1);
    expect(node.core.positions).toMatchObject({ baseIndex, lastIndex });
    expect(lastMail(cluster)).toMatchObject({ kind: "append-accepted", matchIndex: lastIndex });
  });
});

/** Figure 3.6: what the logs may look like when the leader of term 8 is elected. */
const figure36: Record<string, PreparedDisk> = {
  n1: { term: 7, log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6] },
  n2: { term: 7, log: [1, 1, 1, 4, 4, 5, 5, 6, 6] },
  n3: { term: 7, log: [1, 1, 1, 4] },
  n4: { term: 7, log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6] },
  n5: { term: 7, log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7] },
  n6: { term: 7, log: [1, 1, 1, 4, 4, 4, 4] },
  n7: { term: 7, log: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3] },
};

/** So many entries of each term. */
const runsOf = (terms: readonly [number, number][]): number[] =>
  terms.flatMap(([entryTerm, count]) => Array.from({ length: count }, () => entryTerm));

describe("3.5 a leader", () => {
  test("makes every log of Figure 3.6 equal to its own", () => {
    const cluster = new Cluster({ names: Object.keys(figure36), disks: figure36 });

    cluster.elect("n1");
    cluster.pass(500);

    const leader = cluster.node("n1").logInShort();
    expect(leader).toHaveLength(11);
    for (const node of cluster.nodes) expect(node.logInShort()).toEqual(leader);
  });

  test("needs one probe for each conflicting term, not for each entry", () => {
    const cluster = new Cluster({
      names,
      disks: {
        n1: {
          term: 9,
          log: runsOf([
            [1, 3],
            [4, 30],
            [6, 30],
          ]),
        },
        n2: {
          term: 9,
          log: runsOf([
            [1, 3],
            [4, 30],
            [6, 30],
          ]),
        },
        n3: {
          term: 9,
          log: runsOf([
            [1, 3],
            [2, 40],
            [3, 40],
          ]),
        },
      },
    });
    cluster.elect("n1");
    let refusals = 0;
    for (let turn = 0; turn < 50; turn++) {
      refusals += cluster.onItsWay({ from: "n3", kind: "append-rejected" }).length;
      cluster.deliver();
    }

    cluster.pass(200);

    expect(cluster.node("n3").logInShort()).toEqual(cluster.node("n1").logInShort());
    expect(refusals).toBeLessThanOrEqual(3);
  });

  test("sends an entry to its followers before its own disk has it", () => {
    const cluster = clusterOfThree();
    cluster.node("n1").isQuick = false;

    cluster.propose("n1", "a");
    const mail = cluster.mail();
    cluster.settle();

    expect(mail).toEqual(["append-entries n1>n2", "append-entries n1>n3"]);
    expect(cluster.node("n1").disk.pending).toHaveLength(1);
    expect(cluster.node("n1").applied.at(-1)).toBe("a");
  });

  test("streams: it does not wait for the answer to one message before it sends the next", () => {
    const cluster = clusterOfThree();

    cluster.propose("n1", "a");
    cluster.propose("n1", "b");
    cluster.propose("n1", "c");

    expect(cluster.mail({ to: "n2" })).toHaveLength(3);
  });

  test("stops sending when its window is full of messages, and goes on as they are answered", () => {
    const cluster = clusterOfThree({ settings: { windowMessagesMax: 2 } });
    for (const text of ["a", "b", "c", "d"]) cluster.propose("n1", text);
    const first = cluster.mail({ to: "n2" }).length;

    cluster.deliver({ to: "n2" });
    cluster.deliver({ from: "n2" });

    expect(first).toBe(2);
    expect(cluster.mail({ to: "n2" })).toHaveLength(1);
    cluster.settle();
    expect(cluster.node("n2").logInShort()).toEqual(cluster.node("n1").logInShort());
  });

  test("stops sending when its window is full of bytes", () => {
    const cluster = clusterOfThree({ settings: { windowBytesMax: 200, appendBytesMax: 100 } });

    for (const text of ["a", "b", "c", "d", "e"]) cluster.propose("n1", text);

    // 65 bytes each: below 200 a fourth may begin.
    expect(cluster.mail({ to: "n2" })).toHaveLength(4);
  });

  test("puts as many entries in one message as fit, and at least one", () => {
    const cluster = clusterOfThree({ settings: { appendBytesMax: 140 } });

    cluster.propose("n1", "a", "b", "c", "d", "e");

    const sizes = cluster
      .onItsWay({ to: "n2" })
      .map((message) => (message.kind === "append-entries" ? message.entries.length : 0));
    expect(sizes).toEqual([2, 2, 1]);
  });

  test("finds out by heartbeats that a message was lost, and repeats it", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.drop({ to: "n2" });
    cluster.propose("n1", "b");

    cluster.pass(300);

    expect(cluster.node("n2").logInShort()).toEqual(cluster.node("n1").logInShort());
  });

  test("finds out by heartbeats that an answer was lost, though nothing new is proposed", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.deliver();
    cluster.drop({ kind: "append-accepted" });

    cluster.pass(300);

    expect(cluster.node("n1").core.status().followers).toMatchObject([
      { matchIndex: 3, state: "stream" },
      { matchIndex: 3, state: "stream" },
    ]);
    expect(cluster.node("n1").applied.at(-1)).toBe("a");
  });

  test("probes anew, with one message at a time, a follower whose connection closed", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.drop({ to: "n2" });

    cluster.disconnect("n1", "n2");
    cluster.propose("n1", "b");

    expect(cluster.node("n1").core.status().followers[0]?.state).toBe("probe");
    expect(cluster.mail({ to: "n2" })).toHaveLength(1);
    cluster.settle();
    expect(cluster.node("n2").logInShort()).toEqual(cluster.node("n1").logInShort());
  });

  test("is not misled by late answers: a match never goes back (R6, R7)", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a", "b");
    cluster.settle();
    const { term: current } = cluster.node("n1").core.positions;
    const envelope = { from: idOf("n2"), to: idOf("n1"), term: current };

    cluster.tell({ kind: "append-accepted", ...envelope, matchIndex: logIndex(1) });
    cluster.tell({
      kind: "append-rejected",
      ...envelope,
      rejectedIndex: logIndex(2),
      hintIndex: logIndex(1),
      hintTerm: term(1),
    });

    expect(cluster.node("n1").core.status().followers[0]).toMatchObject({
      matchIndex: 4,
      state: "stream",
    });
  });

  test("tells a follower by heartbeat to commit what it holds, and no more", () => {
    const cluster = clusterOfThree();
    cluster.cut("n1", "n3");
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.heal();

    cluster.wake("n1");

    const commits = cluster
      .onItsWay({ kind: "heartbeat" })
      .map((message) => (message.kind === "heartbeat" ? message.commitIndex : undefined));
    expect(commits).toEqual([3, 2]);
  });

  test("refuses proposals when too much waits for a majority, and takes them again after", () => {
    const cluster = clusterOfThree({ settings: { uncommittedBytesMax: 130 } });
    cluster.propose("n1", "a");
    cluster.propose("n1", "b");

    const third = cluster.propose("n1", "c");
    cluster.settle();
    const fourth = cluster.propose("n1", "d");

    expect(third()).toMatchObject({ kind: "refused", reason: "overloaded" });
    expect(fourth()).toMatchObject({ kind: "accepted" });
  });

  test("takes all payloads of a proposal, in order, and says where they stand", () => {
    const cluster = clusterOfThree();

    const answer = cluster.propose("n1", "a", "b", "c");
    cluster.settle();

    expect(answer()).toMatchObject({ kind: "accepted", first: 3, term: 2 });
    expect(cluster.node("n1").applied.slice(2)).toEqual(["a", "b", "c"]);
  });

  test("only a leader takes proposals", () => {
    const cluster = clusterOfThree();

    const answer = cluster.propose("n2", "a");

    expect(answer()).toMatchObject({ kind: "refused", reason: "not-leader" });
  });
});
