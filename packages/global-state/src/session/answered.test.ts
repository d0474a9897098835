import { describe, expect, test } from "vitest";
import {
  aStartedPartition,
  bodyOf,
  encodeAll,
  inSession,
  member,
  ok,
  openWrite,
  reads,
  restored,
  smallLimits,
  start,
  stop,
  writes,
} from "../../test/world.ts";
import { openId } from "../ids.ts";

const overloaded = { code: "overloaded" };
const belowFloor = { code: "invalid_argument", path: "seq", reason: expect.any(String) };

function longIds(call: number): readonly string[] {
  return [`${call}`.repeat(400)];
}

describe("a call in a session (SEMANTICS §6)", () => {
  test("repeated under its number gets the identical answer and has no second effect", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    const first = world.outcome(writes.addExecuting("key"), inSession(session, 7));
    world.write(writes.removeExecuted("key"), inSession(session, 8));

    const again = world.outcome(writes.addExecuting("key"), inSession(session, 7));

    expect(again).toEqual(first);
    expect(bodyOf(again)).toEqual(member(false));
    expect(world.read(reads.isExecuting("key"))).toEqual(member(false));
  });

  test("repeated within one entry is executed once", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    const call = { origin: inSession(session, 0), write: writes.addExecuting("key") };

    const outcomes = world.apply([call, call, { ...call, origin: inSession(session, 1) }]);

    expect(outcomes.map(bodyOf)).toEqual([member(false), member(false), member(true)]);
    expect(outcomes.map((outcome) => outcome.n)).toEqual([0, 0, 2]);
  });

  test("numbers are identity, not order: any order is executed", () => {
    const world = aStartedPartition();
    const session = world.open(1);

    expect(world.write(writes.addQueued("a"), inSession(session, 500))).toEqual(member(false));
    expect(world.write(writes.addQueued("b"), inSession(session, 2))).toEqual(member(false));
    expect(world.write(writes.addQueued("a"), inSession(session, 3))).toEqual(member(true));
  });

  test("a refusal that apply decided is an answer, too, and is kept", () => {
    const world = aStartedPartition({ queueKeysMax: 1 });
    const session = world.open(1);
    world.write(writes.addQueued("a"));
    const refused = world.outcome(writes.addQueued("b"), inSession(session, 1));
    world.write(writes.removeQueued("a"));

    expect(refused).toMatchObject({ refusal: { code: "quota_exceeded", current: 1 } });
    expect(world.outcome(writes.addQueued("b"), inSession(session, 1))).toEqual(refused);
    expect(world.read(reads.isQueued("b"))).toEqual(member(false));

    world.write(stop);
    const notStarted = world.outcome(writes.addQueued("c"), inSession(session, 2));
    world.write(start);
    expect(world.outcome(writes.addQueued("c"), inSession(session, 2))).toEqual(notStarted);
  });

  test("below the floor is never executed, not even for the first time", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    world.write(writes.addQueued("a"), inSession(session, 10, 10));

    expect(world.write(writes.addQueued("b"), inSession(session, 9))).toEqual(belowFloor);
    expect(world.write(writes.addQueued("b"), inSession(session, 5, 6))).toEqual(belowFloor);
    expect(world.read(reads.isQueued("b"))).toEqual(member(false));
  });

  test("the floor never goes down, and takes the answers below it along", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    world.write(writes.addQueued("a"), inSession(session, 5));
    world.write(writes.addQueued("b"), inSession(session, 6, 6));

    expect(world.write(writes.addQueued("a"), inSession(session, 5, 0))).toEqual(belowFloor);
    expect(world.write(writes.addQueued("b"), inSession(session, 6, 0))).toEqual(member(false));
  });

  test("a floor that leaps to the end of numbers costs the session its numbers, and nobody else", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    world.write(writes.addQueued("a"), inSession(session, 5));

    const last = Number.MAX_SAFE_INTEGER;
    expect(world.write(writes.addQueued("b"), inSession(session, last, last))).toEqual(
      member(false),
    );
    expect(world.write(writes.addQueued("b"), inSession(session, last, last))).toEqual(
      member(false),
    );
  });

  test("past 4 096 numbers is overloaded: not executed, not kept, and goes through later", () => {
    const world = aStartedPartition();
    const session = world.open(1);

    expect(world.write(writes.addQueued("a"), inSession(session, 4_095))).toEqual(member(false));
    expect(world.write(writes.addQueued("b"), inSession(session, 4_096))).toEqual(overloaded);
    expect(world.read(reads.isQueued("b"))).toEqual(member(false));

    expect(world.write(writes.addQueued("b"), inSession(session, 4_096, 1))).toEqual(member(false));
  });

  test("past the bytes is overloaded; what is known is still answered, what frees the floor helps", () => {
    const world = aStartedPartition({ answersBytesMax: 4_000 });
    const session = world.open(1);
    const kept: number[] = [];
    let call = 0;
    for (; call < 10; call++) {
      const answer = world.write(writes.mark(longIds(call)), inSession(session, call));
      if ("code" in answer) break;
      kept.push(call);
    }

    expect(kept.length).toBeGreaterThan(1);
    expect(world.write(writes.mark(longIds(call)), inSession(session, call))).toEqual(overloaded);
    expect(world.read(reads.isCancelled(longIds(call)[0] ?? ""))).toEqual(member(false));
    expect(world.write(writes.mark(longIds(0)), inSession(session, 0))).toEqual({
      status: "marked",
      jobs: [{ jobId: longIds(0)[0], outcome: "marked" }],
    });
    expect(world.write(writes.mark(longIds(call)), inSession(session, call, 2))).toMatchObject({
      status: "marked",
    });
  });

  test("past the bytes of all sessions each has its small share; what one gives up the others may have", () => {
    const limits = { answersBytesTotalMax: 4_000, answersBytesShare: 1_200 };
    const world = aStartedPartition(limits);
    const [greedy, modest] = [world.open(1), world.open(2)];
    let kept = 0;
    while (!("code" in world.write(writes.addQueued(`g${kept}`), inSession(greedy, kept)))) {
      kept += 1;
    }
    world.state = restored(smallLimits(limits), encodeAll(world.state).chunks);

    const greedyAgain = world.write(writes.addQueued("more"), inSession(greedy, kept));
    const share = world.write(writes.addQueued("m0"), inSession(modest, 0));
    const beyondShare = world.write(writes.mark(longIds(1)), inSession(modest, 1));
    const wasMarked = world.read(reads.isCancelled(longIds(1)[0] ?? ""));
    world.write(writes.close, inSession(greedy, 9_999));
    const afterwards = world.write(writes.mark(longIds(1)), inSession(modest, 1));

    expect(kept).toBeGreaterThan(10);
    expect([greedyAgain, share, beyondShare]).toEqual([overloaded, member(false), overloaded]);
    expect(wasMarked).toEqual(member(false));
    expect(afterwards).toMatchObject({ status: "marked" });
    world.state.checkInvariants();
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("a number like %d is no number", (wrong) => {
    const world = aStartedPartition();
    const session = world.open(1);

    expect(world.write(writes.addQueued("a"), inSession(session, wrong))).toMatchObject({
      code: "invalid_argument",
      path: "seq",
    });
    expect(world.write(writes.addQueued("a"), inSession(session, 1, wrong))).toMatchObject({
      code: "invalid_argument",
      path: "floor",
    });
    expect(world.read(reads.isQueued("a"))).toEqual(member(false));
  });

  test("sessions do not hear each other's answers", () => {
    const world = aStartedPartition();
    const [one, two] = [world.open(1), world.open(2)];
    world.write(writes.addQueued("a"), inSession(one, 1));

    expect(world.write(writes.addQueued("b"), inSession(two, 1))).toEqual(member(false));
    expect(world.write(writes.removeQueued("b"), inSession(one, 1))).toEqual(member(false));
    expect(world.write(writes.removeQueued("b"), inSession(one, 2))).toEqual(ok);
  });
});

