// 5 Log compaction: a node's own snapshots, and those that a leader sends in chunks.
import { describe, expect, test } from "vitest";
import { logIndex, term } from "../../src/core/ids.ts";
import type { SnapshotMeta } from "../../src/core/message.ts";
import { defaultCoreSettings } from "../../src/core/settings.ts";
import { type Cluster, clusterOfThree, configurationOf, idOf, memberOf } from "../cluster.ts";
import { textOf } from "../test-node.ts";

const texts = Array.from({ length: 10 }, (_, place) => `t${place}`);

/** `n3` missed ten entries, and `n1` and `n2` have only a snapshot of most of them. */
function aFollowerTooFarBehind(seed = 1): Cluster {
  const cluster = clusterOfThree({ seed });
  cluster.isolate("n3");
  for (const text of texts) cluster.propose("n1", text);
  cluster.pass(1000);
  for (const name of ["n1", "n2"]) {
    cluster.node(name).takeSnapshot();
    cluster.node(name).compact(2);
  }
  cluster.heal();
  return cluster;
}

/** What is on its way of the snapshot: `chunk 0`, `next 1`. */
function chunksOnTheirWay(cluster: Cluster): readonly string[] {
  return cluster.onItsWay().flatMap((message) => {
    if (message.kind === "install-snapshot") return [`chunk ${message.chunk}`];
    return message.kind === "snapshot-progress" ? [`next ${message.nextChunk}`] : [];
  });
}

/** How often `n3` has not kept what it was sent. */
function setbacksOf(cluster: Cluster): number | undefined {
  const followers = cluster.node("n1").core.status().followers;
  return followers.find(({ id }) => id === idOf("n3"))?.setbacks;
}

function runUntil(cluster: Cluster, sign: string): void {
  cluster.runUntil("n1", () => chunksOnTheirWay(cluster).includes(sign));
}

describe("5.1 a node", () => {
  test("marks its own snapshot, and drops the prefix only once the mark is on disk (S3)", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.pass(100);
    const node = cluster.node("n1");
    node.isQuick = false;

    node.takeSnapshot();

    expect(() => node.input({ kind: "compact", through: logIndex(2) })).toThrow(
      "entries go only once a mark on disk covers them",
    );
    node.sync();
    node.input({ kind: "compact", through: logIndex(2) });
    expect(node.core.positions).toMatchObject({ baseIndex: 2, snapshotIndex: 3, lastIndex: 3 });
  });

  test("starts from its snapshot and the log after it", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a", "b");
    cluster.pass(100);
    const node = cluster.node("n2");
    node.takeSnapshot();
    node.compact(0);
    cluster.propose("n1", "c");
    cluster.pass(100);

    node.crash();
    node.start();
    cluster.pass(100);

    expect(node.core.positions).toMatchObject({ baseIndex: 4, snapshotIndex: 4, commitIndex: 5 });
    expect(node.applied).toEqual(["(configuration)", "(noop)", "a", "b", "c"]);
  });

  test("does not exchange a newer snapshot for an older one (S6)", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.pass(100);
    const node = cluster.node("n1");
    node.takeSnapshot();
    const { mark } = node.disk;
    const older = {
      index: logIndex(2),
      term: term(2),
      hash: "00",
      configuration: configurationOf({ voters: ["n1"] }),
    };

    node.input({ kind: "snapshot-taken", snapshot: older });

    expect(node.disk.pending).toEqual([]);
    expect(node.disk.mark).toEqual(mark);
  });
});

