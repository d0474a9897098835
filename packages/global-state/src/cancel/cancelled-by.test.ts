import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aPartitionOfLevelTwo,
  cancels,
  member,
  raiseLevel,
  reads,
  smallLimits,
  start,
  writes,
} from "../../test/world.ts";
import { apply } from "../apply.ts";
import type { Write } from "../command.ts";
import { jobId, logTimeMs, partitionId, revision } from "../ids.ts";
import { checkState } from "../invariants.ts";
import type { Partition } from "../partition/partition.ts";
import { startedPartition } from "../partition/partitions.ts";
import { emptyState, type State } from "../state.ts";
import { cancelledBy, countHit, type DescribedJob } from "./cancelled-by.ts";

function aStateAfter(...later: readonly Write[]): { state: State; partition: Partition } {
  const state = emptyState(smallLimits({}));
  for (const [at, write] of [start, raiseLevel, ...later].entries()) {
    const submissions = [{ origin: { kind: "none" } as const, write }];
    const times = { logTime: logTimeMs(0), wallMs: at };
    apply(state, { revision: revision(at + 1), term: 1, ...times, submissions });
  }
  const partition = startedPartition(state, partitionId("acme"));
  if (partition === undefined) throw new Error("it is started");
  return { state, partition };
}

const job: DescribedJob = {
  jobId: jobId("a/17"),
  queue: "mail",
  tags: ["campaign", "eu"],
  enqueuedAt: 1_000,
};

describe("a job is cancelled", () => {
  test("by its mark first, then by the oldest rule that matches", () => {
    const byTag = cancels.addRule({ tag: "eu" });
    const byQueue = cancels.addRule({ queue: "mail" });

    const ruled = aStateAfter(cancels.addRule({ tag: "us" }), byTag, byQueue);
    const marked = aStateAfter(byTag, writes.mark(["a/17"]));

    expect(cancelledBy(ruled.state, ruled.partition, job)).toMatchObject({
      kind: "rule",
      rule: { key: "4.1" },
    });
    expect(cancelledBy(marked.state, marked.partition, job)).toMatchObject({ kind: "mark" });
  });

  test.each([
    [{ queue: "mail" }, true],
    [{ queue: "images" }, false],
    [{ jobIdPrefix: "a/" }, true],
    [{ jobIdPrefix: "/17" }, false],
    [{ tag: "eu" }, true],
    [{ tag: "e" }, false],
    [{ queue: "mail", tag: "us" }, false],
    [{ queue: "mail", enqueuedBefore: 1_001 }, true],
    [{ queue: "mail", enqueuedBefore: 1_000 }, false],
  ])("by a rule with %j: %s", (match, isCancelled) => {
    const { state, partition } = aStateAfter(cancels.addRule(match));

    expect(cancelledBy(state, partition, job) !== undefined).toBe(isCancelled);
  });

  test("by no rule for what was enqueued before some time, if it does not say when it was", () => {
    const { state, partition } = aStateAfter(cancels.addRule({ tag: "eu", enqueuedBefore: 9 }));

    expect(cancelledBy(state, partition, { ...job, enqueuedAt: undefined })).toBe(undefined);
  });

  test("no more once the rule is removed or the mark is cleared", () => {
    const removed = aStateAfter(cancels.addRule({ tag: "eu" }), cancels.removeRule("3.1"));
    const cleared = aStateAfter(writes.mark(["a/17"]), cancels.clear(["a/17"]));

    expect(cancelledBy(removed.state, removed.partition, job)).toBe(undefined);
    expect(cancelledBy(cleared.state, cleared.partition, job)).toBe(undefined);
  });
});

test("`cancel.check` sees a rule that asks for no more than the id, and says which", () => {
  const world = aPartitionOfLevelTwo();
  world.write(cancels.addRule({ jobIdPrefix: "a/", queue: "mail" }));
  expect(world.read(reads.check("a/17"))).toEqual({ status: "checked", mark: null });

  world.write(cancels.addRule({ jobIdPrefix: "a/" }));

  const rule = { rule: "4.1", jobIdPrefix: "a/", hits: 0 };
  expect(world.read(reads.check("a/17"))).toMatchObject({ status: "checked", mark: null, rule });
  expect(world.read(reads.isCancelled("a/17"))).toEqual(member(false));
});

test("asking changes nothing; a hit is counted", () => {
  const { state, partition } = aStateAfter(cancels.addRule({ tag: "eu" }));
  const cause = cancelledBy(state, partition, job);
  if (cause?.kind !== "rule") throw new Error("by the rule");
  expect(cause.rule.hits).toBe(0);

  countHit(state, cause);
  countHit(state, cause);

  expect(cause.rule.hits).toBe(2);
  checkState(state);
});

test("after an acknowledged cancel no job of that id is admitted, unless it was cleared or consumed (I6, property)", () => {
  const ids = fc.nat(5).map((at) => `job-${at}`);
  const call = fc.record({ of: fc.constantFrom("mark", "clear", "consume"), id: ids });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      const cancelled = new Set<string>();
      const asWrite = ({ of, id }: (typeof calls)[number]): Write => {
        if (of === "mark") cancelled.add(id);
        else cancelled.delete(id);
        if (of === "mark") return writes.mark([id]);
        return of === "clear" ? cancels.clear([id]) : writes.consume(id);
      };
      const { state, partition } = aStateAfter(...calls.map(asWrite));
      for (let at = 0; at <= 5; at++) {
        const asked = { ...job, jobId: jobId(`job-${at}`) };
        const isCancelled = cancelledBy(state, partition, asked) !== undefined;
        expect(isCancelled).toBe(cancelled.has(asked.jobId));
      }
    }),
    { numRuns: 100 },
  );
});
