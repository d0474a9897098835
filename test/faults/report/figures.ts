// figures.ts — what stands above the time line: the verdict, the seed and the command that repeats the run, figures,
// faults by nemesis, what could not be done, and each checker's findings, which lead to their place.
import type { CheckerVerdict } from "../checkers/finding.ts";
import { html, type Markup } from "./markup.ts";
import type { TimeScale } from "./scale.ts";
import { isJudged, type RunFacts, type RunSummary } from "./summary.ts";
import { latencyText } from "./plots.ts";
import { countsText, nodesText, numberText, placeText, several, timeText } from "./words.ts";

export function headMarkup(summary: RunSummary): Markup {
  const found = summary.verdicts.reduce((sum, { findingsCount }) => sum + findingsCount, 0);
  const says = found === 0 ? "nothing was judged" : several(found, "finding");
  const verdict = summary.hasPassed
    ? html`<b class="verdict passed">✓ nothing found</b>`
    : html`<b class="verdict broken">✗ ${says}</b>`;
  return html`<header>
<h1>Fault test <code>${summary.seed}</code> ${verdict}</h1>
<p class="facts">rogerd ${summary.version} at <code>${summary.commit.slice(0, 12)}</code>, ${summary.startedAt.replace("T", " ").slice(0, 16)} UTC, ${several(summary.minutes, "minute")}, ${nodesText(summary)}, hosts are ${summary.hosts}, ${several(summary.workers, "worker")}.</p>
<p class="facts">Again: <code class="command">${summary.command}</code></p>
</header>
`;
}

export function figuresMarkup(summary: RunSummary): Markup {
  const { calls, kills, latency, longestUnavailableMs } = summary;
  const strikes = Object.values(summary.faults).reduce((sum, count) => sum + count, 0);
  const unavailable = longestUnavailableMs === null ? "–" : timeText(longestUnavailableMs);
  const figure = (name: string, value: string, more: string): Markup =>
    html`<div class="figure"><b>${value}</b><span>${name}</span><small>${more}</small></div>`;
  const outcomes = `${numberText(calls.answered)} answered, ${numberText(calls["without-effect"])} without effect, ${numberText(calls.unknown)} unknown`;
  return html`<section class="figures">
${figure("calls", numberText(calls.all), outcomes)}
${figure("faults", numberText(strikes), `of ${several(Object.keys(summary.faults).length, "kind")}`)}
${figure("elections", numberText(summary.elections), "")}
${figure("kills", numberText(kills.nodes + kills.workers), `${several(kills.nodes, "node")}, ${several(kills.workers, "worker")}`)}
${figure("longest unavailability after a heal", unavailable, "nobody was answered, though all was healed")}
${figure("latency in quiet, p50", latency.quiet === null ? "–" : timeText(latency.quiet.p50Ms), latency.quiet === null ? "" : latencyText(latency.quiet))}
${figure("latency under faults, p50", latency.faults === null ? "–" : timeText(latency.faults.p50Ms), latency.faults === null ? "" : latencyText(latency.faults))}
</section>
`;
}

export function tablesMarkup(summary: RunSummary): Markup {
  return html`<section class="tables">
${table("Calls by workload", ["workload", "answered", "without effect", "unknown"], callRows(summary))}
${table("Faults by nemesis", ["nemesis", "strikes"], faultRows(summary))}
${untestedMarkup(summary)}
</section>
`;
}

function callRows(summary: RunSummary): readonly (readonly string[])[] {
  return Object.entries(summary.calls.byWorkload).map(([workload, counts]) => [
    workload,
    numberText(counts.answered),
    numberText(counts["without-effect"]),
    numberText(counts.unknown),
  ]);
}

function faultRows(summary: RunSummary): readonly (readonly string[])[] {
  return Object.entries(summary.faults).map(([name, count]) => [name, numberText(count)]);
}

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): Markup {
  if (rows.length === 0) return html`<div><h2>${title}</h2><p>None.</p></div>`;
  const head = heads.map((each) => html`<th>${each}</th>`);
  const body = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  return html`<div><h2>${title}</h2><table><tr>${head}</tr>${body}</table></div>`;
}

function untestedMarkup({ refused, untested }: RunSummary): Markup {
  if (refused.length + untested.length === 0) return html``;
  const nemeses = refused.map(({ name, why }) => html`<li><b>${name}</b>: ${why}</li>`);
  const others = untested.map((each) => html`<li>${each}</li>`);
  return html`<div class="wide"><h2>Not tested</h2><ul>${nemeses}${others}</ul></div>`;
}

/** Findings are numbered through all checkers, as on the time line. */
export function verdictsMarkup({ verdicts }: RunFacts, time: TimeScale): Markup {
  let number = 0;
  const rows = verdicts.map((verdict) => {
    const findings = verdict.findings.map((finding) => {
      number += 1;
      return findingMarkup({ finding, number, time });
    });
    return verdictMarkup(verdict, findings);
  });
  return html`<section class="verdicts"><h2>Verdicts</h2>${rows}</section>
`;
}

function verdictMarkup(verdict: CheckerVerdict, findings: readonly Markup[]): Markup {
  const { checker, counts, unjudged = [] } = verdict;
  const good = isJudged([verdict]) ? html`<b class="passed">✓</b>` : html`<b>–</b>`;
  const mark = findings.length === 0 ? good : html`<b class="broken">✗</b>`;
  const notes = unjudged.map((each) => html`<li class="unjudged">not judged: ${each}</li>`);
  const list =
    findings.length + notes.length === 0 ? undefined : html`<ul>${findings}${notes}</ul>`;
  return html`<div class="checker">${mark} <b>${checker}</b> <span>${countsText(counts)}</span>${list}</div>`;
}

function findingMarkup(parts: {
  readonly finding: CheckerVerdict["findings"][number];
  readonly number: number;
  readonly time: TimeScale;
}): Markup {
  const { finding, number, time } = parts;
  const { property, facts, at, where } = finding;
  const place =
    at === undefined
      ? undefined
      : html` <a href="#line" data-at="${time.at(at)}" data-where="${where}">at ${placeText(time.at(at))}${where === undefined ? "" : `, ${where}`}</a>`;
  const told = facts.map((fact) => html`<li>${fact}</li>`);
  return html`<li class="found"><b>${number}. ${property}</b>${place}<ul>${told}</ul></li>`;
}
