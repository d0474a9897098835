import { expect, test } from "vitest";
import { aPartitionOfLevelTwo, cancels, member, reads, writes } from "../../test/world.ts";

test("a clear takes marks away, each once, and says which there were", () => {
  const world = aPartitionOfLevelTwo({ cancelMarksMax: 2 });
  world.write(writes.mark(["1", "2"]));

  expect(world.write(cancels.clear(["1", "3", "1"]))).toEqual({
    status: "cleared",
    jobs: [
      { jobId: "1", outcome: "cleared" },
      { jobId: "3", outcome: "not_marked" },
      { jobId: "1", outcome: "not_marked" },
    ],
  });

  expect(world.read(reads.isCancelled("1"))).toEqual(member(false));
  expect(world.read(reads.isCancelled("2"))).toEqual(member(true));
  expect(world.write(writes.mark(["3"]))).toMatchObject({ status: "marked" });
});
