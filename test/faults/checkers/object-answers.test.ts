// object-answers.test.ts — histories of Roger's objects and of queue keys, made by hand: right ones and wrong ones.
import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { call, found, historyOf, type Span } from "./hand-made.ts";
import { checkQueueKeyAnswers, checkRogerAnswers } from "./object-answers.ts";

const unexplained = ["no single copy could have answered so (I9)"];
const acquire = { form: "isExecuting", name: "k", change: "add" } as const;
const look = { form: "isExecuting", name: "k" } as const;
const free = { form: "removeExecuted", name: "k" } as const;

function roger(span: Span, asks: object, answer?: unknown): readonly HistoryLine[] {
  return call(["roger", "of shared-1"], span, { ...asks }, answer);
}

describe("Roger's objects", () => {
  test("answers that one copy would have given are right", () => {
    const history = historyOf(
      roger([1, 2], acquire, false),
      roger([3, 6], acquire, true),
      roger([4, 5], free, "ok"),
      roger([7, 8], { form: "queuePause", name: "mail" }, "ok"),
      roger([9, 10], { form: "queueGetPaused" }, ["mail"]),
    );

    const checked = checkRogerAnswers(history);

    expect(checked).toEqual({ findings: [], counts: { calls: 5, objects: 2 } });
  });

  test.each([
    ["a key that two acquired", [roger([1, 2], acquire, false), roger([3, 4], acquire, false)]],
    ["an old answer", [roger([1, 2], acquire, false), roger([3, 4], look, false)]],
    ["an answer that was not told", [roger([1, 2], acquire, null)]],
    [
      "a pause that is forgotten",
      [
        roger([1, 2], { form: "queuePause", name: "mail" }, "ok"),
        roger([3, 4], { form: "queueGetPaused" }, []),
      ],
    ],
  ])("%s is found", (_, lines) => {
    expect(found(checkRogerAnswers(historyOf(...lines)))).toEqual(unexplained);
  });

  test("what began and never ended may have taken effect, at any time since", () => {
    const lines = [roger([1], acquire), roger([2, 3], look, false), roger([4, 5], look, true)];

    expect(found(checkRogerAnswers(historyOf(...lines)))).toEqual([]);
    const often = [...lines, roger([6, 7], free, "ok"), roger([8, 9], look, true)];
    expect(found(checkRogerAnswers(historyOf(...often)))).toEqual(unexplained);
  });

  test("what ended without effect had none", () => {
    const [began] = roger([1], acquire);
    if (began?.kind !== "begin") throw new Error("a call begins");
    const { worker, id } = began;
    const ended = { kind: "end", at: 1_500, worker, id, outcome: "without-effect" } as const;

    const history = historyOf(began, ended, roger([2, 3], look, true));

    expect(found(checkRogerAnswers(history))).toEqual(unexplained);
  });

  test("a search that is given up is a finding", () => {
    const pauses = Array.from({ length: 20 }, (_, index) =>
      roger([1, 100], { form: "queuePause", name: `q${index}` }, "ok"),
    );
    const history = historyOf(...pauses, roger([50, 51], { form: "queueGetPaused" }, ["never"]));

    expect(found(checkRogerAnswers(history, { standingsMax: 100 }))).toEqual([
      "undecided: no single copy could have answered so (I9)",
    ]);
  });

  test("what one microsecond holds has no order", () => {
    const history = historyOf(roger([1, 2], acquire, false), roger([2, 3], look, false));

    expect(found(checkRogerAnswers(history))).toEqual([]);
  });
});

function keys(span: Span, asks: object, answer?: unknown): readonly HistoryLine[] {
  return call(["claims", "queueKey q-1"], span, { ...asks }, answer);
}

function claim(span: Span, owner: string, answer?: unknown, more: object = {}) {
  return keys(span, { form: "claim", owner, onConflict: "reject", ...more }, answer);
}

function release(span: Span, owner: string, answer?: unknown) {
  return keys(span, { form: "release", owner }, answer);
}

const claimed = { status: "claimed", expiresAt: null };
const aDay = 86_400_000;

function duplicate(owner: string) {
  return { status: "duplicate", owner, since: 1, expiresAt: null };
}

function replaced(owner: string) {
  return { status: "replaced", previous: { owner, since: 1, expiresAt: null }, expiresAt: null };
}