describe("5 a follower that is too far behind", () => {
  test("is given the leader's snapshot and the log after it", () => {
    const cluster = aFollowerTooFarBehind();

    cluster.pass(300);

    const [leader, , follower] = cluster.nodes;
    expect(follower?.applied).toEqual(leader?.applied);
    expect(follower?.disk.mark).toMatchObject({ index: 12 });
    expect(leader?.core.status().followers[1]).toMatchObject({ matchIndex: 12, state: "stream" });
  });

  test("is given it chunk by chunk, each after the one before was stored", () => {
    const cluster = aFollowerTooFarBehind();
    const seen: string[] = [];
    for (let turn = 0; turn < 40; turn++) {
      seen.push(...chunksOnTheirWay(cluster));
      if (cluster.deliver() === 0) cluster.wake("n1");
    }

    expect(seen).toEqual([
      "chunk 0",
      "next 1",
      "chunk 1",
      "next 2",
      "chunk 2",
      "next 3",
      "chunk 3",
    ]);
  });

  test("acknowledges only when the mark is on its disk", () => {
    const cluster = aFollowerTooFarBehind();
    const follower = cluster.node("n3");
    runUntil(cluster, "chunk 3");
    follower.isQuick = false;
    cluster.deliver();
    while (follower.answerChunk()) continue;
    const before = cluster.mail({ from: "n3", kind: "append-accepted" });

    follower.catchUp();

    expect(before).toEqual([]);
    expect(cluster.onItsWay({ from: "n3", kind: "append-accepted" }).at(-1)).toMatchObject({
      matchIndex: 12,
    });
  });

  test("goes on where it was after a lost chunk or answer", () => {
    const cluster = aFollowerTooFarBehind();
    let lost = 0;
    for (let turn = 0; turn < 400; turn++) {
      const chunks = chunksOnTheirWay(cluster);
      if (lost < 2 && (chunks.includes("chunk 2") || chunks.includes("next 3"))) {
        lost +=
          cluster.drop({ kind: "install-snapshot" }) + cluster.drop({ kind: "snapshot-progress" });
      }
      if (cluster.deliver() === 0) cluster.wake("n1");
    }
    cluster.settle();

    expect(lost).toBe(2);
    expect(cluster.node("n3").applied).toEqual(cluster.node("n1").applied);
  });

  test("goes on where it was with a new leader that has the same snapshot", () => {
    const cluster = aFollowerTooFarBehind();
    runUntil(cluster, "next 2");
    cluster.kill("n1");
    cluster.drop();
    cluster.elect("n2");
    const seen: string[] = [];
    for (let turn = 0; turn < 200; turn++) {
      seen.push(...chunksOnTheirWay(cluster));
      if (cluster.deliver() === 0) cluster.wake("n2");
    }

    expect(seen).not.toContain("chunk 1");
    expect(cluster.node("n3").applied).toEqual(cluster.node("n2").applied);
  });

  test("begins again after it was restarted", () => {
    const cluster = aFollowerTooFarBehind();
    runUntil(cluster, "next 2");
    cluster.node("n3").crash();
    cluster.node("n3").start();

    cluster.pass(2000);

    expect(cluster.node("n3").applied).toEqual(cluster.node("n1").applied);
  });

  test("asks again from the beginning when the snapshot does not check out", () => {
    const cluster = aFollowerTooFarBehind();
    runUntil(cluster, "chunk 1");
    const follower = cluster.node("n3");
    follower.isQuick = false;
    cluster.deliver();
    const [answer] = follower.chunkAnswers.splice(0);
    if (answer?.kind === "chunk-stored") {
      follower.input({ kind: "chunk-refused", snapshot: answer.snapshot, chunk: answer.chunk });
    }

    expect(chunksOnTheirWay(cluster)).toEqual(["next 0"]);
    follower.isQuick = true;
    cluster.pass(1000);
    expect(follower.applied).toEqual(cluster.node("n1").applied);
  });

  test("is asked less and less often while it can't store a chunk, until it can", () => {
    const cluster = aFollowerTooFarBehind();
    const [leader, follower] = [cluster.node("n1"), cluster.node("n3")];
    const refusedAt: number[] = [];
    follower.isQuick = false;
    while (cluster.clock.now < 40_000) {
      if (cluster.deliver() === 0) cluster.wake("n1");
      for (const answer of follower.chunkAnswers.splice(0)) {
        if (answer.kind !== "chunk-stored") continue;
        const { chunk, snapshot } = answer;
        follower.input({ kind: "chunk-refused", snapshot, chunk });
        refusedAt.push(cluster.clock.now);
      }
      follower.catchUp();
    }

    const pauses = refusedAt.slice(1).map((at, n) => at - (refusedAt[n] ?? 0));
    const { electionTimeoutMaxMs, heartbeatMs } = defaultCoreSettings;
    expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
    expect(pauses[0]).toBeLessThan(3 * heartbeatMs);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(16 * electionTimeoutMaxMs);
    expect(pauses.at(-1)).toBeLessThan(17 * electionTimeoutMaxMs);
    expect(setbacksOf(cluster)).toBe(refusedAt.length);
    follower.isQuick = true;
    cluster.pass(17 * electionTimeoutMaxMs);
    expect(follower.applied).toEqual(leader.applied);
    expect(setbacksOf(cluster)).toBe(0);
  });

  test("is sent the newest after the one it was sent can't be read any more", () => {
    const cluster = aFollowerTooFarBehind();
    const leader = cluster.node("n1");
    runUntil(cluster, "chunk 1");
    cluster.propose("n1", "later");
    cluster.deliver({ to: "n2" });
    cluster.deliver({ from: "n2" });
    leader.disk.snapshots.length = 0;
    leader.takeSnapshot();

    cluster.pass(1000);

    expect(cluster.node("n3").disk.mark).toMatchObject({ index: 13 });
    expect(cluster.node("n3").applied).toEqual(leader.applied);
  });

  test("has the leader told to take another when its newest can't be read, and is sent that", () => {
    const cluster = aFollowerTooFarBehind();
    const leader = cluster.node("n1");
    runUntil(cluster, "chunk 1");
    leader.disk.snapshots.length = 0;
    const before = leader.core.isSnapshotWanted;
    cluster.pass(1000);
    const setbacks = setbacksOf(cluster);
    const meanwhile = [leader.core.isSnapshotWanted, leader.core.isSnapshotUnreadable];

    // Nothing was applied since: it is of the very same state.
    leader.takeSnapshot();
    const [isWanted, begun] = [leader.core.isSnapshotWanted, leader.core.snapshotsInUse];
    cluster.pass(2000);

    expect([before, meanwhile]).toEqual([false, [true, true]]);
    expect(setbacks).toBeGreaterThan(1);
    expect(isWanted).toBe(false);
    expect(begun).toMatchObject([{ index: 12 }]);
    expect(cluster.node("n3").disk.mark).toMatchObject({ index: 12 });
    expect(cluster.node("n3").applied).toEqual(leader.applied);
  });

  test("stops being fed a snapshot as soon as anything brings it back to the leader's log (S8)", () => {
    const cluster = aFollowerTooFarBehind();
    const { term: current } = cluster.node("n1").core.positions;
    cluster.runUntil(
      "n1",
      () => cluster.node("n1").core.status().followers[1]?.state === "snapshot",
    );
    cluster.drop();

    cluster.tell({
      kind: "append-accepted",
      from: idOf("n3"),
      to: idOf("n1"),
      term: current,
      matchIndex: cluster.node("n1").core.positions.baseIndex,
    });

    expect(cluster.node("n1").core.status().followers[1]?.state).toBe("stream");
    expect(cluster.node("n1").core.snapshotsInUse).toEqual([]);
  });

  test("though its window is full, and of what it was sent nothing is left, gets a snapshot", () => {
    const cluster = clusterOfThree({ settings: { windowMessagesMax: 2 } });
    for (const text of texts) cluster.propose("n1", text);
    cluster.drop({ to: "n3" });
    cluster.isolate("n3");
    cluster.pass(1000);
    const leader = cluster.node("n1");
    leader.takeSnapshot();
    leader.compact(0);
    const before = leader.core.status().followers[1];
    cluster.heal();

    cluster.pass(1000);

    expect(before).toMatchObject({ matchIndex: 2, state: "stream" });
    expect(cluster.node("n3").applied).toEqual(leader.applied);
    expect(cluster.node("n3").disk.mark).toMatchObject({ index: 12 });
  });

  test("pins the log after the snapshot that it is sent (S13)", () => {
    const cluster = aFollowerTooFarBehind();
    runUntil(cluster, "chunk 1");

    const { pinnedAfter, snapshotsInUse } = cluster.node("n1").core;

    expect(pinnedAfter).toBe(12);
    expect(snapshotsInUse).toMatchObject([{ index: 12 }]);
  });
});

