import { expect, test } from "vitest";
import { aStartedPartition, member, ok, reads, startWallMs, writes } from "../../test/world.ts";

test("a queue key is taken once and free after its removal (SEMANTICS §1, forms 4 to 6)", () => {
  const world = aStartedPartition();
  const answers = [
    writes.removeQueued("k"),
    writes.addQueued("k"),
    writes.addQueued("k"),
    writes.removeQueued("k"),
    writes.addQueued("k"),
  ].map((write) => world.write(write));

  expect(answers).toEqual([ok, member(false), member(true), ok, member(false)]);
  expect(world.read(reads.isQueued("k"))).toEqual(member(true));
  expect(world.read(reads.list("queueKeys"))).toEqual({
    status: "list",
    items: [{ key: "k", owner: null, since: startWallMs + 6 }],
    next: null,
  });
});

test("a queue key is no execution key", () => {
  const world = aStartedPartition();
  world.write(writes.addQueued("k"));

  expect(world.read(reads.isExecuting("k"))).toEqual(member(false));
  expect(world.write(writes.addExecuting("k"))).toEqual(member(false));
});
