// fault-lanes.ts — the lanes on top: phases, findings, who led in which term, all strikes, and what struck each node.
import type { PlacedFinding } from "../checkers/finding.ts";
import type { RunLine } from "../history/history-line.ts";
import { boxes, type Fact, type Lane, packed, posts, type Tag } from "./lanes.ts";
import { html, type Markup } from "./markup.ts";
import { type RunStory, type ToldStrike, unionOf } from "./run-story.ts";
import type { MsSpan, TimeScale } from "./scale.ts";
import { byName, placeText, timeText } from "./words.ts";

export interface Drawn {
  readonly story: RunStory;
  readonly time: TimeScale;
}

const bandPx = 18;
const strikePx = 15;

/** Drawn once; lanes that are shaded refer to it. */
export function shadeMarkup({ story, time }: Drawn): Markup {
  const spans = unionOf(story.strikes).map((strike) => time.span(strike));
  return html`<svg width="0" height="0" aria-hidden="true"><defs><g id="shade">${boxes(spans, { className: "shade", topPx: 0, heightPx: 999 })}</g></defs></svg>`;
}

export function phaseLane({ story, time }: Drawn): Lane {
  const bands = untilNext(story.phases, { time, end: story.to });
  const tags = bands.map(({ line, ...span }): Tag => {
    return { ...span, text: line.says, topPx: 0, heightPx: bandPx, look: "phase" };
  });
  return {
    name: "phase",
    heightPx: bandPx,
    marks: marksOf(
      posts(
        bands.map(({ fromMs }) => fromMs),
        { className: "post", heightPx: bandPx },
      ),
    ),
    tags,
    facts: bands.map(({ fromMs, toMs, line }) => ({
      fromMs,
      toMs,
      text: `${line.says}, ${timeText(toMs - fromMs)}`,
    })),
  };
}

/** Which colour a node has, everywhere on the page. */
export function nodeLook(name: string, nodes: readonly string[]): string {
  const at = nodes.indexOf(name);
  return at === -1 ? "of" : `of of${at % 6}`;
}

export function leaderLane({ story, time }: Drawn, nodes: readonly string[]): Lane {
  const bands = untilNext(story.elections, { time, end: story.to });
  const tags = bands.map(({ line, ...span }): Tag => {
    const look = `leader ${nodeLook(leaderOf(line), nodes)}`;
    return { ...span, text: leadershipText(line), topPx: 0, heightPx: bandPx, look };
  });
  const facts = bands.map(({ fromMs, toMs, line }): Fact => {
    const text = `${leadershipText(line)}: from ${placeText(fromMs)} until the next was elected, ${timeText(toMs - fromMs)} later`;
    return { fromMs, toMs, text };
  });
  return { name: "leader", title: "leader and term", heightPx: bandPx, marks: [], tags, facts };
}

function leaderOf(line: RunLine): string {
  return line.whom[0] ?? "?";
}

function leadershipText(line: RunLine): string {
  return line.term === undefined ? leaderOf(line) : `${leaderOf(line)} · term ${line.term}`;
}

interface Band extends MsSpan {
  readonly line: RunLine;
}

function untilNext(
  lines: readonly RunLine[],
  run: { readonly time: TimeScale; readonly end: number },
): readonly Band[] {
  return lines.map((line, at) => ({
    ...run.time.span({ from: line.at, to: lines[at + 1]?.at ?? run.end }),
    line,
  }));
}

/** A number is the finding's; the list of findings leads here. */
export function findingsLane(findings: readonly PlacedFinding[], time: TimeScale): Lane {
  const placed = findings.flatMap(({ at, property }, index) => {
    if (at === undefined) return [];
    const ms = time.at(at);
    return [{ fromMs: ms, toMs: ms, text: `finding ${index + 1}: ${property}`, number: index + 1 }];
  });
  const tags = placed.map(({ fromMs, number }): Tag => {
    return { fromMs, toMs: fromMs, text: String(number), topPx: 1, heightPx: 16, look: "finding" };
  });
  return { name: "findings", heightPx: bandPx, marks: [], tags, facts: placed };
}

export function strikesLane(drawn: Drawn): Lane {
  return laneOfStrikes("all faults", drawn.story.strikes, drawn);
}

/** One of each node, and of whatever else was struck that is no worker. */
export function struckLanes(drawn: Drawn, nodes: readonly string[]): readonly Lane[] {
  const { story } = drawn;
  const workers = new Set(story.calls.map(({ worker }) => worker));
  const others = story.strikes.flatMap(({ whom }) => whom).filter((name) => !workers.has(name));
  const names = [...new Set([...nodes, ...others])].sort(byName);
  return names.map((name) => {
    const strikes = story.strikes.filter(({ whom }) => whom.includes(name));
    const lane = laneOfStrikes(name, strikes, drawn);
    return nodes.includes(name) ? withLeadership(lane, { name, drawn, nodes }) : lane;
  });
}

function laneOfStrikes(name: string, strikes: readonly ToldStrike[], { time }: Drawn): Lane {
  const rows = packed(strikes.map((strike) => ({ ...time.span(strike), strike })));
  const tags = rows.flatMap((row, at) =>
    row.map(({ strike, ...span }): Tag => {
      const topPx = 1 + at * strikePx;
      return { ...span, text: strike.name, topPx, heightPx: strikePx - 1, look: "strike" };
    }),
  );
  const facts = rows.flat().map(({ fromMs, toMs, strike }): Fact => {
    const lasted = strike.isHealed ? `healed after ${timeText(toMs - fromMs)}` : "never healed";
    return { fromMs, toMs, text: `${strike.name}: ${strike.says}, ${lasted}` };
  });
  return { name, heightPx: Math.max(1, rows.length) * strikePx + 3, marks: [], tags, facts };
}

/** A line at the bottom while it leads. */
function withLeadership(
  lane: Lane,
  node: { readonly name: string; readonly drawn: Drawn; readonly nodes: readonly string[] },
): Lane {
  const { story, time } = node.drawn;
  const bands = untilNext(story.elections, { time, end: story.to });
  const led = bands.filter(({ line }) => leaderOf(line) === node.name);
  const className = nodeLook(node.name, node.nodes);
  const strip = boxes(led, { className, topPx: lane.heightPx, heightPx: 3 });
  const facts = led.map(({ fromMs, toMs, line }) => ({ fromMs, toMs, text: leadershipText(line) }));
  return {
    ...lane,
    heightPx: lane.heightPx + 3,
    marks: [...lane.marks, ...marksOf(strip)],
    facts: [...lane.facts, ...facts],
  };
}

export function marksOf(...marks: readonly (Markup | undefined)[]): readonly Markup[] {
  return marks.filter((mark) => mark !== undefined);
}