/** What the leader of the cluster would send of its newest snapshot. */
function chunkOf(
  cluster: Cluster,
  parts: { snapshot: SnapshotMeta; chunk: number; isLast: boolean },
) {
  const stored = cluster.node("n1").disk.snapshot(parts.snapshot);
  return {
    kind: "install-snapshot",
    from: idOf("n1"),
    to: idOf("n3"),
    term: cluster.node("n1").core.positions.term,
    bytes: stored?.chunks[parts.chunk] ?? new Uint8Array(),
    ...parts,
  } as const;
}

describe("5 a snapshot that arrives", () => {
  test("is not installed when all of it is committed here: the commit index is the answer", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.pass(100);
    cluster.node("n1").takeSnapshot();
    const { mark } = cluster.node("n1").disk;
    cluster.propose("n1", "b");
    cluster.pass(100);
    if (mark === undefined) throw new Error("there is a snapshot");

    cluster.tell(chunkOf(cluster, { snapshot: mark, chunk: 0, isLast: false }));

    expect(cluster.onItsWay({ from: "n3" })).toMatchObject([
      { kind: "append-accepted", matchIndex: 4 },
    ]);
    expect(cluster.node("n3").disk.mark).toBeUndefined();
  });

  test("nor when the log no longer says so, because a newer snapshot covers it (S6)", () => {
    const cluster = clusterOfThree();
    const follower = cluster.node("n3");
    cluster.propose("n1", "a");
    cluster.pass(100);
    cluster.node("n1").takeSnapshot();
    const { mark: older } = cluster.node("n1").disk;
    cluster.propose("n1", "b");
    cluster.pass(100);
    follower.takeSnapshot();
    follower.compact(0);
    if (older === undefined) throw new Error("there is a snapshot");
    follower.isQuick = false;

    cluster.tell(chunkOf(cluster, { snapshot: older, chunk: 0, isLast: false }));

    expect([older.index, follower.core.positions.baseIndex]).toEqual([3, 4]);
    expect(follower.chunkAnswers).toEqual([]);
    expect(follower.sync()?.release).toMatchObject([{ kind: "append-accepted", matchIndex: 4 }]);
  });

  test("only moves the commit index when its last entry is in the log", () => {
    const cluster = clusterOfThree();
    const follower = cluster.node("n3");
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.node("n1").takeSnapshot();
    const { mark } = cluster.node("n1").disk;
    if (mark === undefined) throw new Error("there is a snapshot");
    const before = follower.core.positions.commitIndex;

    cluster.tell(chunkOf(cluster, { snapshot: mark, chunk: 0, isLast: false }));

    expect([before, follower.core.positions.commitIndex]).toEqual([2, 3]);
    expect(follower.applied.at(-1)).toBe("a");
    expect(follower.disk.mark).toBeUndefined();
  });

  test("takes the place of the whole log when that does not match, with what followed (S1)", () => {
    const cluster = aFollowerTooFarBehind();
    const follower = cluster.node("n3");
    follower.crash();
    const wrong = Array.from({ length: 20 }, (_, place) => place + 3).map((index) => ({
      kind: "noop" as const,
      index: logIndex(index),
      term: term(2),
    }));
    // As if it had led term 2 alone, and n1 a later one.
    follower.disk.entries = follower.disk.entries.slice(0, 1);
    follower.disk.entries.push({ kind: "noop", index: logIndex(2), term: term(1) });
    for (const entry of wrong) follower.disk.entries.push({ ...entry, term: term(1) });
    follower.start();

    cluster.pass(1000);

    expect(follower.core.positions).toMatchObject({ baseIndex: 12, lastIndex: 12 });
    expect(follower.truncations).toEqual([12]);
    expect(follower.applied).toEqual(cluster.node("n1").applied);
  });

  test("brings its configuration, and leaves none in force that went with the log (M2, S11)", () => {
    const learners = ["n4"];
    const cluster = clusterOfThree();
    const follower = cluster.node("n3");
    cluster.isolate("n3");
    cluster.change("n1", { kind: "add-learner", member: memberOf("n4") });
    for (const text of texts) cluster.propose("n1", text);
    cluster.pass(1000);
    cluster.node("n1").takeSnapshot();
    cluster.node("n1").compact(0);
    follower.crash();
    // As if it had led term 1 alone, with a configuration of its own at the end.
    const alone = configurationOf({ voters: ["n1", "n2", "n3", "n4"] });
    follower.disk.entries = follower.disk.entries.slice(0, 1);
    for (let index = 2; index < 22; index += 1) {
      follower.disk.entries.push({ kind: "noop", index: logIndex(index), term: term(1) });
    }
    const last = { index: logIndex(22), term: term(1) };
    follower.disk.entries.push({ ...last, kind: "configuration", configuration: alone });
    follower.start();
    cluster.heal();

    cluster.pass(1000);

    expect(follower.core.positions.baseIndex).toBe(13);
    expect(follower.core.status().configuration).toEqual(
      configurationOf({ voters: ["n1", "n2", "n3"], learners }),
    );
  });

  test("is superseded by a newer one, and never mixed with it (S6, S7)", () => {
    const cluster = aFollowerTooFarBehind();
    const older = cluster.node("n1").disk.mark;
    cluster.propose("n1", "later");
    cluster.deliver({ to: "n2" });
    cluster.deliver({ from: "n2" });
    cluster.drop();
    cluster.node("n1").takeSnapshot();
    const newer = cluster.node("n1").disk.mark;
    if (older === undefined || newer === undefined) throw new Error("there are two snapshots");
    const answers: (readonly string[])[] = [];
    const arrive = (snapshot: SnapshotMeta, chunk: number): void => {
      cluster.tell(chunkOf(cluster, { snapshot, chunk, isLast: false }));
      answers.push(chunksOnTheirWay(cluster));
      cluster.drop();
    };

    arrive(older, 0);
    arrive(newer, 1);
    arrive(newer, 0);
    arrive(older, 1);
    arrive(newer, 0);

    expect(answers).toEqual([["next 1"], ["next 0"], ["next 1"], [], ["next 1"]]);
  });

  test("leaves the log and the state alone until its last chunk is durable", () => {
    const cluster = aFollowerTooFarBehind();
    runUntil(cluster, "next 3");

    expect(cluster.node("n3").applied).toEqual(["(configuration)", "(noop)"]);
    expect(cluster.node("n3").log().map(textOf)).toEqual(["(configuration)", "(noop)"]);
  });

  test("is not installed under a candidate: its log is what it was when it asked for votes (E18)", () => {
    const cluster = aFollowerTooFarBehind();
    const node = cluster.node("n3");
    runUntil(cluster, "chunk 3");
    node.isQuick = false;
    cluster.deliver({ to: "n3" });
    const { term: current } = node.core.positions;
    cluster.tell({ kind: "timeout-now", from: idOf("n1"), to: idOf("n3"), term: current });

    const isAnswered = node.answerChunk();

    expect(isAnswered).toBe(true);
    expect(node.core.positions).toMatchObject({
      role: "candidate",
      lastIndex: 2,
      snapshotIndex: 0,
    });
    expect(node.applied).toEqual(["(configuration)", "(noop)"]);
  });
});

