import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { forgottenStarts } from "./forgotten-starts.ts";
import { call, found, held, historyOf, told } from "./hand-made.ts";

const forgotten = ["a start is not answered what it did (I7)"];

function start(worker: string, answer?: object, job = "j"): readonly HistoryLine[] {
  return call(["jobs", `job ${job}`, worker], [1, 2], { form: "start" }, answer);
}

function started(token: number, session: number, name = "j"): HistoryLine {
  const item = { jobId: name, session, token };
  return told(token, [token, 0], { type: "job.started", partition: "jobs", name, item });
}

function judged(...lines: readonly (HistoryLine | readonly HistoryLine[])[]) {
  const { findings, judged: count } = forgottenStarts(historyOf(...lines));
  return { found: found({ findings, counts: {} }), count };
}

/** The session 1 is of w1: he had another job in it. */
const known = [started(3, 1, "other"), held(3, { thing: "job other", token: 3, worker: "w1" })];
const runsAlready = { status: "already_running", by: 1 };
const isStarted = { status: "started", token: 5 };

describe("a start that a watch was told of", () => {
  test("is answered to one of those who asked for it in its session", () => {
    const lines = [...known, start("w1", isStarted), start("w1", runsAlready)];

    expect(judged(...lines, started(5, 1))).toEqual({ found: [], count: 1 });
  });

  test("and that is answered as if another one had started is found", () => {
    expect(judged(...known, start("w1", runsAlready), started(5, 1)).found).toEqual(forgotten);
    const paused = start("w1", { status: "paused" });
    expect(judged(...known, paused, started(5, 1)).found).toEqual(forgotten);
    const other = start("w1", { status: "started", token: 4 });
    expect(judged(...known, other, started(5, 1)).found).toEqual(forgotten);
  });

  test("of another session, or by a call of which nobody knows, is not judged", () => {
    const none = { found: [], count: 0 };

    expect(judged(...known, start("w1", runsAlready), started(5, 2))).toEqual(none);
    expect(judged(...known, start("w2", runsAlready), started(5, 1))).toEqual(none);
    for (const open of [start("w1"), start("w1", { status: "timed_out" })])
      expect(judged(...known, open, start("w1", runsAlready), started(5, 1))).toEqual(none);
  });
});
