import { describe, expect, test } from "vitest";
import {
  aSecondLevel,
  cancels,
  inSession,
  keyWrites,
  member,
  ok,
  reads,
  rule,
  startWallMs,
  type World,
  writes,
} from "../../test/world.ts";

const { hold, wait, release, withdraw, setRules } = keyWrites;

/** A call of its own number. */
function call(world: World, session: number, write: Parameters<World["write"]>[0]): unknown {
  sequence += 1;
  return world.write(write, inSession(session, sequence));
}
let sequence = 0;

const busy = (holders: number, waiters: number, retryAfterMs = 1_000): unknown => ({
  status: "busy",
  holders,
  waiters,
  retryAfterMs,
});
const held = (token: number): unknown => ({ status: "held", token });
const waiting = (ticket: number, position: number): unknown => ({
  status: "waiting",
  ticket,
  position,
});
const notHeld = (reason: string): unknown => ({ status: "not_held", reason });

describe("a key that is acquired (SEMANTICS §3, §4)", () => {
  test("is held by its owner in its session, who gets the same token again", () => {
    const world = aSecondLevel();
    const [one, two] = [world.open(1), world.open(2)];

    expect(call(world, one, hold("k", "job-1"))).toEqual(held(1));
    expect(call(world, one, hold("k", "job-1"))).toEqual(held(1));
    expect(call(world, one, hold("k", "job-2"))).toEqual(busy(1, 0));
    expect(call(world, two, hold("k", "job-1"))).toEqual(busy(1, 0));
    expect(world.read(reads.list("executionKeys"))).toEqual({
      status: "list",
      items: [
        {
          key: "k",
          limit: 1,
          holders: [{ owner: "job-1", session: one, token: 1, since: startWallMs + 5 }],
        },
      ],
      next: null,
    });
  });

  test("is for those who have a session", () => {
    const world = aSecondLevel();

    expect(world.write(hold("k", "job-1"))).toMatchObject({ path: "session" });
    expect(world.write(withdraw("k", "job-1"))).toMatchObject({ path: "session" });
  });

  test("is given back by the token of its grant, once; a stale one changes nothing", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    call(world, session, hold("k", "job-1"));
    call(world, session, release("k", "job-1", 1));
    call(world, session, hold("k", "job-1"));

    expect(call(world, session, release("k", "job-1", 1))).toEqual(notHeld("other_token"));
    expect(call(world, session, release("k", "job-2", 2))).toEqual(notHeld("not_holder"));
    expect(call(world, session, release("k", "job-1", 2))).toEqual({ status: "released" });
    expect(call(world, session, release("k", "job-1", 2))).toEqual(notHeld("not_holder"));
    expect(world.state.counts().executionKeys).toBe(0);
  });

  test("is refused to a job that is cancelled, whose mark stays", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    world.write(writes.cancelJob("job-1"));

    expect(call(world, session, wait("k", "job-1"))).toEqual({ status: "cancelled" });
    expect(world.read(reads.isCancelled("job-1"))).toEqual(member(true));
    expect(world.state.counts().executionKeys).toBe(0);
  });

  test("is refused to a job whose id a rule cancels, and the hit is counted", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    world.write(cancels.addRule({ jobIdPrefix: "job-" }));

    expect(call(world, session, hold("k", "job-1"))).toEqual({ status: "cancelled" });
    expect(call(world, session, hold("k", "other"))).toEqual(held(1));
    expect(world.read(reads.list("cancelRules"))).toMatchObject({ items: [{ hits: 1 }] });
  });

  test("has bounds: so many keys in a partition, so many in line", () => {
    const world = aSecondLevel({ executionKeysMax: 1, waitersMax: 2, waitersPerKeyMax: 3 });
    const session = world.open(1);
    call(world, session, hold("a", "job-1"));

    expect(call(world, session, hold("b", "job-2"))).toMatchObject({ limit: "executionKeys" });
    call(world, session, wait("a", "job-2"));
    call(world, session, wait("a", "job-3"));
    expect(call(world, session, wait("a", "job-4"))).toMatchObject({ limit: "waiters" });
    world.write(setRules([rule("a", 1, { maxWaiters: 2 })]));
    expect(call(world, session, wait("a", "job-4"))).toEqual(busy(1, 2));
  });
});

