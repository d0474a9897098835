// page.ts — the page of a run, one file that needs no other: figures and verdicts, a legend, and the time line with all
// its lanes. Styles and script have files of their own and are put into it: page-style.css, time-line-style.css,
// page-script.js.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../project-root.ts";
import type { PlacedFinding } from "../checkers/finding.ts";
import { callLanes } from "./call-lanes.ts";
import {
  type Drawn,
  findingsLane,
  leaderLane,
  nodeLook,
  phaseLane,
  shadeMarkup,
  strikesLane,
  struckLanes,
} from "./fault-lanes.ts";
import { figuresMarkup, headMarkup, tablesMarkup, verdictsMarkup } from "./figures.ts";
import { heldLanes } from "./held-lanes.ts";
import { type Lane, type LaneGroup, laneMarkup } from "./lanes.ts";
import { html, inlineJson, Markup } from "./markup.ts";
import { latencyLane, throughputLane } from "./plots.ts";
import type { RunStory } from "./run-story.ts";
import { TimeScale } from "./scale.ts";
import type { RunFacts, RunSummary } from "./summary.ts";

export interface Reported {
  readonly story: RunStory;
  readonly facts: RunFacts;
  readonly summary: RunSummary;
}

export function pageText({ story, facts, summary }: Reported): string {
  const time = new TimeScale(story);
  const findings = facts.verdicts.flatMap((verdict) => verdict.findings);
  const groups = groupsOf({ story, time }, { nodes: facts.nodes, findings });
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fault test ${summary.seed}</title>
<style>${own("page-style.css")}${own("time-line-style.css")}</style>
</head>
<body>
${headMarkup(summary)}${figuresMarkup(summary)}${verdictsMarkup(facts, time)}${tablesMarkup(summary)}
${legendMarkup(facts.nodes)}
${shadeMarkup({ story, time })}${lineMarkup({ groups, findings, time })}
<script type="application/json" id="facts">${inlineJson(shownFacts(groups))}</script>
<script>${own("page-script.js")}</script>
</body>
</html>
`;
  return page.text;
}

function own(file: string): Markup {
  return new Markup(readFileSync(join(projectRoot, "test/faults/report", file), "utf8"));
}

function groupsOf(
  drawn: Drawn,
  run: { readonly nodes: readonly string[]; readonly findings: readonly PlacedFinding[] },
): readonly LaneGroup[] {
  const { nodes, findings } = run;
  const named = new Set(findings.flatMap(({ where }) => (where === undefined ? [] : [where])));
  const told = findings.some(({ at }) => at !== undefined);
  const top: readonly Lane[] = [
    ...(told ? [findingsLane(findings, drawn.time)] : []),
    phaseLane(drawn),
    leaderLane(drawn, nodes),
    throughputLane(drawn),
    latencyLane(drawn),
    strikesLane(drawn),
  ];
  const groups: readonly LaneGroup[] = [
    { title: "The run", says: "", lanes: top },
    {
      title: "Hosts",
      says: "what struck each; the line below a node: it leads",
      lanes: struckLanes(drawn, nodes),
    },
    { title: "Workers", says: "calls of each", lanes: callLanes(drawn) },
    { title: "Held", says: "who had which key or job", lanes: heldLanes(drawn, named) },
  ];
  return groups.filter(({ lanes }) => lanes.length > 0);
}

function lineMarkup(parts: {
  readonly groups: readonly LaneGroup[];
  readonly findings: readonly PlacedFinding[];
  readonly time: TimeScale;
}): Markup {
  const { groups, findings, time } = parts;
  let number = 0;
  const rows = groups.map(({ title, says, lanes }) => {
    const drawn = lanes.map((lane) => {
      number += 1;
      return laneMarkup(lane, { number: number - 1, lengthMs: time.lengthMs });
    });
    return html`<h2>${title} <small>${says}</small></h2>
<div class="lanes">${drawn}</div>
`;
  });
  const marks = findings.flatMap(({ at }) =>
    at === undefined ? [] : [html`<span class="mark" style="--from:${time.at(at)}"></span>`],
  );
  return html`<section id="line" data-length="${time.lengthMs}" style="--t0:0;--dt:${time.lengthMs}">
<div class="bar"><div class="name"><button data-zoom="whole" title="show the whole run">all</button><button data-zoom="in" title="closer">+</button><button data-zoom="out" title="further">−</button><button data-zoom="back" title="earlier">‹</button><button data-zoom="on" title="later">›</button></div><div class="axis"></div></div>
<div class="over">${marks}<span class="cursor" hidden></span></div>
${rows}
<div id="told" hidden></div>
</section>
`;
}

/** By the lane's number on the page: from, to, text. */
function shownFacts(groups: readonly LaneGroup[]): readonly (readonly (number | string)[])[][] {
  return groups.flatMap(({ lanes }) =>
    lanes.map(({ facts }) => facts.map(({ fromMs, toMs, text }) => [fromMs, toMs, text])),
  );
}

function legendMarkup(nodes: readonly string[]): Markup {
  const entry = (look: string, text: string): Markup =>
    html`<span class="entry"><i class="${look}"></i>${text}</span>`;
  const leaders = nodes.map((name) =>
    entry(`swatch leader ${nodeLook(name, nodes)}`, `${name} leads`),
  );
  return html`<section class="legend"><h2>Legend</h2>
${leaders}
${entry("swatch strike", "a fault, until healed")}
${entry("swatch shade", "something is broken")}
${entry("swatch answered", "answered; the stronger, the more")}
${entry("swatch failed", "without effect")}
${entry("swatch unknown", "unknown: may have taken effect")}
${entry("swatch still", "worker stands still")}
${entry("swatch kill", "worker killed")}
${entry("swatch held", "held, a colour per owner")}
${entry("swatch open", "nobody told its end")}
${entry("line p50", "p50")}${entry("line p99", "p99")}${entry("line max", "max")}
<p>Point at anything for facts. Drag across the time line to look closer, double-click for the whole run; the keys + − ← → do the same.</p>
</section>`;
}
