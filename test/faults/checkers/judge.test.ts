import { describe, expect, test } from "vitest";
import { checkConvergence } from "./equal-states.ts";
import { shortened } from "./finding.ts";
import { found, historyOf } from "./hand-made.ts";
import { judge } from "./judge.ts";

const same = { index: 7, hash: "aa" };

describe("convergence", () => {
  test("is one index and one state", () => {
    const checked = checkConvergence(
      new Map([
        ["n1", same],
        ["n2", same],
      ]),
    );

    expect(checked).toEqual({ findings: [], counts: { nodes: 2 } });
  });

  test("states that differ at one index are found, and nodes that stay behind", () => {
    const other = checkConvergence(
      new Map([
        ["n1", same],
        ["n2", { index: 7, hash: "bb" }],
      ]),
    );
    const behind = checkConvergence(
      new Map([
        ["n1", same],
        ["n2", { index: 6, hash: "bb" }],
      ]),
    );

    expect(found(other)).toEqual(["nodes differ at one index (I8)"]);
    expect(found(behind)).toEqual(["nodes do not come to one index (V22)"]);
  });
});

describe("the verdicts", () => {
  test("of nothing say that nothing was judged, and that the cluster did not work", () => {
    const verdicts = judge({ history: historyOf(), states: new Map(), answerWithinMs: 3_000 });

    expect(verdicts).toHaveLength(12);
    for (const { unjudged } of verdicts)
      expect(unjudged).toContain("nothing in this run was of its kind");
    const broken = verdicts.filter(({ findings }) => findings.length > 0);
    expect(broken.map(({ checker }) => checker)).toEqual(["liveness"]);
  });

  test("tell some findings of a property, and count the rest", () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ property: "p", facts: [`${index}`] }));

    const told = shortened([...many, { property: "q", facts: ["alone"] }]);

    expect(told).toHaveLength(22);
    expect(told.at(-1)).toEqual({ property: "p", facts: ["10 more of these"] });
  });
});
