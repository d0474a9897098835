// linearizability.test.ts — the checker must reject bad histories, hand-made and generated.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Call } from "./history.ts";
import { checkLinearizability } from "./linearizability.ts";
import type { RogerAnswer, RogerCall } from "./roger-models.ts";
import { membershipModel, pausedModel } from "./roger-models.ts";

type RecordedCall = Call<RogerCall, RogerAnswer>;

const acquire: RogerCall = { form: "isExecuting", name: "k", change: "add" };
const free: RogerCall = { form: "removeExecuted", name: "k" };
const look: RogerCall = { form: "isExecuting", name: "k" };

/** One call a line: client, begin, end (`undefined` = never known), input, output. */
function call(
  client: number,
  span: readonly [number, number | undefined],
  input: RogerCall,
  output?: RogerAnswer,
): RecordedCall {
  return { client, begin: span[0], end: span[1], input, output };
}

describe("linearizability checker", () => {
  test("a key granted twice at once is rejected", () => {
    const verdict = checkLinearizability(membershipModel, [
      call(1, [1, 2], acquire, false),
      call(2, [3, 4], acquire, false),
    ]);

    expect(verdict.kind).toBe("violated");
  });

  test("a lost write is rejected", () => {
    const verdict = checkLinearizability(membershipModel, [
      call(1, [1, 2], acquire, false),
      call(2, [3, 4], look, false),
    ]);

    expect(verdict.kind).toBe("violated");
  });

  test("a stale read after a newer read is rejected", () => {
    const verdict = checkLinearizability(membershipModel, [
      call(1, [1, 10], acquire, false),
      call(2, [2, 3], look, true),
      call(3, [4, 5], look, false),
    ]);

    expect(verdict.kind).toBe("violated");
  });

  test("calls at once may be answered in any order", () => {
    const verdict = checkLinearizability(membershipModel, [
      call(1, [1, 6], acquire, true),
      call(2, [2, 5], acquire, false),
      call(3, [3, 4], look, false),
    ]);

    expect(verdict.kind).toBe("linearizable");
  });

  test("a call of unknown outcome may take effect late, once, or never", () => {
    const late = [
      call(1, [1, undefined], acquire),
      call(2, [2, 3], look, false),
      call(2, [4, 5], look, true),
      call(2, [6, 7], free, "ok"),
      call(2, [8, 9], look, false),
    ];
    const twice = [...late, call(2, [10, 11], look, true)];

    expect(checkLinearizability(membershipModel, late).kind).toBe("linearizable");
    expect(checkLinearizability(membershipModel, twice).kind).toBe("violated");
  });

  test("a hundred calls of unknown outcome do not make the search too large", () => {
    const calls: RecordedCall[] = Array.from({ length: 100 }, (_, index) =>
      call(index, [index, undefined], index % 2 === 0 ? acquire : free),
    );
    const answers = Array.from({ length: 101 }, (_, index) =>
      call(1_000, [200 + 2 * index, 201 + 2 * index], look, index % 2 === 0),
    );
    const seen = [...calls, ...answers.slice(0, 99)];
    const limits = { standingsMax: 1_000 };

    expect(checkLinearizability(membershipModel, seen, limits).kind).toBe("linearizable");
    const tooOften = [...calls, ...answers];
    expect(checkLinearizability(membershipModel, tooOften, limits).kind).toBe("violated");
  });

  test("a pause that is forgotten is rejected", () => {
    const verdict = checkLinearizability(pausedModel, [
      call(1, [1, 2], { form: "queuePause", name: "a" }, "ok"),
      call(2, [3, 4], { form: "queuePause", name: "b" }, "ok"),
      call(1, [5, 6], { form: "queueGetPaused" }, ["b"]),
    ]);

    expect(verdict.kind).toBe("violated");
  });

  test("a search that grows too large is undecided, not a pass", () => {
    const toggles = Array.from({ length: 40 }, (_, index) =>
      call(index, [index + 1, 1000 + index], { form: "queuePause", name: `q${index}` }, "ok"),
    );

    const read = call(99, [500, 501], { form: "queueGetPaused" }, ["never"]);
    const verdict = checkLinearizability(pausedModel, [...toggles, read], { standingsMax: 1000 });

    expect(verdict.kind).toBe("undecided");
  });

  test("what one copy answered is accepted; with one membership answer turned round it is what brute force says", () => {
    fc.assert(
      fc.property(historyOfOneCopy, fc.nat(), ({ calls }, turned) => {
        expect(checkLinearizability(membershipModel, calls).kind).toBe("linearizable");

        const bad = calls.map((each, index) =>
          index === turned % calls.length && typeof each.output === "boolean"
            ? { ...each, output: !each.output }
            : each,
        );
        const expected = explainedByBruteForce(bad) ? "linearizable" : "violated";
        expect(checkLinearizability(membershipModel, bad).kind).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

/** Up to six calls of three clients, answered at random instants by one copy. */
const historyOfOneCopy = fc
  .array(
    fc.record({
      input: fc.constantFrom(acquire, free, look),
      from: fc.nat(20),
      length: fc.integer({ min: 1, max: 12 }),
      instant: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      isKnown: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((drawn) => {
    const ordered = drawn
      .map((each, client) => ({ ...each, client, at: each.from + each.length * each.instant }))
      .sort((a, b) => a.at - b.at);
    let isMember = false;
    const calls = ordered.map((each) => {
      const answer: RogerAnswer = each.input === free ? "ok" : isMember;
      if (each.input === acquire) isMember = true;
      if (each.input === free) isMember = false;
      const end = each.isKnown ? each.from + each.length + each.client / 10 : undefined;
      return call(
        each.client,
        [each.from - each.client / 10, end],
        each.input,
        each.isKnown ? answer : undefined,
      );
    });
    return { calls };
  });

/** The definition itself: try every order of every subset of the calls of unknown outcome. */
function explainedByBruteForce(calls: readonly RecordedCall[]): boolean {
  const explain = (left: readonly RecordedCall[], isMember: boolean): boolean => {
    if (left.every((each) => each.end === undefined)) return true;
    return left.some((next) => {
      const mustComeFirst = left.some(
        (other) => other !== next && other.end !== undefined && other.end < next.begin,
      );
      if (mustComeFirst) return false;
      const after = membershipModel.step(isMember, next.input, next.output);
      if (after === "refuted") return false;
      return explain(
        left.filter((each) => each !== next),
        after,
      );
    });
  };
  return explain(calls, false);
}
