import { describe, expect, test } from "vitest";
import {
  aPartitionOfLevelTwo,
  claims,
  member,
  reads,
  startWallMs,
  type World,
  writes,
} from "../../test/world.ts";

const claimed = (expiresAt: number | null): unknown => ({ status: "claimed", expiresAt });

function listed(world: World): unknown {
  const answer = world.read(reads.list("queueKeys"));
  return "items" in answer ? answer.items : answer;
}

/** Two entries have gone before. */
const firstWallMs = startWallMs + 3;

describe("claiming a queue key that is free", () => {
  test("makes the job its owner until it is released", () => {
    const world = aPartitionOfLevelTwo();

    expect(world.write(claims.claim("k", "job-1"))).toEqual(claimed(null));

    world.wait(1_000_000_000);
    world.tick();
    const item = { key: "k", owner: "job-1", since: firstWallMs, expiresAt: null };
    expect(listed(world)).toEqual([{ ...item, provisional: false }]);
  });

  test("for a time frees it when the time is over, and not before", () => {
    const world = aPartitionOfLevelTwo();

    const answer = world.write(claims.claim("k", "job-1", { ttlMs: 5_000 }));

    expect(answer).toEqual(claimed(firstWallMs + 5_000));
    expect(world.state.nextDeadline()).toBe(5_000);
    world.wait(4_999);
    world.tick();
    expect(world.read(reads.isQueued("k"))).toEqual(member(true));
    world.wait(1);
    world.tick();
    expect(listed(world)).toEqual([]);
    expect(world.write(claims.claim("k", "job-2"))).toEqual(claimed(null));
  });

  test("provisionally frees it unless it is confirmed in time", () => {
    const world = aPartitionOfLevelTwo();
    world.write(claims.claim("k", "job-1", { ttlMs: 60_000, provisionalMs: 2_000 }));
    const item = { key: "k", owner: "job-1", since: firstWallMs };

    const expiresAt = firstWallMs + 2_000;
    expect(listed(world)).toEqual([{ ...item, expiresAt, provisional: true }]);

    world.wait(2_000);
    world.tick();
    expect(listed(world)).toEqual([]);
  });
});

describe("claiming again what one owns", () => {
  test("is no conflict, whatever the mode, and never shortens the claim", () => {
    const world = aPartitionOfLevelTwo();
    world.write(claims.claim("k", "job-1", { ttlMs: 60_000 }));

    const shorter = { ttlMs: 1_000, onConflict: "replaceAndCancel" } as const;
    expect(world.write(claims.claim("k", "job-1", shorter))).toEqual(claimed(firstWallMs + 60_000));
    expect(world.read(reads.isCancelled("job-1"))).toEqual(member(false));

    const longer = world.write(claims.claim("k", "job-1", { ttlMs: 90_000 }));
    expect(longer).toEqual(claimed(startWallMs + 5 + 90_000));
    expect(world.write(claims.claim("k", "job-1"))).toEqual(claimed(null));
  });

  test("without provision confirms it; provisionally leaves it confirmed, and its time begins", () => {
    const world = aPartitionOfLevelTwo();
    world.write(claims.claim("k", "job-1", { ttlMs: 5_000, provisionalMs: 1_000 }));
    world.write(claims.claim("k", "job-1", { ttlMs: 8_000, provisionalMs: 2_000 }));
    world.wait(1_500);
    world.write(claims.confirm("k", "job-1"));
    expect(world.state.nextDeadline()).toBe(9_500);

    world.write(claims.claim("k", "job-1", { ttlMs: 20_000, provisionalMs: 1_000 }));

    expect(world.state.nextDeadline()).toBe(21_500);
    expect(listed(world)).toMatchObject([{ owner: "job-1", provisional: false }]);
  });

  test("needs no room", () => {
    const world = aPartitionOfLevelTwo({ queueKeysMax: 1 });
    world.write(claims.claim("k", "job-1"));

    expect(world.write(claims.claim("k", "job-1"))).toEqual(claimed(null));
    expect(world.write(claims.claim("other", "job-1"))).toEqual({
      code: "quota_exceeded",
      limit: "queueKeys",
      current: 1,
    });
  });
});

