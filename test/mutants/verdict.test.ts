// verdict.test.ts — what counts as noticed: a failing test, a seed, a time limit; and nothing else.
import { describe, expect, test } from "vitest";
import { judgedReport } from "./test-run.ts";
import { closingLine, scoreOf, type Verdict, verdictText } from "./verdict.ts";

const failing = (fullName: string, message: string) => ({
  fullName,
  status: "failed",
  failureMessages: [message],
});
const reportOf = (file: { status: string; tests: ReturnType<typeof failing>[] }) => ({
  testResults: [
    {
      name: "/copy/a.test.ts",
      status: file.status,
      message: "Error: no such module",
      assertionResults: file.tests,
    },
  ],
});
const of = { root: "/copy", bug: "E1" };
const outcomeOf = (...tests: ReturnType<typeof failing>[]) =>
  judgedReport(reportOf({ status: "failed", tests }), of);

describe("a report of tests", () => {
  test("is red where a test failed, and tells which", () => {
    const late = failing("slow", "Error: Test timed out in 60000ms.");

    expect(outcomeOf(late, failing("wrong", "AssertionError: 1 is not 2"))).toEqual({
      kind: "red",
      failed: [{ file: "a.test.ts", name: "wrong" }],
    });
  });

  test("tells first the failed test that names the bug, and not one of a bug with a longer number", () => {
    const wrong = "AssertionError: 1 is not 2";
    const tests = ["a vote counts (E10)", "first", "a vote is on disk (E1)"];

    const outcome = outcomeOf(...tests.map((name) => failing(name, wrong)));

    expect(outcome.kind === "red" && outcome.failed.map(({ name }) => name)).toEqual([
      "a vote is on disk (E1)",
      "a vote counts (E10)",
      "first",
    ]);
  });

  test("tells a time limit as such", () => {
    expect(outcomeOf(failing("slow", "Error: Test timed out in 60000ms."))).toEqual({
      kind: "hung",
      what: '"slow" (a.test.ts) did not end within 60 s',
    });
  });

  test("is not red where a file could not be loaded: nothing was tested", () => {
    expect(outcomeOf()).toEqual({ kind: "broken", why: "a.test.ts: Error: no such module" });
  });

  test("is green where nothing failed", () => {
    const report = reportOf({ status: "passed", tests: [] });

    expect(judgedReport(report, of)).toEqual({ kind: "green" });
  });
});

describe("a verdict", () => {
  const seed: Verdict = { kind: "seed", seed: "6d000010", count: 17, property: "a stale read" };

  test("is counted in the closing line; what was argued is not what survived", () => {
    const survived: Verdict = { kind: "survived" };
    const scores = [
      scoreOf(seed, {}),
      scoreOf({ kind: "timeout", what: "it hung" }, {}),
      scoreOf(survived, {}),
      scoreOf(survived, { equivalent: "nobody can tell" }),
    ];

    expect(closingLine(scores)).toBe("mutants: 2 killed, 1 survived, 1 argued equivalent");
    expect(closingLine([scoreOf({ kind: "broken", why: "" }, {})])).toBe(
      "mutants: 0 killed, 0 survived, 0 argued equivalent, 1 without a verdict",
    );
  });

  test("says who noticed, in how many seeds", () => {
    expect(verdictText(seed)).toBe("seed 6d000010, the 17th: a stale read");
    expect(verdictText({ ...seed, count: 112 })).toBe("seed 6d000010, the 112th: a stale read");
    expect(verdictText({ ...seed, count: 22 })).toBe("seed 6d000010, the 22nd: a stale read");
  });
});
