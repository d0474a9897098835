import { describe, expect, test } from "vitest";
import { committableIndex } from "./commit.ts";
import { logIndex } from "./ids.ts";

const log = {
  firstIndexOfTerm: logIndex(5),
  commitIndex: logIndex(3),
  lastIndex: logIndex(8),
};

describe("a leader", () => {
  test.each([
    { held: 0, commits: 3, why: "a quorum that holds less takes nothing back" },
    { held: 4, commits: 3, why: "entries of earlier terms are not committed by counting (§3.6.2)" },
    { held: 5, commits: 5, why: "its own first entry is, and all before it" },
    { held: 8, commits: 8, why: "and so on to the end of its log" },
  ])("whose quorum holds $held commits through $commits: $why", ({ held, commits }) => {
    expect(committableIndex(log, logIndex(held))).toBe(commits);
  });

  test("is never told of more than it has", () => {
    expect(() => committableIndex(log, logIndex(9))).toThrow("nobody acknowledges");
  });
});
