import { expect, test } from "vitest";
import { aPartitionOfLevelTwo, claims } from "../../test/world.ts";

const done = { status: "done" };

test("an owner extends its claim, provisional or not; it never gets shorter", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1", { ttlMs: 5_000 }));
  world.wait(4_000);

  expect(world.write(claims.extend("k", "job-1", 5_000))).toEqual(done);
  expect(world.state.nextDeadline()).toBe(9_000);
  expect(world.write(claims.extend("k", "job-1", 1_000))).toEqual(done);
  expect(world.state.nextDeadline()).toBe(9_000);

  world.write(claims.claim("p", "job-1", { ttlMs: 60_000, provisionalMs: 1_000 }));
  world.write(claims.extend("p", "job-1", 3_000));
  expect(world.state.nextDeadline()).toBe(7_000);
  world.write(claims.confirm("p", "job-1"));
  expect(world.state.nextDeadline()).toBe(9_000);
});

test("a claim without an end stays without", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1"));

  expect(world.write(claims.extend("k", "job-1", 5_000))).toEqual(done);

  expect(world.state.nextDeadline()).toBe(undefined);
});

test("who is not the owner extends nothing, and is told", () => {
  const world = aPartitionOfLevelTwo();
  world.write(claims.claim("k", "job-1", { ttlMs: 5_000 }));

  expect(world.write(claims.extend("k", "job-2", 60_000))).toMatchObject({
    status: "not_owner",
    claim: { owner: "job-1" },
  });

  expect(world.state.nextDeadline()).toBe(5_000);
});
