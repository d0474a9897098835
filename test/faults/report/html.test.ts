import { describe, expect, test } from "vitest";
import { toldHistory } from "../checkers/told-history.ts";
import type { HeldLine, HistoryLine } from "../history/history-line.ts";
import { reportOf } from "./html.ts";
import { madeUpRun } from "./made-up-run.ts";
import type { RunFacts } from "./summary.ts";

const run = madeUpRun({ seed: 0xbeef, minutes: 1, workers: 4, calls: 2_000 });
const told = toldHistory(run.lines);
const { page } = reportOf(told, run.facts);

/** What the page tells of each lane to who points at it, by its name. */
function factsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const names = [...text.matchAll(/ data-lane="\d+" data-name="([^"]*)"/g)].map(([, name]) => name);
  const json = /<script type="application\/json" id="facts">(.*?)<\/script>/s.exec(text)?.[1];
  const facts = JSON.parse(json ?? "[]") as [number, number, string][][];
  expect(facts).toHaveLength(names.length);
  return new Map(facts.map((of, at) => [names[at] ?? "", of.map(([, , fact]) => fact)]));
}

function laneOf(text: string, name: string): string {
  const row = text.split('<div class="row"').find((each) => each.includes(`data-name="${name}"`));
  return row ?? "";
}

describe("the page of a run", () => {
  test("needs nothing but itself", () => {
    expect(page.match(/https?:|@import|url\(|<link|<img| src=/g)).toBeNull();
    for (const its of [".figure {", ".lane {", "addEventListener("]) expect(page).toContain(its);
  });

  test("has lanes of the leader, plots, all faults, each node, each worker and each key", () => {
    const names = [...factsOf(page).keys()];

    expect(names.slice(0, 6)).toEqual([
      "findings",
      "phase",
      "leader",
      "calls/s",
      "latency",
      "all faults",
    ]);
    expect(names).toEqual(expect.arrayContaining(["n1", "n2", "n3", "c1.1", "c4.4", "key alone"]));
  });

  test("tells of each call that failed or is unknown, one by one, and of answered ones by bins", () => {
    const facts = [...factsOf(page)].flatMap(([name, of]) => (/^c\d/.test(name) ? of : []));
    const calls = reportOf(told, run.facts).summary.calls;
    const single = facts.filter((fact) => fact.startsWith("call "));
    const answered = facts.flatMap((fact) => /^(\d+) answered in/.exec(fact)?.[1] ?? []);

    expect(single).toHaveLength(calls.unknown + calls["without-effect"]);
    expect(answered.reduce((sum, count) => sum + Number(count), 0)).toBe(calls.answered);
    expect(answered.length).toBeLessThan(calls.answered);
  });

  test("leads from a finding to its time and to the lane that it speaks of", () => {
    expect(page).toContain('data-at="36000" data-where="key alone"');
    expect(laneOf(page, "findings")).toContain('style="--from:36000;--to:36000');
    expect(laneOf(page, "key alone")).not.toBe("");
  });

  test("draws two who have one key at the same time one below the other", () => {
    const heights = [...laneOf(page, "key alone").matchAll(/d="M[\d.]+ (\d+)h/g)].map(([, y]) => y);

    expect(new Set(heights).size).toBe(2);
  });

  test("shows verdicts, what was not judged, refused nemeses, the seed and the command", () => {
    for (const told of [
      "<code>0000beef</code>",
      "npm run faults -- --minutes 1 --seed 0000beef --nodes 3",
      "no file system can be mounted here",
      "not judged: watch c1.1 was compacted twice",
      "✗ 1 finding",
    ])
      expect(page).toContain(told);
    const passed = reportOf(told, { ...run.facts, verdicts: run.facts.verdicts.slice(0, 1) });
    expect(passed.page).toContain("✓ nothing found");
    const idle = reportOf(told, { ...run.facts, verdicts: [] });
    expect(idle.page).toContain("✗ nothing was judged");
  });

  test("of a run without any line is a page too", () => {
    expect(reportOf(toldHistory([]), { ...run.facts, verdicts: [] }).page).toContain("Fault test");
  });
});

test("no text of a run can become markup", () => {
  const evil = `</script><b onclick="x">'&`;
  const at = 1_000;
  const by = { at, worker: evil } as const;
  const said = { at, says: evil, whom: [evil], name: evil };
  const lines: HistoryLine[] = [
    { kind: "begin", ...by, id: 1, workload: "keys", object: evil, asks: { evil } },
    { kind: "end", ...by, id: 1, outcome: "unknown", code: evil },
    { kind: "held", ...by, owner: evil, thing: evil, token: 1, revision: 1 },
    { kind: "strike", ...said },
    { kind: "elected", ...said, term: 1 },
    { kind: "phase", ...said },
    { kind: "killed", ...said },
    { kind: "frozen", ...said },
  ];
  const finding = { property: evil, facts: [evil], at, where: evil };
  const facts: RunFacts = {
    ...run.facts,
    seed: evil,
    commit: evil,
    version: evil,
    startedAt: evil,
    command: evil,
    nodes: [evil],
    refused: [{ name: evil, why: evil }],
    untested: [evil],
    verdicts: [{ checker: evil, counts: { [evil]: 1 }, findings: [finding], unjudged: [evil] }],
  };
  const { page } = reportOf(toldHistory(lines), facts);

  expect(page).not.toContain("<b onclick");
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).toContain("&lt;/script&gt;&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;");
});

test("a key that many have at once, and thousands of jobs, do not make the page endless", () => {
  const held = (thing: string, token: number): HeldLine => {
    return { kind: "held", at: token, worker: "c1", owner: "c1", thing, token, revision: token };
  };
  const lines = Array.from({ length: 3_000 }, (_, at) => [
    held("key k1", at),
    held(`job j-${at}`, at),
  ]).flat();
  const { page } = reportOf(toldHistory(lines), run.facts);
  const heights = [...page.matchAll(/class="lane" style="height:(\d+)px"/g)].map(([, px]) =>
    Number(px),
  );

  expect(heights.length).toBeLessThan(100);
  expect(Math.max(...heights)).toBeLessThan(200);
  expect(factsOf(page).get("key k1")).toHaveLength(3_000);
});
