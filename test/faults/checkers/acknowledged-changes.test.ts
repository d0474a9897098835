import { describe, expect, test } from "vitest";
import type { HistoryLine, WorkloadName } from "../history/history-line.ts";
import { checkWatches } from "./agreeing-watches.ts";
import { call, decidedAt, folded, found, happened, historyOf, told, watches } from "./hand-made.ts";

const untold = ["a change that was acknowledged is not told (I11)"];

/** A call, what it was answered, and the event that tells of it. */
type Told = readonly [WorkloadName, string, string, object, string];

const each: readonly Told[] = [
  ["keys", "key k", "release", { status: "released" }, "executionKey.freed"],
  ["keys", "key k", "release", { status: "released" }, "executionKey.changed"],
  ["keys", "key k", "withdraw", { status: "withdrawn" }, "executionKey.waitEnded"],
  ["keys", "key k", "withdraw", { status: "released" }, "executionKey.freed"],
  ["jobs", "job k", "finish", { status: "finished", cancel: "none" }, "job.finished"],
  ["jobs", "job k", "cancel", { jobId: "k", outcome: "marked" }, "cancel.marked"],
  ["jobs", "job k", "clear", { jobId: "k", outcome: "cleared" }, "cancel.cleared"],
  ["jobs", "queue k", "pause", { changed: true }, "queue.paused"],
  ["jobs", "queue k", "resume", { changed: true }, "queue.resumed"],
  ["claims", "queueKey k", "claim", { status: "replaced" }, "queueKey.changed"],
  ["claims", "queueKey k", "release", { status: "done" }, "queueKey.freed"],
];

function answered([workload, object, form, answer]: Told, revision: number) {
  return decidedAt(revision, call([workload, object], [1, 2], { form }, answer));
}

/** A watch of this partition that was told all after revision 4 up to 9. */
function watching(partition: string, ...between: readonly HistoryLine[]): readonly HistoryLine[] {
  const watch = `${partition} watch-1`;
  const other = { type: "partition.updated", partition, name: partition };
  return [
    watches(0, "begins", 4, watch),
    told(50, [5, 0], other, watch),
    ...between,
    told(90, [9, 0], other, watch),
    watches(95, "ended", 8, watch),
  ];
}

function event([partition, , , , type]: Told, revision: number, name = "k"): HistoryLine {
  return told(70, [revision, 1], { type, partition, name }, `${partition} watch-1`);
}

describe.each(each)("in %s, of %s: %s, answered %j", (...its) => {
  const [workload] = its;

  test("and told is right", () => {
    const checked = checkWatches(historyOf(answered(its, 7), watching(workload, event(its, 7))));

    expect(checked.findings).toEqual([]);
    expect(checked.counts["acknowledged changes"]).toBe(1);
  });

  test.each([
    ["not told", watching(workload)],
    ["told of another one", watching(workload, event(its, 7, "other"))],
    ["told at another revision", watching(workload, event(its, 6))],
    [
      "told as something else",
      watching(workload, event([...its.slice(0, 4), "queue.other"] as unknown as Told, 7)),
    ],
  ])("and %s is found", (_, lines) => {
    expect(found(checkWatches(historyOf(answered(its, 7), lines)))).toEqual(untold);
  });

  test("and not in the log is found, whoever was told", () => {
    const [partition, , , , type] = its;
    const event = { type, partition, name: "k" };
    const inLog = happened([7, 1], event, partition);

    const right = checkWatches(historyOf(answered(its, 7), inLog, folded(7)));
    expect(right.findings).toEqual([]);
    expect(right.counts["acknowledged changes"]).toBe(1);
    const wrong = checkWatches(historyOf(answered(its, 7), folded(7)));
    expect(found(wrong)).toEqual(["a change that was acknowledged is not in the log (V4)"]);
    const beyond = checkWatches(historyOf(answered(its, 7), folded(6)));
    expect(found(beyond)).toEqual([]);
    const elsewhere = folded(7, { partitions: [] });
    expect(found(checkWatches(historyOf(answered(its, 7), elsewhere)))).toEqual([]);
  });

  test("where no watch was told all is not judged", () => {
    for (const revision of [4, 9, 12]) {
      const checked = checkWatches(historyOf(answered(its, revision), watching(workload)));
      expect(checked.findings).toEqual([]);
      expect(checked.counts["acknowledged changes"]).toBe(0);
    }
  });
});

test.each<Told>([
  ["keys", "key k", "release", { status: "not_held" }, ""],
  ["jobs", "job k", "cancel", { jobId: "k", outcome: "already_marked" }, ""],
  ["jobs", "queue k", "pause", { changed: false }, ""],
  ["claims", "queueKey k", "claim", { status: "claimed" }, ""],
])("what may have changed nothing is not judged: %s, %s: %s, %j", (...its) => {
  const checked = checkWatches(historyOf(answered(its, 7), watching(its[0])));

  expect(checked.findings).toEqual([]);
  expect(checked.counts["acknowledged changes"]).toBe(0);
});
