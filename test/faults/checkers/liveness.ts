// liveness.ts — judges that the cluster works when it can: some time after all is healed calls are answered again, and
// between the strikes at least a tenth of what is answered in the quiet of the beginning. A dead cluster breaks no
// other rule.
import type { PlacedFinding } from "../report/summary.ts";
import type { Checked } from "./finding.ts";
import { seconds, type ToldHistory } from "./told-history.ts";

export interface LivenessBounds {
  /** After a heal, until the first answer: ten election timeouts, and how long the machine itself stood still. */
  readonly answerWithinMs: number;
  /** Of the quiet phase's calls a second. */
  readonly leastShare: number;
}

/** Begin with these words: the phases in which nothing is broken. */
const quiet = "quiet";
const healed = "healed";

/** In less a rate says nothing. */
const windowLeastUs = 1_000_000;

interface Calm {
  readonly says: string;
  readonly from: number;
  readonly to: number;
}

export function checkLiveness(history: ToldHistory, bounds: LivenessBounds): Checked {
  const answers = history.calls
    .flatMap(({ end, outcome }) => (outcome === "answered" && end !== undefined ? [end] : []))
    .sort((one, other) => one - other);
  const calms = calmsOf(history);
  const base = calms.find(({ says }) => says.startsWith(quiet));
  const perSecond = base === undefined ? 0 : rateOf(answers, base);
  const after = calms.filter(({ says }) => says.startsWith(healed));
  const judged = after.map((calm) => judgeCalm(calm, { answers, perSecond, bounds }));
  const none = perSecond > 0 ? [] : [quietIsDead(base)];
  return {
    findings: [...none, ...judged.flatMap(({ findings }) => findings)],
    counts: {
      "answered calls": answers.length,
      heals: after.length,
      "heals judged": judged.filter(({ isJudged }) => isJudged).length,
      "rates judged": judged.filter(({ hasRate }) => hasRate).length,
      "answers a second in the quiet phase": Math.round(perSecond),
    },
  };
}

/** From such a phase to the next strike or phase. */
function calmsOf({ lastAt, run }: ToldHistory): readonly Calm[] {
  const turns = run.filter(({ kind }) => kind === "phase" || kind === "strike");
  return turns.flatMap(({ at: from, kind, says }, index) => {
    const isCalm = kind === "phase" && (says.startsWith(quiet) || says.startsWith(healed));
    return isCalm ? [{ says, from, to: turns[index + 1]?.at ?? lastAt }] : [];
  });
}

function judgeCalm(
  calm: Calm,
  by: {
    readonly answers: readonly number[];
    readonly perSecond: number;
    readonly bounds: LivenessBounds;
  },
): {
  readonly findings: readonly PlacedFinding[];
  readonly isJudged: boolean;
  readonly hasRate: boolean;
} {
  const { answers, bounds, perSecond } = by;
  const { from, to } = calm;
  const due = from + bounds.answerWithinMs * 1_000;
  const first = answers.find((at) => at > from);
  const isAnswered = first !== undefined && first <= Math.min(due, to);
  if (!isAnswered && to < due) return { findings: [], isJudged: false, hasRate: false };
  if (!isAnswered) {
    const next =
      first === undefined ? "none was after it" : `the next one was at ${seconds(first)} s`;
    const facts = [
      `all is healed at ${seconds(from)} s, and nothing is broken before ${seconds(to)} s`,
      `no call was answered within ${bounds.answerWithinMs} ms: ${next}`,
    ];
    const property = "calls are answered again after a heal (V21)";
    return { findings: [{ property, facts, at: from }], isJudged: true, hasRate: false };
  }
  const recovered = { ...calm, from: first };
  if (to - first < windowLeastUs) return { findings: [], isJudged: true, hasRate: false };
  const rate = rateOf(answers, recovered);
  const isEnough = rate >= perSecond * bounds.leastShare;
  return {
    findings: isEnough ? [] : [tooSlow(recovered, { rate, perSecond })],
    isJudged: true,
    hasRate: true,
  };
}

function tooSlow(
  { from, to }: Calm,
  { perSecond, rate }: { readonly rate: number; readonly perSecond: number },
): PlacedFinding {
  const facts = [
    `from ${seconds(from)} to ${seconds(to)} s nothing is broken: ${rate.toFixed(1)} answers a second`,
    `in the quiet phase it was ${perSecond.toFixed(1)}`,
  ];
  return { property: "the cluster works between strikes", facts, at: from };
}

function quietIsDead(base: Calm | undefined): PlacedFinding {
  const facts = [
    base === undefined
      ? "there is no quiet phase: no rate can be compared"
      : `from ${seconds(base.from)} to ${seconds(base.to)} s nothing was broken, and nothing answered`,
  ];
  return { property: "the cluster works before the first strike", facts };
}

function rateOf(answers: readonly number[], { from, to }: Calm): number {
  if (to <= from) return 0;
  return answers.filter((at) => at >= from && at <= to).length / ((to - from) / 1_000_000);
}