describe("claiming what another job owns", () => {
  const owned = { owner: "job-1", since: firstWallMs, expiresAt: firstWallMs + 5_000 };

  function aKeyOfJobOne(): World {
    const world = aPartitionOfLevelTwo();
    world.write(claims.claim("k", "job-1", { ttlMs: 5_000 }));
    return world;
  }

  test("is a duplicate, and changes nothing", () => {
    const world = aKeyOfJobOne();
    const before = listed(world);

    const answer = world.write(claims.claim("k", "job-2", { ttlMs: 60_000 }));

    expect(answer).toEqual({ status: "duplicate", ...owned });
    expect(listed(world)).toEqual(before);
  });

  test("replaces the owner on request; the old one's claim is gone with its time", () => {
    const world = aKeyOfJobOne();

    const answer = world.write(claims.claim("k", "job-2", { onConflict: "replace" }));

    expect(answer).toEqual({ status: "replaced", previous: owned, expiresAt: null });
    expect(world.read(reads.isCancelled("job-1"))).toEqual(member(false));
    expect(world.state.nextDeadline()).toBe(undefined);
    expect(listed(world)).toEqual([
      { key: "k", owner: "job-2", since: startWallMs + 4, expiresAt: null, provisional: false },
    ]);
  });

  test("replaces and cancels the old owner, in one entry", () => {
    const world = aKeyOfJobOne();

    const answer = world.write(claims.claim("k", "job-2", { onConflict: "replaceAndCancel" }));

    expect(answer).toEqual({ status: "replaced", previous: owned, expiresAt: null });
    expect(world.read(reads.check("job-1"))).toMatchObject({
      mark: { jobId: "job-1", by: "job-2", reason: "replaced" },
    });
    expect(world.read(reads.isCancelled("job-2"))).toEqual(member(false));
  });

  test("is refused whole where there is no room for the mark", () => {
    const world = aPartitionOfLevelTwo({ cancelMarksMax: 1 });
    world.write(claims.claim("k", "job-1"));
    world.write(writes.cancelJob("other"));
    const before = listed(world);

    const replacing = claims.claim("k", "job-2", { onConflict: "replaceAndCancel" });

    expect(world.write(replacing)).toMatchObject({ code: "quota_exceeded", limit: "cancelMarks" });
    expect(listed(world)).toEqual(before);
  });

  test("extends the other's time on request, but not that of a claim that nobody confirmed", () => {
    const world = aKeyOfJobOne();
    world.write(claims.claim("p", "job-1", { provisionalMs: 1_000 }));
    const extending = { ttlMs: 9_000, onConflict: "extend" } as const;

    const answer = world.write(claims.claim("k", "job-2", extending));
    const provisional = world.write(claims.claim("p", "job-2", extending));

    const expiresAt = startWallMs + 5 + 9_000;
    expect(answer).toEqual({ status: "duplicate", ...owned, expiresAt });
    expect(provisional).toMatchObject({ expiresAt: startWallMs + 4 + 1_000 });
  });
});

describe("a key that Roger's form took", () => {
  test("has no owner: it is a duplicate, and can be replaced; nobody is cancelled", () => {
    const world = aPartitionOfLevelTwo();
    world.write(writes.addQueued("k"));
    const ownerless = { owner: null, since: firstWallMs };

    expect(world.write(claims.claim("k", "job-1"))).toEqual({ status: "duplicate", ...ownerless });
    const extending = { ttlMs: 9_000, onConflict: "extend" } as const;
    expect(world.write(claims.claim("k", "job-1", extending))).toMatchObject(ownerless);
    const replacing = claims.claim("k", "job-1", { onConflict: "replaceAndCancel" });
    expect(world.write(replacing)).toEqual({
      status: "replaced",
      previous: ownerless,
      expiresAt: null,
    });
    expect(world.read(reads.list("cancelMarks"))).toMatchObject({ items: [] });
  });

  test("and one that a job owns are one table: Roger's forms see and free both", () => {
    const world = aPartitionOfLevelTwo();
    world.write(claims.claim("k", "job-1", { ttlMs: 60_000 }));

    expect(world.write(writes.addQueued("k"))).toEqual(member(true));
    world.write(writes.removeQueued("k"));
    expect(world.state.nextDeadline()).toBe(undefined);
    expect(world.write(writes.addQueued("k"))).toEqual(member(false));
  });
});
