// one-log.ts — judges the logs that nodes leave, as log/committed-log.ts read them: they hold one entry at each index that
// is committed (V3, V5), and applied once more from the first entry on they make the state that nodes say they have (V9).

import type { DamagedLog, RunLine } from "../history/history-line.ts";
import type { StateHashes } from "./equal-states.ts";
import { damaging } from "./explained-ends.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import type { ToldHistory } from "./told-history.ts";

export function checkLog({ happened, log, run }: ToldHistory, states: StateHashes): Checked {
  if (log === undefined) return { findings: [], counts: { "entries folded": 0 } };
  const { damaged, disagreements, entries, hash, lives, through, unread } = log;
  const compared = [...states].filter(([, { index }]) => index === through);
  const others = compared.filter(([, state]) => state.hash !== hash);
  const different = others.map(([node, state]) => ({
    property: "a state is not what the committed log makes (V9)",
    facts: [
      `${node}  has applied up to ${state.index}: state ${state.hash}`,
      `the committed log through ${through} makes it ${hash}`,
    ],
    where: node,
  }));
  const unexplained = damaged.filter(({ node }) => !isStruck(node, run));
  const spoiled = unexplained.filter(({ isThere }) => isThere);
  const gone = unexplained.filter(({ isThere }) => !isThere).map(({ says }) => says);
  const isWhole = compared.length === states.size;
  const short = `nodes have applied more than the ${through} entries that could be folded`;
  return {
    findings: [...disagreements, ...different, ...spoiled.map(damage)],
    counts: {
      "logs of nodes": lives,
      "entries read": entries,
      "entries folded": through,
      "states compared": compared.length,
      "events that happened": happened.length,
    },
    unjudged: [...unread, ...gone, ...(isWhole ? [] : [short])],
  };
}

/** A power cut takes no more than what was never synced, which is no damage. */
function damage({ node, says }: DamagedLog): PlacedFinding {
  return { property: "a log is damaged, and nobody damaged it", facts: [says], where: node };
}

function isStruck(node: string, run: readonly RunLine[]): boolean {
  const strikes = run.filter(({ kind, whom }) => kind === "strike" && whom.includes(node));
  return strikes.some(({ name }) => damaging.some((each) => each === name));
}
