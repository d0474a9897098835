// liveness.ts — judges that the cluster works when it can: some time after all is healed calls are answered again, and
// between the strikes at least a tenth of what is answered in the quiet of the beginning, of each workload. A dead
// cluster breaks no other rule.
import type { Checked, PlacedFinding } from "./finding.ts";
import { groupedBy, seconds, type ToldCall, type ToldHistory } from "./told-history.ts";

export interface LivenessBounds {
  /** After a heal, until the first answer: ten election timeouts, and how long the machine itself stood still. */
  readonly answerWithinMs: number;
  /** Of the quiet phase's calls a second. */
  readonly leastShare: number;
}

/** Begin with these words: the phases in which nothing is broken. */
const quiet = "quiet";
const healed = "healed";

/** Where the quiet phase's rate would bring fewer answers, a rate says nothing. */
const expectedLeast = 20;

interface Calm {
  readonly says: string;
  readonly from: number;
  readonly to: number;
}

/** What is answered: of all calls, or of one workload's. */
interface Stream {
  readonly of: string;
  /** When, in order. */
  readonly answers: readonly number[];
  /** In the quiet phase. */
  readonly perSecond: number;
}

export function checkLiveness(history: ToldHistory, bounds: LivenessBounds): Checked {
  const answered = history.calls.filter(({ outcome }) => outcome === "answered");
  const calms = calmsOf(history);
  const base = calms.find(({ says }) => says.startsWith(quiet));
  const all = streamOf("all calls", answered, base);
  const workloads = [...groupedBy(answered, ({ workload }) => workload)].map(([name, calls]) =>
    streamOf(`calls of ${name}`, calls, base),
  );
  const after = calms.filter(({ says }) => says.startsWith(healed));
  const judged = after.map((calm) => judgeCalm(calm, { all, workloads, bounds }));
  const none = all.perSecond > 0 ? [] : [quietIsDead(base)];
  return {
    findings: [...none, ...judged.flatMap(({ findings }) => findings)],
    counts: {
      "answered calls": answered.length,
      heals: after.length,
      "heals judged": judged.filter(({ isJudged }) => isJudged).length,
      "rates judged": judged.reduce((sum, { rates }) => sum + rates, 0),
      "answers a second in the quiet phase": Math.round(all.perSecond),
    },
  };
}

function streamOf(of: string, calls: readonly ToldCall[], base: Calm | undefined): Stream {
  const answers = calls
    .flatMap(({ end }) => (end === undefined ? [] : [end]))
    .sort((one, other) => one - other);
  return { of, answers, perSecond: base === undefined ? 0 : rateOf(answers, base) };
}

/** From such a phase to the next strike or phase. */
function calmsOf({ lastAt, run }: ToldHistory): readonly Calm[] {
  const turns = run.filter(({ kind }) => kind === "phase" || kind === "strike");
  return turns.flatMap(({ at: from, kind, says }, index) => {
    const isCalm = kind === "phase" && (says.startsWith(quiet) || says.startsWith(healed));
    return isCalm ? [{ says, from, to: turns[index + 1]?.at ?? lastAt }] : [];
  });
}

interface JudgedCalm {
  readonly findings: readonly PlacedFinding[];
  readonly isJudged: boolean;
  readonly rates: number;
}

function judgeCalm(
  calm: Calm,
  by: {
    readonly all: Stream;
    readonly workloads: readonly Stream[];
    readonly bounds: LivenessBounds;
  },
): JudgedCalm {
  const { all, bounds, workloads } = by;
  const { from, to } = calm;
  const due = from + bounds.answerWithinMs * 1_000;
  const first = all.answers.find((at) => at > from);
  const isAnswered = first !== undefined && first <= Math.min(due, to);
  if (!isAnswered && to < due) return { findings: [], isJudged: false, rates: 0 };
  if (!isAnswered) {
    const next =
      first === undefined ? "none was after it" : `the next one was at ${seconds(first)} s`;
    const facts = [
      `all is healed at ${seconds(from)} s, and nothing is broken before ${seconds(to)} s`,
      `no call was answered within ${bounds.answerWithinMs} ms: ${next}`,
    ];
    const property = "calls are answered again after a heal (V21)";
    return { findings: [{ property, facts, at: from }], isJudged: true, rates: 0 };
  }
  const recovered = { ...calm, from: first };
  const streams = [all, ...workloads].filter(
    ({ perSecond }) => (perSecond * (to - first)) / 1_000_000 >= expectedLeast,
  );
  const slow = streams.filter(
    ({ answers, perSecond }) => rateOf(answers, recovered) < perSecond * bounds.leastShare,
  );
  const findings = slow.map((stream) => tooSlow(recovered, stream));
  return { findings, isJudged: true, rates: streams.length };
}

function tooSlow(calm: Calm, { answers, of, perSecond }: Stream): PlacedFinding {
  const { from, to } = calm;
  const facts = [
    `from ${seconds(from)} to ${seconds(to)} s nothing is broken: of ${of} ${rateOf(answers, calm).toFixed(1)} a second are answered`,
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