describe("who waits for a key (SEMANTICS §4.4)", () => {
  test("gets it in the order of tickets, in the entry that frees it, and is told under its number", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    world.write(hold("k", "job-1"), inSession(session, 0));

    expect(world.write(wait("k", "job-2"), inSession(session, 1))).toEqual(waiting(1, 1));
    expect(world.write(wait("k", "job-3"), inSession(session, 2))).toEqual(waiting(2, 2));
    expect(world.write(hold("k", "job-3"), inSession(session, 3))).toEqual(waiting(2, 2));
    expect(world.read(reads.list("executionKeys"))).toMatchObject({ items: [{ waiters: 2 }] });

    world.write(release("k", "job-1", 1), inSession(session, 4));
    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session, sequence: 1, ticket: 1, ending: { kind: "granted", token: 2 } },
    ]);
    world.write(release("k", "job-2", 2), inSession(session, 5));
    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session, sequence: 3, ticket: 2, ending: { kind: "granted", token: 3 } },
    ]);
    expect(world.state.counts().waitEndings).toBe(2);
    world.write(release("k", "job-3", 3), inSession(session, 6, 4));
    expect(world.state.counts().waitEndings).toBe(0);
  });

  test("keeps the answer of its call, whatever came of the wait (I7)", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    world.write(hold("k", "job-1"), inSession(session, 0));
    world.write(wait("k", "job-2"), inSession(session, 1));
    world.write(release("k", "job-1", 1), inSession(session, 2));

    expect(world.write(wait("k", "job-2"), inSession(session, 1))).toEqual(waiting(1, 1));
    expect(call(world, session, wait("k", "job-2"))).toEqual(held(2));
  });

  test("withdraws, or gives back what it was granted meanwhile", () => {
    const world = aSecondLevel();
    const [one, two] = [world.open(1), world.open(2)];
    call(world, one, hold("k", "job-1"));
    call(world, two, wait("k", "job-2"));
    call(world, two, wait("k", "job-3"));

    expect(call(world, two, withdraw("k", "job-2"))).toEqual({ status: "withdrawn" });
    call(world, one, release("k", "job-1", 1));
    expect(call(world, two, withdraw("k", "job-3"))).toEqual({ status: "released" });
    expect(call(world, two, withdraw("k", "job-3"))).toEqual(notHeld("not_holder"));
    expect(world.state.counts()).toMatchObject({ executionKeys: 0, waiters: 0 });
  });

  test("is passed over once it is cancelled or its session has ended, in the same entry", () => {
    const world = aSecondLevel();
    const [one, two, three] = [world.open(1), world.open(2), world.open(3)];
    call(world, one, hold("k", "job-1"));
    world.write(wait("k", "job-2"), inSession(two, 7));
    call(world, three, wait("k", "job-3"));
    world.write(wait("k", "job-4"), inSession(two, 8));
    world.write(cancels.addRule({ jobIdPrefix: "job-2" }));
    world.write(writes.expire(three, 1));
    call(world, one, release("k", "job-1", 1));

    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session: two, sequence: 7, ticket: 1, ending: { kind: "cancelled" } },
      {
        kind: "waitEnded",
        session: two,
        sequence: 8,
        ticket: 3,
        ending: { kind: "granted", token: 2 },
      },
    ]);
  });

  test("waits no more as soon as it is marked, and the mark stays", () => {
    const world = aSecondLevel();
    const [one, two] = [world.open(1), world.open(2)];
    call(world, one, hold("k", "job-1"));
    world.write(wait("k", "job-2"), inSession(two, 7));
    world.write(writes.cancelJob("job-2"));

    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session: two, sequence: 7, ticket: 1, ending: { kind: "cancelled" } },
    ]);
    expect(world.state.counts().waiters).toBe(0);
    expect(world.read(reads.isCancelled("job-2"))).toEqual(member(true));
  });

  test("gives up at its time, of the log, wherever it stands", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    call(world, session, hold("k", "job-1"));
    world.write(wait("k", "job-2", 500), inSession(session, 900));
    call(world, session, wait("k", "job-3"));

    expect(world.state.nextDeadline()).toBe(500);
    world.wait(499);
    world.tick();
    expect(world.state.counts().waiters).toBe(2);
    world.wait(1);
    world.tick();
    expect(world.state.notices).toEqual([
      { kind: "waitEnded", session, sequence: 900, ticket: 1, ending: { kind: "timed_out" } },
    ]);
    expect(world.state.nextDeadline()).toBeUndefined();
  });
});

