// html.ts — the report of one run as one HTML file.
import { writeFileSync } from "node:fs";
import type { HistoryLine } from "../history/history-line.ts";
import { pageText } from "./page.ts";
import { storyOf } from "./run-story.ts";
import { type RunFacts, type RunSummary, summaryOfStory } from "./summary.ts";

export interface Report {
  readonly summary: RunSummary;
  readonly page: string;
}

/** Reads the lines once for both. */
export function reportOf(lines: readonly HistoryLine[], facts: RunFacts): Report {
  const story = storyOf(lines);
  const summary = summaryOfStory(story, facts);
  return { summary, page: pageText({ story, facts, summary }) };
}

export function writeReport(
  report: Report,
  files: { readonly page: string; readonly summary: string },
): void {
  writeFileSync(files.page, report.page);
  writeFileSync(files.summary, `${JSON.stringify(report.summary, null, 2)}\n`);
}
