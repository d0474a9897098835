import { describe, expect, test } from "vitest";
import { found, held, historyOf, left, run, told } from "./hand-made.ts";
import { checkExclusion } from "./lone-holders.ts";

const two = ["a key with two live holders (I1)"];
const thing = "key k";
const a = { thing, token: 1, worker: "w1" };
const b = { thing, token: 2, worker: "w2" };
const end = run("phase", 20_000, "finishing");

describe("exclusion", () => {
  test("one after the other, and of different things at the same time, is right", () => {
    const history = historyOf(
      held(1, a),
      left(5, a),
      held(5, b),
      held(6, { ...a, thing: "key other" }),
      left(7, { ...a, thing: "key other" }),
      left(9, b),
    );

    const checked = checkExclusion(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({ holdings: 3, intervals: 3, things: 2, "holds told": 0 });
  });

  test("two at the same time are found, once", () => {
    const checked = checkExclusion(historyOf(held(1, a), left(5, a), held(4, b), left(9, b)));

    expect(found(checked)).toEqual(two);
    expect(checked.findings).toHaveLength(1);
  });

  test("one who never left is there until the end", () => {
    const lines = [held(1, a), held(9_000, b), left(9_001, b)];

    expect(found(checkExclusion(historyOf(...lines, end)))).toEqual(two);
    const isKilled = run("killed", 8_000, "", ["w1"]);
    expect(found(checkExclusion(historyOf(...lines, isKilled, end)))).toEqual([]);
    const other = run("killed", 8_000, "", ["w3"]);
    expect(found(checkExclusion(historyOf(...lines, other, end)))).toEqual(two);
    const late = run("killed", 9_500, "", ["w1"]);
    expect(found(checkExclusion(historyOf(...lines, late, end)))).toEqual(two);
  });

  test("who is frozen does not know; who believes long after he woke up is wrong", () => {
    const frozen = [run("frozen", 1_000, "", ["w1"]), run("thawed", 8_000, "", ["w1"])];
    const lines = [held(1, a), ...frozen, held(7_000, b), left(9_000, b)];

    expect(
      found(checkExclusion(historyOf(...lines, left(8_020, { ...a, why: "LeaseLostError" })))),
    ).toEqual([]);
    expect(found(checkExclusion(historyOf(...lines, left(8_900, a))))).toEqual(two);
    expect(found(checkExclusion(historyOf(...lines.slice(0, 2), held(7_000, b), end)))).toEqual([]);
  });

  test("a freeze excuses nothing before it, and nobody else", () => {
    const frozen = [run("frozen", 1_000, "", ["w1"]), run("thawed", 8_000, "", ["w1"])];

    expect(found(checkExclusion(historyOf(held(1, a), ...frozen, held(900, b), end)))).toEqual(two);
    const others = [run("frozen", 1_000, "", ["w3"]), run("thawed", 8_000, "", ["w3"])];
    expect(found(checkExclusion(historyOf(held(1, a), ...others, held(2_000, b), end)))).toEqual(
      two,
    );
  });

  test("what may be taken over, or is for several, is not judged here", () => {
    const some = [held(1, { ...a, thing: "job taken-1" }), held(2, { ...b, thing: "job taken-1" })];

    const checked = checkExclusion(historyOf(...some, end));

    expect(checked).toMatchObject({
      findings: [],
      counts: { holdings: 0, intervals: 0, things: 0 },
    });
  });

  test("a key that two have, as watches were told, is found once; so is one that may be taken over", () => {
    const told2 = ["a key with two holders, as a watch was told (I1)"];
    const changed = (watch: string, name: string, ...tokens: readonly number[]) => {
      const item = { key: name, holders: tokens.map((token) => ({ owner: `o${token}`, token })) };
      return told(1, [10, 0], { type: "executionKey.changed", name, item }, watch);
    };
    const watches = ["keys watch-1", "keys watch-2"];

    const right = checkExclusion(historyOf(...watches.map((watch) => changed(watch, "k", 1))));
    expect(right).toMatchObject({ findings: [], counts: { "holds told": 2 } });
    const several = watches.map((watch) => changed(watch, "k", 1, 2));
    expect(found(checkExclusion(historyOf(...several)))).toEqual(told2);
    expect(checkExclusion(historyOf(...several)).findings).toHaveLength(1);
    const taken = changed("jobs watch-1", "taken-key", 1, 2);
    expect(found(checkExclusion(historyOf(taken)))).toEqual(told2);
    const some = changed("keys watch-1", "some-1", 1, 2);
    expect(found(checkExclusion(historyOf(some)))).toEqual([]);
  });
});
