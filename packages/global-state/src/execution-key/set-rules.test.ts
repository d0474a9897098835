import { describe, expect, test } from "vitest";
import {
  aSecondLevel,
  changed,
  encodeAll,
  inSession,
  keyWrites,
  reads,
  restored,
  rule,
  smallLimits,
  World,
  writes,
} from "../../test/world.ts";

const { hold, wait, release, setRules } = keyWrites;

function holders(world: World): number {
  const listed = world.read(reads.list("executionKeys"));
  if (!("status" in listed) || listed.status !== "list") throw new Error("a list");
  return listed.items.reduce((sum, item) => sum + ("holders" in item ? item.holders.length : 0), 0);
}

describe("rules of execution keys (SEMANTICS §3)", () => {
  test("the longest prefix decides how many hold a key", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    expect(world.write(setRules([rule("", 2), rule("a/", 1)]))).toEqual(changed(true));
    expect(world.write(setRules([rule("a/", 1), rule("", 2)]))).toEqual(changed(false));
    const answers = ["a/1", "a/1", "b", "b", "b"].map((name, at) =>
      world.write(hold(name, `job-${at}`), inSession(session, at)),
    );

    expect(answers.map((answer) => "status" in answer && answer.status)).toEqual([
      "held",
      "busy",
      "held",
      "held",
      "busy",
    ]);
  });

  test("more room is granted to who waits; less only stops new grants (I1)", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    for (let at = 0; at < 5; at++) world.write(wait("k", `job-${at}`), inSession(session, at));
    world.write(setRules([rule("k", 3)]));
    expect(world.state.notices.map((notice) => "ticket" in notice && notice.ticket)).toEqual([
      1, 2,
    ]);

    world.write(setRules([]));
    expect(holders(world)).toBe(3);
    world.write(release("k", "job-0", 1), inSession(session, 10));
    world.write(release("k", "job-1", 2), inSession(session, 11));
    expect(world.state.notices).toEqual([]);
    world.write(release("k", "job-2", 3), inSession(session, 12));
    expect(world.state.notices).toMatchObject([{ ticket: 3 }]);
    expect(world.state.counts().limitRules).toBe(0);
  });

  test("many keys get their new room over several entries, also across a restore (SEMANTICS §4.7)", () => {
    const limits = { workMax: 3, dueMax: 3 };
    const world = aSecondLevel(limits);
    const session = world.open(1);
    for (let at = 0; at < 20; at++) {
      world.write(wait(`k${at % 10}`, `job-${at}`), inSession(session, at));
    }
    world.write(setRules([rule("", 2)]));
    const granted: number[] = [];
    for (let entries = 0; world.state.nextDeadline() === 0 && entries < 30; entries++) {
      granted.push(world.state.notices.length);
      if (entries === 2) {
        world.state = restored(smallLimits(limits), encodeAll(world.state).chunks);
      }
      world.tick();
    }

    expect(holders(world)).toBe(20);
    expect(Math.max(...granted)).toBeLessThanOrEqual(3);
  });

  test("a key is held no longer than its rule says; its session may ask for a delay after that", () => {
    const world = aSecondLevel();
    const session = world.open(1, { keyDelayMs: 50 });
    world.write(setRules([rule("k", 1, { maxHoldMs: 1_000 })]));
    world.write(hold("k", "job-1"), inSession(session, 0));
    world.write(wait("k", "job-2"), inSession(session, 1));
    world.wait(1_000);
    world.tick();

    expect(world.state.notices).toMatchObject([{ kind: "holdEnded", cause: "held_too_long" }]);
    expect(world.state.nextDeadline()).toBe(1_050);
    world.wait(50);
    world.tick();
    expect(world.state.notices).toMatchObject([{ kind: "waitEnded", ticket: 1 }]);
    expect(world.state.nextDeadline()).toBe(2_050);
  });
});

test("a backup brings rules, and no holds of sessions; their delays are observed (SEMANTICS §3)", () => {
  const world = aSecondLevel();
  const [one, two] = [world.open(1, { keyDelayMs: 300 }), world.open(2)];
  world.write(setRules([rule("k", 2, { maxWaiters: 0 })]));
  world.write(hold("k", "job-1"), inSession(one, 0));
  world.write(hold("l", "job-1"), inSession(two, 0));
  world.write(wait("l", "job-2"), inSession(two, 1));
  world.write(writes.addExecuting("plain"));
  const plan = world.state.importPlan(encodeAll(world.state).root);
  const fresh = new World();
  fresh.write({ name: "admin.raiseFeatureLevel", args: { level: 2 } });
  fresh.wait(40);
  for (const write of [plan.begin, ...plan.steps]) {
    expect(fresh.write(write)).toMatchObject({ status: "importing" });
  }

  expect(fresh.write(plan.end)).toEqual({ status: "imported" });
  expect(fresh.read(reads.list("executionKeys"))).toMatchObject({
    items: [
      { key: "k", limit: 2, holders: [] },
      { key: "plain", holders: [{ owner: null }] },
    ],
  });
  expect(fresh.state.nextDeadline()).toBe(340);
  fresh.wait(300);
  fresh.tick();
  expect(fresh.state.counts().executionKeys).toBe(1);
});
