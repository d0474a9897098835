import { describe, expect, test } from "vitest";
import type { HistoryLine } from "../history/history-line.ts";
import { checkWatches } from "./agreeing-watches.ts";
import { folded, found, happened, held, historyOf, told, watches } from "./hand-made.ts";

const missing = ["a watch is not told what happened (I11)"];
const [one, other] = ["keys watch-1", "keys watch-2"];

function tells(watch: string, ...places: readonly (readonly [number, number])[]): HistoryLine[] {
  return places.map((place) => told(10 * place[0] + place[1], place, changeAt(place), watch));
}

function changeAt([revision, n]: readonly [number, number]) {
  return { type: "queueKey.taken", partition: "keys", name: `k-${revision}-${n}` };
}

const begins = [watches(0, "begins", 4, one), watches(0, "begins", 6, other)];

describe("watches", () => {
  test("that agree where they overlap are right", () => {
    const history = historyOf(
      ...begins,
      ...tells(one, [5, 0], [7, 0], [7, 1]),
      ...tells(other, [7, 0], [7, 1], [9, 0]),
      watches(200, "ended", 8, one),
      ...tells("jobs watch-1", [8, 0]),
    );

    const checked = checkWatches(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({
      watches: 3,
      "events told": 7,
      events: 5,
      "of them in the log": 0,
      "acknowledged changes": 0,
    });
  });

  const all = tells(other, [7, 0], [7, 1], [9, 0]);
  test.each<[string, readonly HistoryLine[], readonly string[]]>([
    ["an event left out between two", tells(one, [5, 0], [7, 0], [9, 0]), missing],
    ["the first one left out", tells(one, [7, 1], [9, 0]), missing],
    [
      "the last one left out, of what it says it was told",
      [...tells(one, [7, 0], [7, 1]), watches(200, "ended", 9, one)],
      missing,
    ],
    [
      "one left out of what it was told before more was lost",
      [...tells(one, [7, 0]), watches(200, "compacted", 9, one)],
      missing,
    ],
    ["all left out", [watches(200, "ended", 9, one)], missing],
    [
      "an event told twice",
      tells(one, [7, 0], [7, 0]),
      ["a watch is told of an event twice (I11)"],
    ],
    [
      "another event at the same place",
      [told(70, [7, 0], { type: "queueKey.freed", name: "k" }, one)],
      ["two watches are told different events of one place (I11)"],
    ],
  ])("%s is found", (_, lines, expected) => {
    expect(found(checkWatches(historyOf(...begins, ...all, ...lines)))).toEqual(expected);
  });

  test("an event that comes too late is found", () => {
    const [later, earlier] = [told(1, [9, 0], {}, one), told(2, [7, 0], {}, one)];

    expect(found(checkWatches(historyOf(later, earlier)))).toEqual([
      "a watch is told against the order of the log (I11)",
    ]);
  });

  test("what was lost, and said so, is no finding", () => {
    const lines = [
      ...tells(one, [5, 0]),
      watches(55, "compacted", 5, one),
      watches(60, "begins", 8, one),
      ...tells(one, [9, 0]),
    ];

    expect(found(checkWatches(historyOf(...begins, ...all, ...lines)))).toEqual([]);
  });

  test("who says nothing of where it began is told all from its first event on", () => {
    expect(found(checkWatches(historyOf(...tells(one, [7, 1], [9, 0]), ...all)))).toEqual([]);
    expect(found(checkWatches(historyOf(...tells(one, [7, 0], [9, 0]), ...all)))).toEqual(missing);
  });
});

describe("what the log has", () => {
  const places = [
    [5, 0],
    [7, 0],
    [7, 1],
    [9, 0],
  ] as const;
  const inLog = places.map((place) => happened(place, changeAt(place)));
  const both = [...tells(one, [5, 0], [7, 1], [9, 0]), ...tells(other, [7, 1], [9, 0])];
  const ends = [watches(200, "ended", 9, one), watches(200, "ended", 9, other)];

  test("and all watches miss is found, and nothing else knows of it", () => {
    expect(found(checkWatches(historyOf(...begins, ...both, ...ends)))).toEqual([]);

    const checked = checkWatches(historyOf(...begins, ...both, ...ends, ...inLog, folded(9)));

    expect(checked.findings.map(({ facts }) => facts)).toEqual([
      [
        "w1 keys watch-1  was told all after revision 4 up to 9, but not that",
        `the log at 7 0: ${JSON.stringify(changeAt([7, 0]))}`,
      ],
      [
        "w1 keys watch-2  was told all after revision 6 up to 9, but not that",
        `the log at 7 0: ${JSON.stringify(changeAt([7, 0]))}`,
      ],
    ]);
    expect(checked.counts).toMatchObject({ events: 4, "of them in the log": 4 });
  });

  test("and is told is right", () => {
    const all = [...tells(one, ...places), ...tells(other, [7, 0], [7, 1], [9, 0])];

    expect(found(checkWatches(historyOf(...begins, ...all, ...ends, ...inLog, folded(9))))).toEqual(
      [],
    );
  });

  test("of another partition is told to others", () => {
    const others = places.map((place) => happened(place, changeAt(place), "jobs"));
    const lines = [...begins, ...ends, ...others, folded(9)];

    expect(found(checkWatches(historyOf(...lines)))).toEqual([]);
  });

  test.each<[string, HistoryLine]>([
    ["is told where it has nothing", told(71, [7, 2], changeAt([7, 2]), one)],
    ["is told otherwise", told(70, [7, 0], changeAt([7, 5]), one)],
  ])("not, and %s, is found", (_, line) => {
    expect(found(checkWatches(historyOf(line, ...inLog, folded(9))))).toEqual([
      "a watch is told what did not happen (I11)",
    ]);
  });

  test("behind what could be read of it is what other watches were told", () => {
    const lines = [watches(0, "begins", 4, one), ...tells(one, [5, 0], [9, 0]), inLog[0] ?? []];
    const more = tells(other, [7, 0], [9, 0]);

    expect(found(checkWatches(historyOf(...lines, ...more, folded(6))))).toEqual(missing);
    expect(found(checkWatches(historyOf(...lines, folded(6))))).toEqual([]);
    const unwatched = folded(9, { partitions: ["jobs"] });
    expect(found(checkWatches(historyOf(...lines, ...more, unwatched)))).toEqual(missing);
  });
});

function grants(place: readonly [number, number], name: string, token: number): HistoryLine {
  const item = { key: name, holders: [{ owner: "a", token }] };
  const event = { type: "executionKey.taken", partition: "keys", name, item };
  return told(place[0], place, event, one);
}

describe("what is held", () => {
  const lines = [grants([5, 0], "k", 5), grants([7, 0], "k", 7), grants([9, 0], "k", 9)];

  test("was told as granted", () => {
    const mine = [held(1, { thing: "key k", token: 7 }), held(1, { thing: "key k", token: 9 })];

    expect(found(checkWatches(historyOf(...lines, ...mine)))).toEqual([]);
  });

  test("and was not told is found, where the watch was told of grants before and after it", () => {
    const untold = held(1, { thing: "key k", token: 6, revision: 100 });

    expect(found(checkWatches(historyOf(...lines, untold)))).toEqual(["a grant is not told (I11)"]);
    const later = [
      held(1, { thing: "key k", token: 10 }),
      held(1, { thing: "key of-another-partition", token: 6 }),
      held(1, { thing: "job j", token: 6 }),
    ];
    expect(found(checkWatches(historyOf(...lines, ...later)))).toEqual([]);
  });
});
