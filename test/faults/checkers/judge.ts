// judge.ts — judges a run by its history: all checkers, one after the other, a verdict each. What was not looked at is
// said: a checker that judged nothing proves nothing.
import { checkWatches } from "./agreeing-watches.ts";
import { checkEndedHolds } from "./ended-holds.ts";
import { checkConvergence, type StateHashes } from "./equal-states.ts";
import { checkEnds } from "./explained-ends.ts";
import { type Checked, type CheckerVerdict, shortened } from "./finding.ts";
import { checkFirstCome } from "./first-come.ts";
import { checkTokens } from "./grown-tokens.ts";
import { checkLiveness } from "./liveness.ts";
import { checkExclusion } from "./lone-holders.ts";
import { checkLeaders } from "./lone-leaders.ts";
import { checkQueueKeyAnswers, checkRogerAnswers } from "./object-answers.ts";
import { checkOnce } from "./once-only.ts";
import { checkLog } from "./one-log.ts";
import { checkFailures } from "./possible-failures.ts";
import { checkRefusals } from "./refused-starts.ts";
import type { ToldHistory } from "./told-history.ts";

export interface Judged {
  readonly history: ToldHistory;
  /** At the end, when all had time to come to one index. */
  readonly states: StateHashes;
  /** So many nodes at least are there in the end. */
  readonly voters: number;
  /** After a heal, until calls are answered again; what this machine itself stood still meanwhile comes on top. */
  readonly answerWithinMs: number;
}

/** A cluster that does less than this of what it did in the quiet does not work. */
const leastShare = 0.1;

export function judge({
  answerWithinMs,
  history,
  states,
  voters,
}: Judged): readonly CheckerVerdict[] {
  const checked: Readonly<Record<string, Checked>> = {
    "Roger's answers": checkRogerAnswers(history),
    "queue keys' answers": checkQueueKeyAnswers(history),
    tokens: checkTokens(history),
    exclusion: checkExclusion(history),
    takeovers: checkEndedHolds(history),
    "first come": checkFirstCome(history),
    "cancels and pauses": checkRefusals(history),
    watches: checkWatches(history),
    "exactly once": checkOnce(history),
    failures: checkFailures(history),
    liveness: checkLiveness(history, { answerWithinMs, leastShare }),
    leaders: checkLeaders(history),
    convergence: checkConvergence(states, voters),
    "the log": checkLog(history, states),
    "ends of nodes": checkEnds(history),
  };
  return Object.entries(checked).map(([checker, each]) => verdictOf(checker, each));
}

function verdictOf(checker: string, { counts, findings, unjudged = [] }: Checked): CheckerVerdict {
  const isEmpty = Object.values(counts).every((count) => count === 0);
  const said = isEmpty ? [...unjudged, "nothing in this run was of its kind"] : unjudged;
  return { checker, counts, findings: shortened(findings), unjudged: said };
}
