import { describe, expect, test } from "vitest";
import {
  answerOf,
  aPartitionOfLevelTwo,
  cancels,
  changed,
  encodeAll,
  reads,
  restored,
  startWallMs,
  type World,
} from "../../test/world.ts";

function listed(world: World): readonly unknown[] {
  const answer = world.read(reads.list("cancelRules"));
  return "items" in answer ? answer.items : [];
}

describe("a cancel rule", () => {
  test("has an id of its own, says which jobs, and ends after its time", () => {
    const world = aPartitionOfLevelTwo();
    const rule = { jobIdPrefix: "a/", enqueuedBefore: 7, ttlMs: 5_000 };

    expect(world.write(cancels.addRule(rule))).toEqual({ status: "rule_added", rule: "3.1" });

    const at = startWallMs + 3;
    expect(listed(world)).toEqual([
      {
        rule: "3.1",
        queue: null,
        jobIdPrefix: "a/",
        tag: null,
        enqueuedBefore: 7,
        by: "ann",
        reason: "wrong list",
        at,
        expiresAt: at + 5_000,
        hits: 0,
      },
    ]);
    world.wait(4_999);
    world.tick();
    expect(listed(world)).toHaveLength(1);
    world.wait(1);
    world.tick();
    expect(listed(world)).toEqual([]);
  });

  test("lasts a day if nothing is said", () => {
    const world = aPartitionOfLevelTwo();
    world.write(cancels.addRule({ queue: "mail" }));

    expect(world.state.nextDeadline()).toBe(24 * 60 * 60_000);
  });

  test("is removed by its id, once", () => {
    const world = aPartitionOfLevelTwo();
    world.write(cancels.addRule({ queue: "mail" }));
    const removing = cancels.removeRule("3.1");

    expect([world.write(removing), world.write(removing)]).toEqual([changed(true), changed(false)]);
    expect(world.state.nextDeadline()).toBe(undefined);
  });

  test("has another id than any of its entry, those too that are gone", () => {
    const world = aPartitionOfLevelTwo();
    const origin = { kind: "none" } as const;
    const add = cancels.addRule({ queue: "mail" });

    world.apply([add, cancels.removeRule("3.1"), add, add].map((write) => ({ origin, write })));
    world.state = restored(undefined, encodeAll(world.state).chunks);
    world.write(add);

    expect(
      listed(world)
        .map((item) => JSON.stringify(item).slice(9, 12))
        .sort(),
    ).toEqual(["3.2", "3.3", "4.1"]);
  });

  test("is as old after a restore as it was: the oldest that matches is hit on every node", () => {
    const world = aPartitionOfLevelTwo();
    for (let at = 0; at < 20; at++) world.write(cancels.addRule({ jobIdPrefix: "a/" }));

    const state = restored(undefined, encodeAll(world.state).chunks);

    state.checkInvariants();
    const first = { mark: null, rule: { rule: "3.1" } };
    expect(answerOf(state.read(reads.check("a/17")))).toMatchObject(first);
  });
});
