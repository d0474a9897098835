import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualWorld } from "../test/virtual-world.ts";
import { type Confirmation, isOver, Lease, type LeaseStanding, localLeaseMs } from "./lease.ts";

function aLease(ttlMs = 30_000) {
  const world = new VirtualWorld();
  const told: LeaseStanding[] = [];
  const keeper: Confirmation[] = [];
  const lease = new Lease(world, {
    confirmedElsewhere: () => keeper.pop(),
    leaseStands: (standing) => told.push(standing),
  });
  lease.confirmed({ sentAt: lease.now(), ttlMs });
  return { world, told, lease, ttlMs, keeper };
}

describe("the local lease", () => {
  test.each([
    [5_000, 4_500],
    [30_000, 27_000],
    [600_000, 540_000],
    [4_000, 3_500],
  ])(
    "of %d ms the client counts on %d: a tenth less, at least half a second",
    (ttlMs, countedMs) => {
      expect(localLeaseMs(ttlMs)).toBe(countedMs);
    },
  );

  test("it is in jeopardy after two thirds of the time-to-live, and lost at its end; each is told once", async () => {
    const { world, told } = aLease();
    const at: (readonly LeaseStanding[])[] = [];

    for (const ms of [19_999, 1, 6_999, 1, 60_000]) {
      await world.run(ms);
      at.push([...told]);
    }

    expect(at).toEqual([
      ["sure"],
      ["sure", "jeopardy"],
      ["sure", "jeopardy"],
      ["sure", "jeopardy", "lost"],
      ["sure", "jeopardy", "lost"],
    ]);
  });

  test("it counts from when the confirmed keepalive was sent, not from when it was confirmed", async () => {
    const { world, lease, ttlMs } = aLease();
    await world.run(10_000);
    const sentAt = lease.now();
    await world.run(9_000);
    lease.confirmed({ sentAt, ttlMs });

    await world.run(17_999);
    const before = lease.standing;
    await world.run(1);

    expect([before, lease.standing]).toEqual(["jeopardy", "lost"]);
  });

  test("one that is confirmed in jeopardy is sure again", async () => {
    const { world, told, lease, ttlMs } = aLease();
    await world.run(21_000);

    lease.confirmed({ sentAt: lease.now(), ttlMs });

    expect(told).toEqual(["sure", "jeopardy", "sure"]);
  });

  test("an answer that was overtaken takes nothing back", async () => {
    const { world, lease, ttlMs } = aLease();
    const early = lease.now();
    await world.run(10_000);
    lease.confirmed({ sentAt: lease.now(), ttlMs });

    lease.confirmed({ sentAt: early, ttlMs });
    await world.run(26_999);

    expect(lease.standing).toBe("jeopardy");
  });

  test("what was confirmed elsewhere counts before the clocks are judged, also when they say that it is over", async () => {
    const { world, told, lease, ttlMs, keeper } = aLease();
    world.block();
    await world.run(60_000);
    keeper.push({ sentAt: { ...lease.now(), monotonicMs: 50_000 }, ttlMs });

    const standing = lease.look();
    await world.run(26_999 - 10_000);
    const before = lease.look();
    await world.run(1);

    expect([standing, before, lease.look()]).toEqual(["sure", "jeopardy", "lost"]);
    expect(told).toEqual(["sure", "jeopardy", "lost"]);
  });

  test("a sleep that only the wall clock shows loses it, at the next look", async () => {
    const { world, lease } = aLease();
    world.wallOffsetMs += 3_600_000;

    const before = lease.standing;
    await world.run(500);

    expect([before, lease.standing]).toEqual(["sure", "lost"]);
  });

  test("a wall clock that is set back prolongs nothing", async () => {
    const { world, lease } = aLease();
    world.wallOffsetMs -= 3_600_000;

    await world.run(27_000);

    expect(lease.standing).toBe("lost");
  });

  test("a look finds at once what no timer has told yet", () => {
    const { world, lease } = aLease();
    world.wallOffsetMs += 27_000;

    expect(lease.look()).toBe("lost");
  });

  test("what is lost stays lost, whatever is confirmed", async () => {
    const { world, lease, told, ttlMs } = aLease();
    await world.run(27_000);

    lease.confirmed({ sentAt: lease.now(), ttlMs });
    lease.suspend();
    await world.run(1_000);

    expect([lease.standing, told.at(-1), world.timersRunning]).toEqual(["lost", "lost", 0]);
  });

  test("with a leader that knows no leases nothing is counted, until one confirms again", async () => {
    const { world, lease, ttlMs } = aLease();
    lease.suspend();
    await world.run(3_600_000);
    const before = lease.standing;

    lease.confirmed({ sentAt: lease.now(), ttlMs });
    await world.run(27_000);

    expect([before, lease.standing]).toEqual(["unleased", "lost"]);
  });

  test("a session whose open was sent too long ago is over before it is known", () => {
    const sentAt = { monotonicMs: 0, wallMs: 0 };

    expect(isOver({ sentAt, now: { monotonicMs: 4_499, wallMs: 0 }, ttlMs: 5_000 })).toBe(false);
    expect(isOver({ sentAt, now: { monotonicMs: 4_500, wallMs: 0 }, ttlMs: 5_000 })).toBe(true);
    expect(isOver({ sentAt, now: { monotonicMs: 0, wallMs: 4_500 }, ttlMs: 5_000 })).toBe(true);
  });
});

test("whatever is confirmed when, nobody counts on it a margin before its time-to-live has passed since it was sent", async () => {
  const step = fc.record({ runMs: fc.nat(9_000), sleepMs: fc.nat(2_000), confirms: fc.boolean() });

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { world, lease, ttlMs } = aLease(5_000);
      let since = lease.now();
      for (const { runMs, sleepMs, confirms } of steps) {
        const sentAt = lease.now();
        await world.run(runMs);
        world.wallOffsetMs += sleepMs;
        const isLost = lease.look() === "lost";
        const now = lease.now();
        const goneMs = Math.max(now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);
        expect(isLost || goneMs < ttlMs - 500).toBe(true);
        if (isLost) return;
        if (!confirms) continue;
        lease.confirmed({ sentAt, ttlMs });
        since = sentAt;
        if (lease.standing === "lost") return;
      }
    }),
    { numRuns: 60 },
  );
});
