import { describe, expect, test } from "vitest";
import type { HistoryLine, NodeEndLine, RunLine } from "../history/history-line.ts";
import { checkEnds } from "./explained-ends.ts";
import { found, historyOf, run } from "./hand-made.ts";

const unexplained = ["a node ends only as what was done to it explains"];

function ended(at: number, of: NodeEndLine["of"], by: "the run" | "itself"): NodeEndLine {
  const isAsked = by === "the run";
  return { kind: "ended", at: at * 1_000, node: "n2", of, isAsked, words: "rogerd: says why" };
}

function struck(at: number, name: string, node = "n2"): RunLine {
  return { ...run("strike", at, name, [node]), name };
}

const turns = [
  run("phase", 0, "forming"),
  run("phase", 1_000, "quiet"),
  run("phase", 9_000, "healed"),
  run("phase", 20_000, "healed"),
];

function judged(...lines: readonly HistoryLine[]): readonly string[] {
  return found(checkEnds(historyOf(...turns, ...lines)));
}

describe("a node that ends", () => {
  test("by order or by force is explained", () => {
    expect(judged(ended(3_000, "SIGKILL", "the run"), ended(4_000, 0, "the run"))).toEqual([]);
    expect(checkEnds(historyOf(...turns, ended(3_000, 0, "the run"))).counts).toEqual({
      runs: 1,
      "ends of nodes": 1,
    });
  });

  test.each<[NodeEndLine["of"], string]>([
    [65, "bit-rot"],
    [65, "torn-tail"],
    [74, "failing-disk"],
    [74, "power-cut"],
    [78, "churn"],
    [78, "wiped-disk"],
    ["SIGABRT", "memory-pressure"],
  ])("of %s under %s is explained, and by nothing else", (of, name) => {
    const end = ended(5_000, of, "itself");

    expect(judged(struck(4_000, name), end)).toEqual([]);
    // A strike is told once it is done.
    expect(judged(struck(6_000, name), end)).toEqual([]);
    expect(judged(end)).toEqual(unexplained);
    expect(judged(struck(4_000, "kill-one"), end)).toEqual(unexplained);
    expect(judged(struck(4_000, name, "n1"), end)).toEqual(unexplained);
    expect(judged(struck(12_000, name), end)).toEqual(unexplained);
    expect(judged(struck(4_000, name), ended(12_000, of, "itself"))).toEqual(unexplained);
  });

  test.each<NodeEndLine["of"]>([0, 1, 2, 69, "SIGSEGV", "SIGKILL", "SIGTERM"])(
    "of %s by itself is found, whatever was done to it",
    (of) => {
      const strikes = ["bit-rot", "power-cut", "churn", "memory-pressure", "kill-one"];
      const lines = strikes.map((name) => struck(4_000, name));

      expect(judged(...lines, ended(5_000, of, "itself"))).toEqual(unexplained);
    },
  );

  test.each<NodeEndLine["of"]>([1, 65, 74, "SIGSEGV"])(
    "of %s where it was told to end is found, too",
    (of) => {
      expect(judged(struck(4_000, "kill-one"), ended(5_000, of, "the run"))).toEqual(unexplained);
    },
  );
});
