// explained-ends.ts — judges how nodes ended: by the run, or by themselves in a way that what was done to them explains. A bug
// (1) explains nothing, and nor does damage that nobody did: what a power cut leaves must be readable.
import type { NodeEndLine, RunLine } from "../history/history-line.ts";
import type { Checked } from "./finding.ts";
import { seconds, type ToldHistory } from "./told-history.ts";

/** Whose log they strike may be damaged. */
export const damaging = ["torn-tail", "bit-rot", "lying-sync"] as const;

/** What a node may end of by itself, and the nemeses of which: struck was it. */
const explains: Readonly<Record<string, readonly string[]>> = {
  // Its data is damaged.
  65: damaging,
  // It can't write.
  74: ["failing-disk", "full-disk", "hung-disk", "power-cut", "lying-sync"],
  // It is no member any more, or was let in by nobody.
  78: ["churn", "wiped-disk", ...damaging],
  // V8 gets no memory.
  SIGABRT: ["memory-pressure"],
};
/** In order, or by force. */
const ordered: ReadonlySet<number | string> = new Set([0, "SIGKILL"]);

export function checkEnds({ ends, run }: ToldHistory): Checked {
  const unexplained = ends.filter((end) => !isExplained(end, run));
  const findings = unexplained.map(({ at, node, of, words }) => {
    const facts = [`${seconds(at)} s: ${node} ended with ${of}`, words];
    return { property: "a node ends only as what was done to it explains", facts, at, where: node };
  });
  return { findings, counts: { runs: 1, "ends of nodes": ends.length } };
}

function isExplained(end: NodeEndLine, run: readonly RunLine[]): boolean {
  const { isAsked, of } = end;
  if (isAsked && ordered.has(of)) return true;
  return strikesAround(end, run).some((name) => explains[of]?.includes(name) === true);
}

/** At this node, between the two phases that it ended between; a strike is told once it is done. */
function strikesAround({ at, node }: NodeEndLine, run: readonly RunLine[]): readonly string[] {
  const phases = run.filter(({ kind }) => kind === "phase").map((line) => line.at);
  const from = phases.findLast((phase) => phase <= at) ?? 0;
  const to = phases.find((phase) => phase > at) ?? Number.POSITIVE_INFINITY;
  const strikes = run.filter(({ kind, whom }) => kind === "strike" && whom.includes(node));
  return strikes
    .filter((strike) => from <= strike.at && strike.at < to)
    .flatMap(({ name }) => (name === undefined ? [] : [name]));
}
