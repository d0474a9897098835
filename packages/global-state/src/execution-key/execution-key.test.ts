import { describe, expect, test } from "vitest";
import {
  aStartedPartition,
  encodeAll,
  member,
  ok,
  other,
  reads,
  restored,
  start,
  startWallMs,
  stop,
  type World,
  writes,
} from "../../test/world.ts";

function tokensOf(world: World): readonly number[] {
  const listed = world.read(reads.list("executionKeys"));
  if (!("status" in listed) || listed.status !== "list") throw new Error("a list");
  return listed.items.flatMap((item) =>
    "holders" in item ? item.holders.map((holder) => holder.token) : [],
  );
}

describe("an execution key by Roger's forms (SEMANTICS §1, forms 7 to 9)", () => {
  test("is acquired once, is not re-entrant, and is free after its removal", () => {
    const world = aStartedPartition();
    const answers = [
      writes.addExecuting("k"),
      writes.addExecuting("k"),
      writes.removeExecuted("k"),
      writes.removeExecuted("k"),
      writes.addExecuting("k"),
    ].map((write) => world.write(write));

    expect(answers).toEqual([member(false), member(true), ok, ok, member(false)]);
    expect(world.read(reads.isExecuting("k"))).toEqual(member(true));
  });

  test("has one holder, ownerless, with a token", () => {
    const world = aStartedPartition();
    world.write(writes.addExecuting("k"));

    expect(world.read(reads.list("executionKeys"))).toEqual({
      status: "list",
      items: [{ key: "k", limit: 1, holders: [{ owner: null, token: 1, since: startWallMs + 2 }] }],
      next: null,
    });
  });
});

test("tokens strictly increase, over removal, stopping, other partitions and a restore (V14)", () => {
  const world = aStartedPartition();
  const tokens: number[] = [];
  const grant = (): void => {
    world.write(writes.addExecuting("k"));
    tokens.push(...tokensOf(world));
    world.write(writes.removeExecuted("k"));
  };
  grant();
  grant();
  world.write(writes.removeExecuted("k"));
  world.write(stop);
  world.write(start);
  grant();
  world.write({ ...start, partition: other });
  world.write({ ...writes.addExecuting("k"), partition: other });
  grant();
  world.state = restored(undefined, encodeAll(world.state).chunks);
  grant();

  expect(tokens).toEqual([1, 2, 3, 5, 6]);
});

test("after a leap tokens are larger than any that was given since (SEMANTICS §3)", () => {
  const world = aStartedPartition();
  world.write(writes.addExecuting("a"));

  expect(world.write({ name: "admin.leapTokens", args: {} })).toEqual(ok);
  world.write(writes.addExecuting("b"));

  expect(tokensOf(world).toSorted((one, two) => one - two)).toEqual([1, 1_000_000_002]);
});

test("a busy answer draws no token", () => {
  const world = aStartedPartition();
  world.write(writes.addExecuting("a"));
  world.write(writes.addExecuting("a"));
  world.write(writes.addExecuting("b"));

  expect(tokensOf(world).toSorted((one, two) => one - two)).toEqual([1, 2]);
});
