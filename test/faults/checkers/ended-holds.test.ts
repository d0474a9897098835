import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { checkEndedHolds } from "./ended-holds.ts";
import { call, decidedAt, found, held, historyOf, told, watches } from "./hand-made.ts";

const late = ["a hold ends after its thing went to another one (SEMANTICS §4.2)"];
const twice = ["a job runs twice at one time (I1)"];
const watch = "jobs watch-1";

function finish(revision: number, token: number, status = "finished"): readonly HistoryLine[] {
  const asks = { form: "finish", token, outcome: "completed" };
  return decidedAt(revision, call(["jobs", "job taken-1"], [50, 51], asks, { status }));
}

function release(revision: number, token: number, status = "released"): readonly HistoryLine[] {
  const asks = { form: "release", owner: "a", token };
  return decidedAt(revision, call(["keys", "key k"], [50, 51], asks, { status }));
}

function started(revision: number, token: number, name = "taken-1"): HistoryLine {
  const item = { jobId: name, token };
  const event = { type: "job.started", partition: "jobs", name, item, cause: "job.start" };
  return told(revision, [revision, 1], event, watch);
}

function ended(revision: number, token: number, type = "fenced"): HistoryLine {
  const cause = type === "fenced" ? "job.start" : "job.finish";
  const was = { jobId: "taken-1", token };
  const event = { type: `job.${type}`, partition: "jobs", name: "taken-1", was, cause };
  return told(revision, [revision, 0], event, watch);
}

function taken(revision: number, token: number, name = "k"): HistoryLine {
  const holders = [{ owner: `o${token}`, token }];
  const event = { type: "executionKey.taken", partition: "keys", name, item: { holders } };
  return told(revision, [revision, 0], event, "keys watch-1");
}

describe("a finish and a release", () => {
  test("before another one has the thing, or in the same entry, are right; so is one that is refused", () => {
    const history = historyOf(
      ...[started(10, 5), ended(20, 5), started(20, 6), taken(11, 7), taken(21, 8)],
      ...[finish(15, 5), finish(20, 5), finish(25, 5, "not_running"), finish(30, 6)],
      ...[release(21, 7), release(25, 7, "not_held"), release(30, 8)],
    );

    const checked = checkEndedHolds(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({ ends: 5, "runs told": 2, takeovers: 1 });
  });

  test("after that are found, whoever told of the other one", () => {
    const next = { thing: "job taken-1", token: 6, revision: 20 };

    expect(found(checkEndedHolds(historyOf(started(20, 6), finish(21, 5))))).toEqual(late);
    expect(found(checkEndedHolds(historyOf(held(20, next), finish(21, 5))))).toEqual(late);
    expect(found(checkEndedHolds(historyOf(taken(20, 6), release(21, 5))))).toEqual(late);
  });

  test("that end before another one learns of his grant are found if a watch knew earlier", () => {
    const next = held(40, { thing: "job taken-1", token: 6, revision: 30 });

    expect(found(checkEndedHolds(historyOf(next, finish(21, 5))))).toEqual([]);
    expect(found(checkEndedHolds(historyOf(next, started(20, 6), finish(21, 5))))).toEqual(late);
  });

  test("of a run whose key went to another one are found", () => {
    const own = ["job taken-1", "key run"].map((thing) => held(1, { thing, token: 5 }));
    const others = taken(20, 6, "run");

    expect(found(checkEndedHolds(historyOf(...own, others, finish(21, 5))))).toEqual(late);
    expect(found(checkEndedHolds(historyOf(...own, others, finish(20, 5))))).toEqual([]);
  });
});

describe("a job that starts anew", () => {
  test("after its run was taken over or finished is right", () => {
    const history = historyOf(
      ...[started(10, 5), ended(20, 5), started(20, 6), started(21, 7, "other")],
      ...[ended(30, 6, "finished"), started(40, 8)],
    );

    expect(found(checkEndedHolds(history))).toEqual([]);
  });

  test("while it runs is found, once", () => {
    const lines = [started(10, 5), started(20, 6)];
    const other = lines.map((line) => ({ ...line, watch: "jobs watch-2" }) as HistoryLine);

    const checked = checkEndedHolds(historyOf(...lines, ...other));
    expect(found(checked)).toEqual(twice);
    expect(checked.findings).toHaveLength(1);
    const endOfAnother = [started(10, 5), ended(20, 4), started(20, 6)];
    expect(found(checkEndedHolds(historyOf(...endOfAnother)))).toEqual(twice);
  });

  test("is not judged over a gap", () => {
    const gap = [watches(15, "compacted", 12, watch), watches(16, "begins", 18, watch)];

    expect(found(checkEndedHolds(historyOf(started(10, 5), ...gap, started(20, 6))))).toEqual([]);
  });
});
