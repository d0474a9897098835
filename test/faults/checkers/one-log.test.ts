import { describe, expect, test } from "vitest";
import type { LogLine } from "../history/history-line.ts";
import { folded, found, happened, historyOf, run } from "./hand-made.ts";
import { checkLog } from "./one-log.ts";

const states = new Map([
  ["n1", { index: 9, hash: "h" }],
  ["n2", { index: 9, hash: "h" }],
]);

describe("the logs that nodes leave", () => {
  test("are right if they are one, and make the state that nodes have", () => {
    const checked = checkLog(historyOf(happened([7, 0], {}), folded(9)), states);

    expect(checked).toEqual({
      findings: [],
      counts: {
        "logs of nodes": 3,
        "entries read": 27,
        "entries folded": 9,
        "states compared": 2,
        "events that happened": 1,
      },
      unjudged: [],
    });
  });

  test("make another state than a node has: found", () => {
    const other = new Map([...states, ["n3", { index: 9, hash: "other" }]]);

    const { findings } = checkLog(historyOf(folded(9)), other);

    expect(findings).toEqual([
      {
        property: "a state is not what the committed log makes (V9)",
        facts: ["n3  has applied up to 9: state other", "the committed log through 9 makes it h"],
        where: "n3",
      },
    ]);
  });

  test("disagree: found", () => {
    const disagreements = [{ property: "two entries are committed at one index (V5)", facts: [] }];

    expect(found(checkLog(historyOf(folded(9, { disagreements })), states))).toEqual([
      "two entries are committed at one index (V5)",
    ]);
  });

  test("that could not be read so far as nodes have applied them say nothing of their states", () => {
    const unread = ["entries 5 to 7 are committed, and in no log that was kept"];

    const checked = checkLog(historyOf(folded(4, { hash: "of 4", unread })), states);

    expect(checked.findings).toEqual([]);
    expect(checked.counts["states compared"]).toBe(0);
    expect(checked.unjudged).toEqual([
      ...unread,
      "nodes have applied more than the 4 entries that could be folded",
    ]);
  });

  test("were not read: nothing is judged", () => {
    expect(checkLog(historyOf(), states)).toEqual({
      findings: [],
      counts: { "entries folded": 0 },
    });
  });
});

describe("a log that is damaged", () => {
  const says = "the log of n2 can be read up to entry 5: a bit";
  const line = (isThere: boolean): LogLine =>
    folded(9, { damaged: [{ node: "n2", isThere, says }] });
  const struck = (name: string, node: string) => ({ ...run("strike", 5, "", [node]), name });

  test("though nobody damaged it is found", () => {
    const property = ["a log is damaged, and nobody damaged it"];

    expect(found(checkLog(historyOf(line(true)), states))).toEqual(property);
    const others = [struck("bit-rot", "n1"), struck("kill-one", "n2")];
    expect(found(checkLog(historyOf(...others, line(true)), states))).toEqual(property);
  });

  test.each(["torn-tail", "bit-rot", "lying-sync"])("by %s is explained", (name) => {
    const checked = checkLog(historyOf(struck(name, "n2"), line(true)), states);

    expect(checked).toMatchObject({ findings: [], unjudged: [] });
  });

  test("of a node that is gone is said", () => {
    expect(checkLog(historyOf(line(false)), states)).toMatchObject({
      findings: [],
      unjudged: [says],
    });
  });
});