describe("queue keys", () => {
  test("answers in every mode that one copy would have given are right", () => {
    const history = historyOf(
      claim([1, 2], "a", claimed),
      claim([3, 4], "a", claimed),
      claim([5, 6], "b", duplicate("a")),
      claim([7, 8], "b", duplicate("a"), { onConflict: "extend", ttlMs: aDay }),
      claim([9, 10], "b", replaced("a"), { onConflict: "replace" }),
      claim([11, 12], "c", replaced("b"), { onConflict: "replaceAndCancel" }),
      keys([13, 14], { form: "confirm", owner: "c" }, { status: "done" }),
      release([15, 16], "b", { status: "not_owner", claim: { owner: "c", since: 1 } }),
      release([17, 18], "c", { status: "done" }),
      release([19, 20], "c", { status: "not_owner", claim: null }),
      keys([21, 22], { form: "look" }, { owner: null }),
      claim([23, 24], "d", claimed, { onConflict: "extend", ttlMs: aDay }),
      keys([25, 26], { form: "extend", owner: "d", ttlMs: aDay }, { status: "done" }),
      keys([27, 28], { form: "look" }, { owner: "d", provisional: false }),
    );

    const { findings, counts } = checkQueueKeyAnswers(history);

    expect(findings).toEqual([]);
    expect(counts).toEqual({ calls: 14, keys: 1, "calls left out": 0 });
  });

  const isAs = claim([1, 2], "a", claimed);
  test.each([
    ["a key that two claimed", [isAs, claim([3, 4], "b", claimed)]],
    ["a duplicate of nobody", [claim([1, 2], "a", duplicate("b"))]],
    ["a duplicate of another one", [isAs, claim([3, 4], "b", duplicate("c"))]],
    ["a replacement of a free key", [claim([1, 2], "a", replaced("b"), { onConflict: "replace" })]],
    ["a replacement that was not asked", [isAs, claim([3, 4], "b", replaced("a"))]],
    [
      "one that was replaced and still owns it",
      [
        isAs,
        claim([3, 4], "b", replaced("a"), { onConflict: "replace" }),
        keys([5, 6], { form: "confirm", owner: "a" }, { status: "done" }),
      ],
    ],
    [
      "a replacement that answers the wrong owner",
      [isAs, claim([3, 4], "b", replaced("c"), { onConflict: "replaceAndCancel" })],
    ],
    [
      "an extension that takes the key",
      [isAs, claim([3, 4], "b", claimed, { onConflict: "extend", ttlMs: aDay })],
    ],
    [
      "a release that freed nothing",
      [isAs, release([3, 4], "a", { status: "done" }), claim([5, 6], "b", duplicate("a"))],
    ],
    [
      "a release that is executed twice, and its answer forgotten",
      [isAs, release([3, 4], "a", { status: "not_owner", claim: null })],
    ],
    [
      "a release by another one",
      [isAs, release([3, 4], "b", { status: "done" }), claim([5, 6], "c", claimed)],
    ],
    ["a claim that is lost", [isAs, keys([3, 4], { form: "look" }, { owner: null })]],
  ])("%s is found", (_, lines) => {
    expect(found(checkQueueKeyAnswers(historyOf(...lines)))).toEqual(unexplained);
  });

  test("what came when a time may have run out is left out, and counted", () => {
    const short = claim([1, 2], "a", claimed, { ttlMs: 5_000 });
    const later = claim([9_000, 9_001], "b", claimed);

    expect(checkQueueKeyAnswers(historyOf(short, later))).toMatchObject({
      findings: [],
      counts: { calls: 1, keys: 1, "calls left out": 1 },
    });
    const over = claim([3_900, 4_100], "b", claimed);
    expect(checkQueueKeyAnswers(historyOf(short, over, later))).toMatchObject({
      findings: [],
      counts: { calls: 2, keys: 1, "calls left out": 1 },
    });
  });

  test("before that a time that runs out too early is found, whatever came later", () => {
    const short = claim([1, 2], "a", claimed, { ttlMs: 5_000 });
    const soon = claim([2_000, 2_001], "b", claimed);
    const later = claim([9_000, 9_001], "b", claimed);

    expect(found(checkQueueKeyAnswers(historyOf(short, soon, later)))).toEqual(unexplained);
    const freed = keys([3_000, 3_001], { form: "look" }, { owner: null });
    expect(found(checkQueueKeyAnswers(historyOf(short, freed, later)))).toEqual(unexplained);
    const provisional = claim([1, 2], "a", claimed, { ttlMs: aDay, provisionalMs: 5_000 });
    expect(found(checkQueueKeyAnswers(historyOf(provisional, soon, later)))).toEqual(unexplained);
    // The release may have come before it, though its answer did not.
    const released = release([1_900, 4_500], "a", { status: "done" });
    expect(found(checkQueueKeyAnswers(historyOf(short, released, soon, later)))).toEqual([]);
  });
});
