import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { call, found, historyOf, type Span } from "./hand-made.ts";
import { checkRefusals } from "./refused-starts.ts";

function jobs(object: string, span: Span, asks: object, answer?: unknown) {
  return call(["jobs", object], span, { ...asks }, answer);
}

function start(span: Span, status = "started", queue = "mail"): readonly HistoryLine[] {
  return jobs("job j", span, { form: "start", queue }, { status, token: 1 });
}

function cancel(span: Span, answer: unknown = { outcome: "marked" }, ttlMs = 600_000) {
  return jobs("job j", span, { form: "cancel", ttlMs }, answer);
}

function clear(span: Span, answer?: unknown) {
  return jobs("job j", span, { form: "clear" }, answer);
}

function pause(span: Span, selector = "mail", mode = "drain") {
  return jobs(`queue ${selector}`, span, { form: "pause", mode }, { changed: true });
}

function resume(span: Span, selector = "mail") {
  return jobs(`queue ${selector}`, span, { form: "resume" }, { changed: true });
}

const marked = cancel([1, 2]);
const cleared = { outcome: "cleared" };
const notRefused = ["a start that is to be refused is answered something else (SEMANTICS §3)"];
const starts = ["a job that was cancelled starts (I6)"];

describe("a cancel that was acknowledged", () => {
  test.each<[string, readonly (readonly HistoryLine[])[]]>([
    ["refuses", [marked, start([3, 4], "cancelled")]],
    ["does not reach back to a start before it ended", [marked, start([2, 4])]],
    ["ends with a clear", [marked, clear([3, 4], cleared), start([5, 6])]],
    ["may end with a clear of which nobody knows", [marked, clear([3]), start([5, 6])]],
    ["may end with a clear at the same time", [marked, clear([4, 9], cleared), start([3, 5])]],
    ["may end with its time", [cancel([1, 2], { outcome: "marked" }, 3), start([5, 6])]],
    [
      "is of its job",
      [jobs("job i", [1, 2], { form: "cancel" }, { outcome: "marked" }), start([3, 4])],
    ],
  ])("%s", (_, lines) => {
    expect(checkRefusals(historyOf(...lines)).findings).toEqual([]);
  });

  test.each<[string, readonly (readonly HistoryLine[])[]]>([
    ["a start after it", [marked, start([3, 4])]],
    ["a start long after it", [marked, start([3, 4], "cancelled"), start([50_000, 50_001])]],
    [
      "a start of one that was marked already",
      [cancel([1, 2], { outcome: "already_marked" }), start([3, 4])],
    ],
    ["a start after it, cleared before", [clear([0, 0.5], cleared), marked, start([3, 4])]],
    ["a start after it, cleared later", [marked, start([3, 4]), clear([5, 6], cleared)]],
    [
      "a start, cancelled again after a clear",
      [marked, clear([3, 4], cleared), cancel([5, 6]), start([7, 8])],
    ],
  ])("%s is found", (_, lines) => {
    expect(found(checkRefusals(historyOf(...lines)))).toEqual(starts);
  });

  test.each(["waiting", "timed_out", "busy", "already_running", "paused"])(
    "and a start after it that is answered %s is found",
    (status) => {
      expect(found(checkRefusals(historyOf(marked, start([3, 4], status))))).toEqual(notRefused);
    },
  );

  test("of which nobody knows refuses nothing for certain", () => {
    const unknown = jobs("job j", [1, 2], { form: "cancel" });

    expect(found(checkRefusals(historyOf(unknown, start([3, 4]))))).toEqual([]);
  });
});

describe("a pause that was acknowledged", () => {
  const held = ["a job of a paused queue starts (SEMANTICS §4.6)"];

  test("holds until a resume begins", () => {
    const history = historyOf(
      pause([1, 2]),
      start([3, 4], "paused"),
      start([3, 4], "started", "web"),
      resume([5, 8]),
      start([6, 7]),
    );

    const checked = checkRefusals(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({
      starts: 3,
      "starts that must be refused": 1,
      cancels: 0,
      pauses: 1,
    });
  });

  test.each<[string, readonly (readonly HistoryLine[])[]]>([
    ["a start after it", [pause([1, 2]), start([3, 4])]],
    ["a start after a stop", [pause([1, 2], "mail", "stop"), start([3, 4])]],
    ["a start after a pause of all queues", [pause([1, 2], "*"), start([3, 4])]],
    [
      "a start after all queues were resumed, but not its own",
      [pause([1, 2]), resume([3, 4], "*"), start([5, 6])],
    ],
    ["a start after it, resumed later", [pause([1, 2]), start([3, 4]), resume([5, 6])]],
  ])("%s is found", (_, lines) => {
    expect(found(checkRefusals(historyOf(...lines)))).toEqual(held);
  });

  test("and a start after it that is let in is found; one that was cancelled, too, may say so", () => {
    const waits = historyOf(pause([1, 2]), start([3, 4], "waiting"));
    expect(found(checkRefusals(waits))).toEqual(notRefused);
    const both = historyOf(pause([1, 2]), start([3, 4], "cancelled"));
    expect(found(checkRefusals(both))).toEqual([]);
  });

  test("of one epoch is not excused by a resume of another one of which nobody knows", () => {
    const unknown = jobs("queue mail-1", [1, 2], { form: "resume" });
    const bans = [pause([3, 4], "mail-2")];

    const lines = [unknown, ...bans, start([5, 6], "started", "mail-2")];
    expect(found(checkRefusals(historyOf(...lines)))).toEqual(held);
    const same = jobs("queue mail-2", [1, 2], { form: "resume" });
    expect(found(checkRefusals(historyOf(same, ...lines)))).toEqual([]);
  });

  test("is of its partition", () => {
    const inOwn = (object: string, span: Span, asks: object, answer: unknown) =>
      call(["pauses", object], span, { ...asks }, answer);
    const paused = inOwn("queue * of paused-1", [1, 2], { form: "pause" }, { changed: true });
    const started = (partition: string) =>
      inOwn(
        `job j of ${partition}`,
        [3, 4],
        { form: "start", queue: "mail" },
        { status: "started" },
      );

    expect(found(checkRefusals(historyOf(paused, started("paused-1"))))).toEqual(held);
    expect(found(checkRefusals(historyOf(paused, started("paused-2"), start([3, 4]))))).toEqual([]);
  });
});
