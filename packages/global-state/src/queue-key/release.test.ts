import { expect, test } from "vitest";
import { aPartitionOfLevelTwo, claims, member, reads } from "../../test/world.ts";

test("the owner frees the key; the next one may have it", () => {
  const world = aPartitionOfLevelTwo({ queueKeysMax: 1 });
  world.write(claims.claim("k", "job-1", { ttlMs: 5_000 }));

  expect(world.write(claims.release("k", "job-1"))).toEqual({ status: "done" });

  expect(world.state.nextDeadline()).toBe(undefined);
  expect(world.read(reads.isQueued("k"))).toEqual(member(false));
  expect(world.write(claims.claim("k", "job-2"))).toMatchObject({ status: "claimed" });
});

test("a release that comes twice, or of another's key, frees nothing and says so", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1"));
  world.write(claims.release("k", "job-1"));

  expect(world.write(claims.release("k", "job-1"))).toEqual({ status: "not_owner", claim: null });
  world.write(claims.claim("k", "job-2"));
  expect(world.write(claims.release("k", "job-1"))).toMatchObject({
    status: "not_owner",
    claim: { owner: "job-2" },
  });
  expect(world.read(reads.isQueued("k"))).toEqual(member(true));
});
