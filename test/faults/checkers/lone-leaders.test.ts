import { describe, expect, test } from "vitest";
import type { RunLine } from "../history/history-line.ts";
import { historyOf } from "./hand-made.ts";
import { checkLeaders } from "./lone-leaders.ts";

function elected(at: number, node: string, term: number): RunLine {
  return { kind: "elected", at, says: `${node} leads term ${term}`, whom: [node], term };
}

describe("leaders", () => {
  test("follow each other in later terms, and one may be told twice", () => {
    const lines = [elected(1, "n1", 2), elected(2, "n2", 3), elected(3, "n2", 3)];

    expect(checkLeaders(historyOf(...lines))).toEqual({ findings: [], counts: { elections: 3 } });
  });

  test("two of one term are found", () => {
    const { findings } = checkLeaders(historyOf(elected(1, "n1", 2), elected(2, "n3", 2)));

    expect(findings).toEqual([
      {
        property: "term 2 has two leaders (V1)",
        facts: [expect.stringContaining("n1"), expect.stringContaining("n3")],
      },
    ]);
  });
});
