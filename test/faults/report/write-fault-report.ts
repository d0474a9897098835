// write-fault-report.ts — `npm run fault-report`: writes docs/fault-report.md anew from the kept summaries.
import { writeFileSync } from "node:fs";
import { faultReportFile, faultReportText, keptSummaries } from "./fault-report.ts";

const summaries = keptSummaries();
writeFileSync(faultReportFile, faultReportText(summaries));
process.stdout.write(`${faultReportFile}: ${summaries.length} runs\n`);