describe("the end of a session (I4)", () => {
  test("frees what it held, and whoever is next gets it in the same entry", () => {
    const world = aSecondLevel();
    const [one, two] = [world.open(1), world.open(2)];
    call(world, one, hold("a", "job-1"));
    call(world, one, wait("b", "job-1"));
    world.write(wait("a", "job-2"), inSession(two, 3));
    world.write(writes.expire(one, 1));

    expect(world.state.notices).toMatchObject([{ session: two, sequence: 3, ticket: 1 }]);
    expect(call(world, two, hold("b", "job-3"))).toEqual(held(4));
  });

  test("that fell silent delays its keys for as long as it asked; a goodbye does not", () => {
    const world = aSecondLevel();
    const [one, two] = [world.open(1, { keyDelayMs: 700 }), world.open(2, { keyDelayMs: 700 })];
    const three = world.open(3);
    call(world, one, hold("a", "job-1"));
    call(world, two, hold("b", "job-2"));
    world.write(writes.expire(one, 1));
    call(world, two, writes.close);

    expect(call(world, three, hold("b", "job-3"))).toEqual(held(3));
    expect(call(world, three, hold("a", "job-3"))).toEqual(busy(0, 0, 700));
    expect(world.read(reads.isExecuting("a"))).toEqual(member(true));
    expect(world.write(writes.addExecuting("a"))).toEqual(member(true));
    expect(world.write(writes.removeExecuted("a"))).toEqual(ok);
    expect(world.write(writes.addExecuting("a"))).toEqual(member(true));
    call(world, three, wait("a", "job-3"));
    world.wait(699);
    world.tick();
    expect(world.state.notices).toEqual([]);
    world.wait(1);
    world.tick();
    expect(world.state.notices).toMatchObject([{ ending: { kind: "granted", token: 4 } }]);
  });

  test("with more than an entry may free ends at once and is emptied by further ones (SEMANTICS §4.7)", () => {
    const world = aSecondLevel({ workMax: 4, dueMax: 4 });
    const [one, two] = [world.open(1), world.open(2)];
    for (let at = 0; at < 6; at++) call(world, one, hold(`k${at}`, "job-1"));
    for (let at = 0; at < 6; at++) call(world, two, wait(`k${at}`, "job-2"));
    const granted: number[] = [];
    const note = (): void => void granted.push(world.state.notices.length);

    world.write(writes.expire(one, 1));
    note();
    expect(call(world, one, hold("z", "job-1"))).toMatchObject({ code: "session_expired" });
    note();
    expect(world.open(1)).toBe(3);
    note();
    expect([...world.state.sessions()].map(({ id }) => id)).toEqual([2, 3]);

    for (let entries = 0; world.state.nextDeadline() !== undefined && entries < 9; entries++) {
      world.tick();
      note();
    }
    expect(granted.reduce((sum, count) => sum + count)).toBe(6);
    expect(Math.max(...granted)).toBeLessThanOrEqual(4);
    expect(world.state.counts()).toMatchObject({ sessions: 2, waiters: 0, executionKeys: 6 });
  });
});

describe("Roger's forms and the full ones on one key (SEMANTICS §4.8)", () => {
  test("a key is taken while it has any holder, whatever its limit", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    world.write(setRules([rule("", 2)]));
    call(world, session, hold("k", "job-1"));

    expect(world.write(writes.addExecuting("k"))).toEqual(member(true));
    expect(call(world, session, hold("k", "job-2"))).toEqual(held(2));
  });

  test("removal ends every holder, tells them, and grants on", () => {
    const world = aSecondLevel();
    const session = world.open(1);
    call(world, session, hold("k", "job-1"));
    world.write(wait("k", "job-2"), inSession(session, 500));
    world.write(writes.removeExecuted("k"));

    expect(world.state.notices).toEqual([
      { kind: "holdEnded", session, partition: "acme", key: "k", token: 1, cause: "removed" },
      {
        kind: "waitEnded",
        session,
        sequence: 500,
        ticket: 1,
        ending: { kind: "granted", token: 2 },
      },
    ]);
    expect(call(world, session, release("k", "job-1", 1))).toEqual(notHeld("not_holder"));
  });

  test("a release from elsewhere is told to the session that held the key, one of its own is not", () => {
    const world = aSecondLevel();
    const [one, two] = [world.open(1), world.open(2)];
    call(world, one, hold("k", "job-1"));
    call(world, one, hold("l", "job-1"));

    const own = call(world, one, release("k", "job-1", 1));
    const toldOfOwn = world.state.notices;
    const others = call(world, two, release("l", "job-1", 2));

    expect([own, others]).toEqual([{ status: "released" }, { status: "released" }]);
    expect(toldOfOwn).toEqual([]);
    expect(world.state.notices).toEqual([
      { kind: "holdEnded", session: one, partition: "acme", key: "l", token: 2, cause: "removed" },
    ]);
  });
});
