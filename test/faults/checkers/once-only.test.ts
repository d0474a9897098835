import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { call, found, historyOf, type Span, told, watches } from "./hand-made.ts";
import { checkOnce } from "./once-only.ts";

function finish(span: Span, token: number, status?: string): readonly HistoryLine[] {
  const answer = status === undefined ? undefined : { status };
  return call(["jobs", "job j"], span, { form: "finish", token, outcome: "completed" }, answer);
}

function release(span: Span, token: number, status?: string): readonly HistoryLine[] {
  const answer = status === undefined ? undefined : { status };
  return call(["keys", "key k"], span, { form: "release", owner: "a", token }, answer);
}

function ended(type: string, cause: string, session = 1): HistoryLine {
  const was = { jobId: "j", session: 1, token: 5 };
  const by = { session };
  const event = { type, partition: "jobs", name: "j", item: null, was, by, cause };
  return told(9, [9, 0], event, "jobs watch-1");
}

function key(revision: number, type: string, cause: string, ...tokens: readonly number[]) {
  const item = tokens.length === 0 ? null : { holders: tokens.map((token) => ({ token })) };
  const event = {
    type: `executionKey.${type}`,
    partition: "keys",
    name: "k",
    item,
    was: null,
    cause,
  };
  return told(revision, [revision, 0], event, "keys watch-1");
}

const finished = ended("job.finished", "job.finish");
const forgotten = ["a call is not answered what it did (I7)"];

describe("exactly once", () => {
  test("a run that is finished once, and told so, is right; so is a second call that comes too late", () => {
    const history = historyOf(
      finish([1, 2], 4, "finished"),
      finish([3, 4], 5),
      finish([5, 6], 5, "not_running"),
      finished,
    );

    const checked = checkOnce(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({ endings: 3, grants: 2, "endings told": 1, "starts told": 0 });
  });

  test("a run that finishes twice is found, and a key that is released twice", () => {
    const twice = ["one grant is given back twice (I7)"];
    const runs = [finish([1, 2], 5, "finished"), finish([3, 4], 5, "finished")];
    const keys = [release([1, 2], 5, "released"), release([3, 4], 5, "released")];

    expect(found(checkOnce(historyOf(...runs)))).toEqual(twice);
    expect(found(checkOnce(historyOf(...keys)))).toEqual(twice);
  });

  test("a finish that did it and is answered that it did not is found", () => {
    const refused = finish([1, 2], 5, "not_running");

    expect(found(checkOnce(historyOf(refused, finished)))).toEqual(forgotten);
    const often = [refused, finish([3, 4], 5, "not_running"), finish([3, 4], 6, "finished")];
    expect(found(checkOnce(historyOf(...often, finished)))).toEqual(forgotten);
    for (const other of [finish([5, 6], 5, "finished"), finish([5, 6], 5), finish([5], 5)])
      expect(found(checkOnce(historyOf(...often, other, finished)))).toEqual([]);
    const byAnother = ended("job.finished", "job.finish", 2);
    expect(found(checkOnce(historyOf(refused, byAnother)))).toEqual([]);
    const fenced = ended("job.fenced", "session.expire");
    expect(found(checkOnce(historyOf(refused, fenced)))).toEqual([]);
    const withdrawn = ended("job.finished", "executionKey.withdraw");
    expect(found(checkOnce(historyOf(refused, withdrawn)))).toEqual([]);
  });

  test("a release that did it and is answered that it did not is found", () => {
    const refused = release([1, 2], 5, "not_held");
    const taken = key(7, "taken", "executionKey.acquire", 5);

    const freed = key(8, "freed", "executionKey.release");
    expect(found(checkOnce(historyOf(refused, taken, freed)))).toEqual(forgotten);
    const handedOn = key(8, "changed", "executionKey.release", 6);
    expect(found(checkOnce(historyOf(refused, taken, handedOn)))).toEqual(forgotten);
    const expired = key(8, "freed", "session.expire");
    expect(found(checkOnce(historyOf(refused, taken, expired)))).toEqual([]);
    const gap = [
      watches(7.2, "compacted", 7, "keys watch-1"),
      watches(7.5, "begins", 7, "keys watch-1"),
    ];
    expect(found(checkOnce(historyOf(refused, taken, ...gap, freed)))).toEqual([]);
  });
});
