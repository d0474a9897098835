import { expect, test } from "vitest";
import { aPartitionOfLevelTwo, claims, reads, startWallMs, writes } from "../../test/world.ts";

const done = { status: "done" };

test("a confirmed claim lasts as long as it was to last, from its confirmation on", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1", { ttlMs: 60_000, provisionalMs: 5_000 }));
  world.write(claims.claim("lasting", "job-1", { provisionalMs: 5_000 }));
  world.wait(4_000);

  expect(world.write(claims.confirm("k", "job-1"))).toEqual(done);
  expect(world.write(claims.confirm("lasting", "job-1"))).toEqual(done);

  expect(world.state.nextDeadline()).toBe(64_000);
  world.wait(60_000);
  world.tick();
  expect(world.read(reads.list("queueKeys"))).toMatchObject({ items: [{ key: "lasting" }] });
});

test("confirming again is no change, and no longer time", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1", { ttlMs: 60_000, provisionalMs: 5_000 }));
  world.write(claims.confirm("k", "job-1"));
  world.wait(1_000);

  expect(world.write(claims.confirm("k", "job-1"))).toEqual(done);

  expect(world.state.nextDeadline()).toBe(60_000);
});

test("who is not the owner is told whose the key is, and changes nothing", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1", { ttlMs: 60_000, provisionalMs: 5_000 }));
  world.write(writes.addQueued("roger"));
  const since = startWallMs + 3;

  expect(world.write(claims.confirm("k", "job-2"))).toEqual({
    status: "not_owner",
    claim: { owner: "job-1", since, expiresAt: since + 5_000 },
  });
  expect(world.write(claims.confirm("roger", "job-1"))).toEqual({
    status: "not_owner",
    claim: { owner: null, since: since + 1 },
  });
  expect(world.write(claims.confirm("free", "job-1"))).toEqual({
    status: "not_owner",
    claim: null,
  });
  expect(world.state.nextDeadline()).toBe(5_000);
});

test("a claim that ran out before it was confirmed is not brought back", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1", { provisionalMs: 1_000 }));
  world.wait(1_000);

  expect(world.write(claims.confirm("k", "job-1"))).toEqual({ status: "not_owner", claim: null });
});
