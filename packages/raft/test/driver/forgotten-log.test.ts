// A disk loses what it had synced, without a trace; only the leader that was told of it knows better (E4).
import { describe, expect, test } from "vitest";
import { assert } from "../../src/core/assert.ts";
import { ForgottenLogError } from "../../src/core/forgotten-log.ts";
import { DriverCluster } from "../driver-cluster.ts";

/** Three entries are on the disks of the leader and of one who has forgotten them again; the third is down. */
async function aForgottenLog() {
  const cluster = await DriverCluster.of(3);
  const leader = await cluster.electOne();
  const [forgetful, absent] = cluster.followersOf(leader);
  assert(forgetful !== undefined && absent !== undefined, "there are two followers");
  await cluster.world.runFor(200);
  const before = forgetful.memory.reopen();
  cluster.kill(absent);
  const items = ["one", "two", "three"];
  for (const item of items) await cluster.outcome(cluster.propose(leader, item));
  cluster.kill(forgetful);
  forgetful.memory = before;
  return { cluster, leader, forgetful, absent, items };
}

describe("a node whose disk has lost what it had acknowledged", () => {
  test("ends when the leader tells it, and does not start again: what is committed stays", async () => {
    const { cluster, leader, forgetful, absent, items } = await aForgottenLog();
    const { observed } = await cluster.start(forgetful);
    await cluster.world.runUntil(() => observed.failures.length > 0, {
      withinMs: 2_000,
      what: "it has found out",
    });
    cluster.kill(forgetful);
    cluster.kill(leader);

    await expect(cluster.start(forgetful)).rejects.toThrow(observed.failures[0]);
    await cluster.start(absent);
    await cluster.world.runFor(5_000);
    const leaderWithoutThem = cluster.leader;
    await cluster.start(leader);
    await cluster.agree(items);

    expect(observed.failures).toEqual([expect.any(ForgottenLogError)]);
    expect(leaderWithoutThem).toBeUndefined();
  });

  test("ends, too, where that can't be written any more", async () => {
    const { cluster, forgetful } = await aForgottenLog();
    const { observed, storage } = await cluster.start(forgetful);
    storage.behaviour = "hangs";

    await cluster.world.runUntil(() => observed.failures.length > 0, {
      withinMs: 20_000,
      what: "it has ended",
    });

    expect(observed.failures).toEqual([expect.any(ForgottenLogError)]);
    expect(observed.notes.map(({ message }) => message)).toContain(
      "a restart will not know what the disk has lost",
    );
  });
});
