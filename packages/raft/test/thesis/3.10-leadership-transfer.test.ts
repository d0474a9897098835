// 3.10 Leadership transfer extension.
import { describe, expect, test } from "vitest";
import { logIndex, term } from "../../src/core/ids.ts";
import { clusterOf, clusterOfThree, configurationOf, idOf } from "../cluster.ts";

describe("3.10", () => {
  test("a leader hands over to the node it is told, in the next term, without waiting for a timeout", () => {
    const cluster = clusterOfThree();
    const startedAt = cluster.clock.now;

    const answer = cluster.transfer("n1", "n3");
    cluster.settle();

    expect(cluster.node("n3").core.positions).toMatchObject({ role: "leader", term: 3 });
    expect(answer()).toMatchObject({ kind: "transfer-ended", outcome: "done" });
    expect(cluster.clock.now).toBe(startedAt);
  });

  test("the target is asked to campaign only when it has every entry", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");

    cluster.transfer("n1", "n2");
    const before = cluster.mail({ kind: "timeout-now" });
    cluster.deliver();
    cluster.deliver();

    expect(before).toEqual([]);
    expect(cluster.mail({ kind: "timeout-now" })).toEqual(["timeout-now n1>n2"]);
  });

  test("without a wish the furthest voter that lately answered is chosen", () => {
    const cluster = clusterOfThree();
    cluster.cut("n1", "n3");
    cluster.propose("n1", "a");
    cluster.pass(100);
    cluster.heal();

    const answer = cluster.transfer("n1", undefined);
    cluster.settle();

    expect(cluster.leader?.name).toBe("n2");
    expect(answer()).toMatchObject({ outcome: "done" });
  });

  test("a node that fell silent is not chosen, and if all did, nobody is", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n1");
    cluster.pass(400);

    const answer = cluster.transfer("n1", undefined);

    expect(answer()).toMatchObject({ outcome: "no-target" });
  });

  test("a named node that fell silent is declined at once: no proposal waits for it", () => {
    const cluster = clusterOfThree();
    cluster.isolate("n3");
    cluster.pass(400);

    const answer = cluster.transfer("n1", "n3");
    const proposal = cluster.propose("n1", "a");

    expect(answer()).toMatchObject({ outcome: "unreachable" });
    expect(proposal()).toMatchObject({ kind: "accepted" });
  });

  test("proposals and reads are refused while a transfer is on its way", () => {
    const cluster = clusterOfThree();
    const waiting = cluster.read("n1");
    cluster.transfer("n1", "n2");

    const proposal = cluster.propose("n1", "a");
    const read = cluster.read("n1");

    expect(proposal()).toMatchObject({ kind: "refused", reason: "transferring" });
    expect(read()).toMatchObject({ kind: "read-refused", reason: "transferring" });
    expect(waiting()).toMatchObject({ kind: "read-refused", reason: "transferring" });
  });

  test("a transfer that takes too long ends, and the leader takes proposals again", () => {
    const cluster = clusterOfThree();
    cluster.cut("n1", "n2");

    const answer = cluster.transfer("n1", "n2");
    cluster.propose("n1", "refused");
    cluster.pass(599);
    const before = answer();
    cluster.pass(2);
    const proposal = cluster.propose("n1", "a");

    expect(before).toBeUndefined();
    expect(answer()).toMatchObject({ outcome: "timed-out" });
    expect(proposal()).toMatchObject({ kind: "accepted" });
  });

  test("the request to campaign is repeated when it is lost", () => {
    const cluster = clusterOfThree();
    const answer = cluster.transfer("n1", "n2");
    cluster.drop({ kind: "timeout-now" });

    cluster.pass(100);

    expect(cluster.leader?.name).toBe("n2");
    expect(answer()).toMatchObject({ outcome: "done" });
  });

  test("an answer of the target that arrives after the hand-over does not make it less done", () => {
    const cluster = clusterOfThree();
    cluster.wake("n1");
    const answer = cluster.transfer("n1", "n2");
    cluster.deliver({ kind: "heartbeat" });
    cluster.deliver({ kind: "timeout-now" });
    cluster.deliver({ kind: "request-vote" });
    cluster.deliver({ kind: "heartbeat-reply" });

    cluster.settle();

    expect(cluster.leader?.name).toBe("n2");
    expect(answer()).toMatchObject({ outcome: "done" });
  });

  test("votes that a transfer asks for pass the stickiness of those who hear the leader", () => {
    const cluster = clusterOfThree();
    cluster.transfer("n1", "n2");
    cluster.cut("n1", "n3");

    cluster.settle();

    expect(cluster.leader?.name).toBe("n2");
    expect(cluster.node("n3").core.positions.votedFor).toBe(idOf("n2"));
  });

  test("to itself there is nothing to hand over", () => {
    const cluster = clusterOfThree();

    const answer = cluster.transfer("n1", "n1");

    expect(answer()).toMatchObject({ outcome: "done" });
    expect(cluster.propose("n1", "a")()).toMatchObject({ kind: "accepted" });
  });

  test("nobody hands over to a learner or a stranger, or without leading", () => {
    const cluster = clusterOf(["n1", "n2", "n3"], {
      configuration: configurationOf({ voters: ["n1", "n2"], learners: ["n3"] }),
    });

    const toLearner = cluster.transfer("n1", "n3");
    const toStranger = cluster.transfer("n1", "n9");
    const ofFollower = cluster.transfer("n2", "n1");

    expect([toLearner(), toStranger(), ofFollower()]).toMatchObject([
      { outcome: "no-target" },
      { outcome: "no-target" },
      { outcome: "not-leader" },
    ]);
  });

  test("a second wish takes the place of the first", () => {
    const cluster = clusterOfThree();
    const first = cluster.transfer("n1", "n2");
    cluster.drop({ kind: "timeout-now" });

    const second = cluster.transfer("n1", "n3");
    cluster.settle();

    expect(first()).toMatchObject({ outcome: "superseded" });
    expect(second()).toMatchObject({ outcome: "done" });
    expect(cluster.leader?.name).toBe("n3");
  });

  test("it is not called done when somebody else came to lead", () => {
    const cluster = clusterOfThree({ settings: { transferTimeoutMs: 10_000 } });
    const answer = cluster.transfer("n1", "n2");
    cluster.drop({ kind: "timeout-now" });
    cluster.isolate("n1");
    cluster.elect("n3");
    cluster.heal();

    cluster.pass(100);

    expect(answer()).toMatchObject({ outcome: "superseded" });
  });

  test("a word to campaign from an earlier term, or from who does not lead, is ignored", () => {
    const cluster = clusterOfThree();
    const { term: current } = cluster.node("n2").core.positions;

    cluster.tell({ kind: "timeout-now", from: idOf("n1"), to: idOf("n2"), term: term(1) });
    cluster.tell({ kind: "timeout-now", from: idOf("n3"), to: idOf("n2"), term: current });

    expect(cluster.node("n2").core.positions.role).toBe("follower");
  });

  test("a node whose state is wrong or whose disk hangs does not campaign, though it is asked to", () => {
    const cluster = clusterOfThree();
    cluster.node("n2").input({ kind: "disk-stalled", stalled: true });

    cluster.transfer("n1", "n2");
    cluster.settle();

    expect(cluster.node("n2").core.positions.role).toBe("follower");
    expect(cluster.leader?.name).toBe("n1");
  });

  test("an entry that a transfer overtook is with the new leader", () => {
    const cluster = clusterOfThree();
    cluster.propose("n1", "a");
    cluster.transfer("n1", "n2");

    cluster.pass(100);

    expect(cluster.leader?.name).toBe("n2");
    expect(cluster.node("n2").log()[2]).toMatchObject({ index: logIndex(3), term: 2 });
    expect(cluster.node("n3").applied).toContain("a");
  });
});
