import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { checkFirstCome } from "./first-come.ts";
import { call, found, held, historyOf, left, type Span, told, watches } from "./hand-made.ts";

const passedOver = ["a key goes past the one who stands first in its line (I5)"];
const watch = "keys watch-1";

type Place = readonly [number, number];

function event(place: Place, type: string, more: object): HistoryLine {
  const told1 = { type, partition: "keys", name: "k", item: null, was: null, ...more };
  return told(place[0], place, told1, watch);
}

function waits(place: Place, owner: string, ticket: number): HistoryLine {
  return event(place, "executionKey.waiting", { item: { key: "k", owner, session: 1, ticket } });
}

function ends(place: Place, owner: string, ticket: number): HistoryLine {
  return event(place, "executionKey.waitEnded", { was: { key: "k", owner, session: 1, ticket } });
}

function gets(place: Place, owner: string, token: number, cause = "executionKey.release") {
  const item = { key: "k", holders: [{ owner, session: 1, token }] };
  return event(place, "executionKey.changed", { item, cause });
}

const begins = watches(0, "begins", 1, watch);
const line = [begins, gets([2, 0], "z", 1), waits([3, 0], "a", 1), waits([4, 0], "b", 2)];

describe("the line of a key, as a watch was told", () => {
  test("in the order of tickets, without those who left it, is right", () => {
    const history = historyOf(
      ...line,
      waits([5, 0], "c", 3),
      gets([6, 0], "a", 2),
      ends([6, 1], "a", 1),
      ends([7, 0], "b", 2),
      gets([8, 0], "c", 3),
      ends([8, 1], "c", 3),
      waits([9, 0], "d", 4),
      waits([10, 0], "e", 5),
      gets([11, 0], "e", 4),
      ends([11, 1], "d", 4),
      ends([11, 2], "e", 5),
    );

    const checked = checkFirstCome(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toMatchObject({ "waits told": 5, "grants told": 4 });
  });

  test.each([
    ["one who came later", [...line, gets([6, 0], "b", 2), ends([6, 1], "b", 2)]],
    ["one who did not stand in it", [...line, gets([6, 0], "c", 2)]],
    ["one who had it", [...line, gets([6, 0], "z", 2)]],
    [
      "one who left only after that",
      [...line, gets([6, 0], "b", 2), ends([6, 1], "b", 2), ends([7, 0], "a", 1)],
    ],
  ])("a key that goes to %s is found", (_, lines) => {
    expect(found(checkFirstCome(historyOf(...lines)))).toEqual(passedOver);
  });

  test("who waited before the watch began has his place, too", () => {
    const waiters = line.filter((each) => each !== line[1]);
    const got = [gets([6, 0], "y", 2), ends([6, 1], "y", 0)];

    expect(found(checkFirstCome(historyOf(...waiters, ...got)))).toEqual([]);
    const later = [gets([7, 0], "a", 3), ends([7, 1], "a", 1), ends([9, 0], "y", 0)];
    expect(found(checkFirstCome(historyOf(...waiters, ...later)))).toEqual(passedOver);
  });

  test("a run that is taken over keeps its slot", () => {
    expect(found(checkFirstCome(historyOf(...line, gets([6, 0], "z", 2, "job.start"))))).toEqual(
      [],
    );
  });

  test("what a watch has lost is not held against anybody", () => {
    const lost = watches(5, "compacted", 4, watch);
    const lines = [...line, lost, watches(6, "begins", 10, watch)];

    expect(found(checkFirstCome(historyOf(...lines, gets([11, 0], "b", 2))))).toEqual([]);
  });

  test("what several watches tell is found once", () => {
    const lines = [...line, gets([6, 0], "b", 2)];
    const other = lines.map((each) =>
      "watch" in each ? { ...each, watch: "keys watch-2" } : each,
    );

    expect(checkFirstCome(historyOf(...lines, ...other)).findings).toHaveLength(1);
  });
});

const waiting = { status: "waiting", ticket: 1 };

function acquires(span: Span, owner: string, answer?: unknown): readonly HistoryLine[] {
  return call(["keys", "key k"], span, { form: "acquire", owner, mode: "wait" }, answer);
}

function has(at: number, owner: string, token: number): HistoryLine {
  return held(at, { thing: "key k", owner, token, worker: owner });
}

const got = (token: number) => ({ status: "held", token });

describe("who was told that he waits", () => {
  test("before another one asked has it before that one", () => {
    const right = checkFirstCome(
      historyOf(
        ...[acquires([1, 2], "a", waiting), acquires([3, 9], "b", got(2))],
        ...[has(5, "a", 1), has(9, "b", 2)],
      ),
    );
    expect(found(right)).toEqual([]);
    expect(right.counts).toMatchObject({ "waits acknowledged": 1, "of them judged": 1 });

    const asked = [acquires([1, 2], "a", waiting), acquires([3, 5], "b", got(1))];
    const grants = [has(5, "b", 1), has(9, "a", 2)];
    expect(found(checkFirstCome(historyOf(...asked, ...grants)))).toEqual(passedOver);
    const told = acquires([6, 7], "a", waiting);
    expect(found(checkFirstCome(historyOf(...asked, told, ...grants)))).toEqual(passedOver);
  });

  test("while the other one asked, or had asked before, has no claim to be first", () => {
    const grants = [has(5, "b", 1), has(9, "a", 2)];

    const meanwhile = [acquires([1, 4], "a", waiting), acquires([3, 5], "b", got(1))];
    expect(found(checkFirstCome(historyOf(...meanwhile, ...grants)))).toEqual([]);
    const asked = [acquires([1, 2], "a", waiting), acquires([3, 5], "b", got(1))];
    for (const before of [acquires([0, 5], "b", got(1)), acquires([0, 1], "b"), acquires([0], "b")])
      expect(found(checkFirstCome(historyOf(...asked, before, ...grants)))).toEqual([]);
  });

  test("and gave up, asked again or lost its session has none either", () => {
    const asked = [acquires([1, 2], "a", waiting), acquires([3, 5], "b", got(1))];
    const grants = [has(5, "b", 1), has(9, "a", 2)];

    const again = historyOf(...asked, acquires([6, 9], "a", got(2)), ...grants);
    expect(found(checkFirstCome(again))).toEqual([]);
    const never = checkFirstCome(historyOf(...asked, has(5, "b", 1)));
    expect(found(never)).toEqual([]);
    expect(never.counts).toMatchObject({ "waits acknowledged": 1, "of them judged": 0 });
    const lost = left(4, { thing: "key x", token: 7, worker: "a", why: "LeaseLostError" });
    expect(found(checkFirstCome(historyOf(...asked, lost, ...grants)))).toEqual([]);
  });

  test("keeps his place when a run of his is taken over, or his session was lost at another time", () => {
    const asked = [acquires([1, 2], "a", waiting), acquires([3, 5], "b", got(1))];
    const lines = [...asked, has(5, "b", 1), has(9, "a", 2)];
    const lost = { thing: "key x", token: 7, worker: "a" };

    for (const end of [
      left(4, { ...lost, why: "RunFencedError" }),
      left(1.5, { ...lost, why: "LeaseLostError" }),
      left(9.5, { ...lost, why: "ClientClosedError" }),
      left(4, { ...lost, worker: "c", why: "LeaseLostError" }),
    ])
      expect(found(checkFirstCome(historyOf(...lines, end)))).toEqual(passedOver);
  });
});
