import { describe, expect, test } from "vitest";
import { checkConvergence } from "./equal-states.ts";
import { shortened } from "./finding.ts";
import { found, historyOf } from "./hand-made.ts";
import { sabotages } from "../sabotage.ts";
import { judge } from "./judge.ts";

const same = { index: 7, hash: "aa" };

describe("convergence", () => {
  test("is one index and one state", () => {
    const checked = checkConvergence(
      new Map([
        ["n1", same],
        ["n2", same],
      ]),
      2,
    );

    expect(checked).toEqual({ findings: [], counts: { nodes: 2 } });
  });

  test("states that differ at one index are found, and nodes that stay behind", () => {
    const other = checkConvergence(
      new Map([
        ["n1", same],
        ["n2", { index: 7, hash: "bb" }],
      ]),
      2,
    );
    const behind = checkConvergence(
      new Map([
        ["n1", same],
        ["n2", { index: 6, hash: "bb" }],
      ]),
      2,
    );

    const missing = checkConvergence(new Map([["n1", same]]), 2);

    expect(found(missing)).toEqual(["a node is missing in the end (V22)"]);
    expect(found(other)).toEqual(["nodes differ at one index (I8)"]);
    expect(found(behind)).toEqual(["nodes do not come to one index (V22)"]);
  });
});

describe("the verdicts", () => {
  test("that notice what is broken on purpose are there", () => {
    const asked = { history: historyOf(), states: new Map(), voters: 0, answerWithinMs: 3_000 };
    const names = judge(asked).map(({ checker }) => checker);

    for (const { caughtBy } of sabotages)
      expect(names).toEqual(expect.arrayContaining([...caughtBy]));
  });

  test("of nothing say that nothing was judged, and that the cluster did not work", () => {
    const verdicts = judge({
      history: historyOf(),
      states: new Map(),
      voters: 0,
      answerWithinMs: 3_000,
    });

    expect(verdicts).toHaveLength(15);
    for (const { checker, unjudged } of verdicts) {
      const said = checker === "ends of nodes" ? [] : ["nothing in this run was of its kind"];
      expect({ checker, unjudged }).toEqual({ checker, unjudged: said });
    }
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
