import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toldHistory } from "../checkers/told-history.ts";
import { faultReportFile, faultReportText, keptSummaries } from "./fault-report.ts";
import { madeUpRun } from "./made-up-run.ts";
import { storyOf } from "./run-story.ts";
import { type RunSummary, summaryOf } from "./summary.ts";

const { lines, facts } = madeUpRun({ seed: 3, minutes: 1, workers: 3, calls: 600 });
const story = storyOf(toldHistory(lines));
const broken = summaryOf(story, facts);
const passed: RunSummary = {
  ...summaryOf(story, {
    ...facts,
    seed: "00000004",
    verdicts: facts.verdicts.slice(0, 1),
    refused: [],
    untested: [],
  }),
  startedAt: "2026-11-25T00:00:00.000Z",
};

describe("docs/fault-report.md", () => {
  test("is what the kept summaries say (npm run fault-report)", () => {
    expect(readFileSync(faultReportFile, "utf8")).toBe(faultReportText(keptSummaries()));
  });

  test("says so when no run is kept", () => {
    expect(faultReportText([])).toContain("No run is kept yet.");
  });

  test("has a row of each run, with its verdict", () => {
    const rows = faultReportText([broken, passed]).match(/^\| `\w+` \|.*$/gm);

    expect(rows).toHaveLength(2);
    expect(rows?.[0]).toMatch(/^\| `00000003` \| 2026-11-24, .* \| \*\*broken\*\* \|$/);
    expect(rows?.[1]).toMatch(/^\| `00000004` \| 2026-11-25, .* \| passed \|$/);
  });

  test("tells voters from nodes that may join, of old summaries the nodes", () => {
    const { voters: _, ...old } = { ...passed, nodes: 5 };
    const rows = faultReportText([{ ...passed, nodes: 5 }, passed, old]).match(/min \| .*? \|/g);

    expect(rows).toEqual([
      "min | 3 voters, 2 more that may join, namespaces |",
      "min | 3 voters, namespaces |",
      "min | 5 nodes, namespaces |",
    ]);
  });

  test("tells findings, refused nemeses with their reason, and what was not judged", () => {
    const text = faultReportText([broken, passed]);

    expect(text).toContain("**a key has one holder at a time**");
    expect(text).toContain("**disk-full**: no file system can be mounted here (`00000003`)");
    expect(text).toContain("watches, not judged: watch c1.1 was compacted twice");
    expect(faultReportText([passed])).toContain("Every nemesis could strike");
    expect(faultReportText([passed])).not.toContain("## Findings");
  });

  test("holds no markup of a summary's text", () => {
    const odd = { ...broken, untested: ["<b>a | b</b>\nc"], faults: { "a|<i>": 2 } };
    const text = faultReportText([odd]);

    expect(text).not.toMatch(/<[bi]>/);
    expect(text).toContain("| a\\|&lt;i> | 2 | 1 |");
  });
});

describe("kept summaries", () => {
  test("are read in the order of the runs; other files are none, other JSON is refused", () => {
    const folder = mkdtempSync(join(tmpdir(), "rogerd-runs-"));
    try {
      expect(keptSummaries(folder)).toEqual([]);
      writeFileSync(join(folder, "a.json"), JSON.stringify(passed));
      writeFileSync(join(folder, "b.json"), JSON.stringify(broken));
      writeFileSync(join(folder, "README.md"), "no run");
      expect(keptSummaries(folder)).toEqual([broken, passed]);
      writeFileSync(join(folder, "c.json"), "{}");
      expect(() => keptSummaries(folder)).toThrow("c.json is no summary of a run");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