function aDivergedFollower(): Cluster {
  const cluster = clusterOfThree();
  cluster.propose("n1", "a", "b");
  cluster.pass(100);
  const node = cluster.node("n2");
  node.applied = ["wrong", ...node.applied.slice(1)];
  node.input({ kind: "diverged", diverged: true });
  return cluster;
}

describe("DESIGN 5 a node whose state differs from the majority's", () => {
  test("asks for a snapshot, and is right again once it has one", () => {
    const cluster = aDivergedFollower();
    cluster.pass(100);
    const wanted = cluster.node("n1").core.isSnapshotWanted;
    cluster.node("n1").takeSnapshot();

    cluster.pass(1000);

    expect(wanted).toBe(true);
    expect(cluster.node("n2").core.status().isDiverged).toBe(false);
    expect(cluster.node("n2").applied).toEqual(cluster.node("n1").applied);
    expect(cluster.node("n1").core.isSnapshotWanted).toBe(false);
  });

  test("does not use one that is older than what it applied, and the leader is told to take another", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.pass(100);
    cluster.node("n1").takeSnapshot();
    cluster.propose("n1", "b");
    cluster.pass(100);
    const node = cluster.node("n2");
    node.applied = ["wrong", ...node.applied.slice(1)];
    node.input({ kind: "diverged", diverged: true });

    cluster.pass(450);
    const wanted = cluster.node("n1").core.isSnapshotWanted;
    const stillWrong = node.core.status().isDiverged;
    cluster.node("n1").takeSnapshot();
    cluster.pass(2000);

    expect([wanted, stillWrong]).toEqual([true, true]);
    expect(node.applied).toEqual(cluster.node("n1").applied);
  });

  test("that differs again before the leader saw it right is given another one", () => {
    const cluster = aDivergedFollower();
    const node = cluster.node("n2");
    cluster.node("n1").takeSnapshot();
    cluster.runUntil("n1", () => !node.core.status().isDiverged);
    for (const text of ["c", "d"]) {
      cluster.propose("n1", text);
      cluster.settle();
    }
    node.applied = ["wrong", ...node.applied.slice(1)];
    node.input({ kind: "diverged", diverged: true });

    for (let turn = 0; turn < 60; turn++) {
      if (cluster.node("n1").core.isSnapshotWanted) cluster.node("n1").takeSnapshot();
      cluster.pass(50);
    }

    expect(node.core.status().isDiverged).toBe(false);
    expect(node.applied).toEqual(cluster.node("n1").applied);
  });

  test("applies nothing more, but acknowledges: its log is right", () => {
    const cluster = aDivergedFollower();
    cluster.cut("n1", "n3");

    cluster.propose("n1", "c");
    cluster.pass(200);

    expect(cluster.node("n1").applied.at(-1)).toBe("c");
    expect(cluster.node("n2").applied).toEqual(["wrong", "(noop)", "a", "b"]);
    expect(cluster.node("n2").core.positions.commitIndex).toBe(5);
  });

  test("steps down when it leads, and does not campaign, but votes", () => {
    const cluster = clusterOfThree();
    cluster.node("n1").input({ kind: "diverged", diverged: true });
    const { role } = cluster.node("n1").core.positions;

    cluster.pass(3000);

    expect(role).toBe("follower");
    expect(cluster.leader?.name).not.toBe("n1");
    expect(
      cluster.node("n1").roles.filter((change) => change.role === "pre-candidate"),
    ).toHaveLength(1);
  });

  test("takes no snapshot of its own for true", () => {
    const cluster = aDivergedFollower();

    cluster.node("n2").takeSnapshot();

    expect(cluster.node("n2").disk.mark).toBeUndefined();
  });

  test("that was wrongly accused applies what it held back", () => {
    const cluster = clusterOfThree();
    cluster.node("n2").input({ kind: "diverged", diverged: true });
    cluster.propose("n1", "a");
    cluster.pass(100);

    cluster.node("n2").input({ kind: "diverged", diverged: false });

    expect(cluster.node("n2").applied.at(-1)).toBe("a");
  });
});