describe("the end of a session", () => {
  test("makes all its calls `session_expired`, those it had answered too", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    world.write(writes.addQueued("a"), inSession(session, 1));
    const expired = { code: "session_expired", session };

    expect(world.write(writes.close, inSession(session, 2))).toEqual(ok);

    expect(world.write(writes.addQueued("a"), inSession(session, 1))).toEqual(expired);
    expect(world.write(writes.addQueued("b"), inSession(session, 3))).toEqual(expired);
    expect(world.write(writes.close, inSession(session, 2))).toEqual(expired);
    expect(world.read(reads.isQueued("b"))).toEqual(member(false));
  });

  test("within one entry holds for the calls after it", () => {
    const world = aStartedPartition();
    const session = world.open(1);

    const outcomes = world.apply([
      { origin: inSession(session, 1), write: writes.close },
      { origin: inSession(session, 2), write: writes.addQueued("a") },
    ]);

    expect(outcomes.map(bodyOf)).toEqual([ok, { code: "session_expired", session }]);
  });

  test("by close has room when nothing else has, but not below the floor", () => {
    const world = aStartedPartition({ answersMax: 2, answersBytesMax: 0 });
    const session = world.open(1);

    expect(world.write(writes.addQueued("a"), inSession(session, 1, 1))).toEqual(overloaded);
    expect(world.write(writes.close, inSession(session, 0))).toEqual(belowFloor);
    expect(world.write(writes.close, inSession(session, 99))).toEqual(ok);
  });

  test("by close is no command for those without a session", () => {
    const world = aStartedPartition();

    expect(world.write(writes.close)).toMatchObject({ code: "invalid_argument", path: "session" });
  });

  test("by an expiry counts in the term it was decided in, and in no other", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    world.term = 2;

    expect(world.write(writes.expire(session, 1))).toEqual({ status: "changed", changed: false });
    expect(world.write(writes.addQueued("a"), inSession(session, 1))).toEqual(member(false));

    expect(world.write(writes.expire(session, 2))).toEqual({ status: "changed", changed: true });
    expect(world.write(writes.expire(session, 2))).toEqual({ status: "changed", changed: false });
    expect([...world.state.sessions()]).toEqual([]);
  });

  test("of another session by an expiry sent in a session is answered and kept", () => {
    const world = aStartedPartition();
    const [one, two] = [world.open(1), world.open(2)];

    const expire = writes.expire(two, 1);
    expect(world.write(expire, inSession(one, 1))).toEqual({ status: "changed", changed: true });
    expect(world.write(expire, inSession(one, 1))).toEqual({ status: "changed", changed: true });
  });
});

describe("opening a session", () => {
  const openId1 = openId("1".padStart(32, "0"));

  test("again finds the same one while it lives, as it was first opened", () => {
    const world = aStartedPartition();
    const opened = world.write(openWrite(1, { ttlMs: 60_000 }));

    expect(opened).toEqual({ status: "opened", session: 1, ttlMs: 60_000 });
    expect(world.write(openWrite(1, { ttlMs: 10_000 }))).toEqual(opened);
    expect([...world.state.sessions()]).toEqual([
      { id: 1, openId: openId1, name: "client-1", ttlMs: 60_000 },
    ]);
  });

  test("after its end makes a new one with a new number", () => {
    const world = aStartedPartition();
    const session = world.open(1);
    world.open(2);
    world.write(writes.expire(session, 1));

    expect(world.state.sessionOf(openId1)).toBeUndefined();
    expect(world.open(1)).toBe(3);
    expect(world.state.sessionOf(openId1)).toBe(3);
  });

  test("without a ttl gets 30 seconds", () => {
    expect(aStartedPartition().write(openWrite(1))).toMatchObject({ ttlMs: 30_000 });
  });
});
