// html.ts — the report of one run as one HTML file.
import { writeFileSync } from "node:fs";
import type { ToldHistory } from "../checkers/told-history.ts";
import { pageText } from "./page.ts";
import { storyOf } from "./run-story.ts";
import { type RunFacts, type RunSummary, summaryOf } from "./summary.ts";

export interface Report {
  readonly summary: RunSummary;
  readonly page: string;
}

export function reportOf(told: ToldHistory, facts: RunFacts): Report {
  const story = storyOf(told);
  const summary = summaryOf(story, facts);
  return { summary, page: pageText({ story, facts, summary }) };
}

export function writeReport(
  report: Report,
  files: { readonly page: string; readonly summary: string },
): void {
  writeFileSync(files.page, report.page);
  writeFileSync(files.summary, `${JSON.stringify(report.summary, null, 2)}\n`);
}
