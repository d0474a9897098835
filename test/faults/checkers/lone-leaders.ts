// lone-leaders.ts — judges who led, as the nodes themselves said: of one term there is one leader at most (V1, thesis §3.4).
import type { Checked } from "./finding.ts";
import { groupedBy, seconds, type ToldHistory } from "./told-history.ts";

export function checkLeaders({ run }: ToldHistory): Checked {
  const elections = run.flatMap((line) =>
    line.kind === "elected" && line.term !== undefined ? [{ ...line, term: line.term }] : [],
  );
  const byTerm = groupedBy(elections, ({ term }) => String(term));
  const findings = [...byTerm].flatMap(([term, its]) => {
    const leaders = new Set(its.flatMap(({ whom }) => whom));
    if (leaders.size < 2) return [];
    const facts = its.map(({ at, says }) => `${seconds(at)} s: ${says}`);
    return [{ property: `term ${term} has two leaders (V1)`, facts }];
  });
  return { findings, counts: { elections: elections.length } };
}
