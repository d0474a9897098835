// liveness.ts — judges that the cluster works when it can: some time after all is healed calls are answered again, and
// between the strikes at least a tenth of what is answered in the quiet of the beginning, of each workload. A dead
// cluster breaks no other rule.
import { isServed, type StallLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { groupedBy, seconds, textOf, type ToldCall, type ToldHistory } from "./told-history.ts";

export interface LivenessBounds {
  /** After a heal, until the first answer: ten election timeouts; what the machine stood still meanwhile comes on top. */
  readonly answerWithinMs: number;
  /** Of the quiet phase's calls a second. */
  readonly leastShare: number;
}

/** Begin with these words: the phases in which nothing is broken. */
const quiet = "quiet";
const healed = "healed";

/** Where the quiet phase's rate would bring fewer answers, a rate says nothing. */
const expectedLeast = 20;
/** Fewer may just not have been answered yet. */
const begunLeast = 5;

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
  const answered = history.calls.filter(isServed);
  const calms = calmsOf(history);
  const base = calms.find(({ says }) => says.startsWith(quiet));
  const all = streamOf("all calls", answered, base);
  const workloads = [...groupedBy(answered, ({ workload }) => workload)].map(([name, calls]) =>
    streamOf(`calls of ${name}`, calls, base),
  );
  const silent = base === undefined ? [] : silentWorkloads(history.calls, base);
  const after = calms.filter(({ says }) => says.startsWith(healed));
  const judged = after.map((calm) =>
    judgeCalm(calm, { all, workloads, bounds, stalls: history.stalls }),
  );
  const none = all.perSecond > 0 ? silent : [quietIsDead(base)];
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
    readonly stalls: readonly StallLine[];
  },
): JudgedCalm {
  const { all, bounds, stalls, workloads } = by;
  const { from, to } = calm;
  const due = dueAfter(from, bounds.answerWithinMs, stalls);
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

/** Each stall that begins before it is due puts it off. */
function dueAfter(from: number, withinMs: number, stalls: readonly StallLine[]): number {
  let due = from + withinMs * 1_000;
  for (const { at, ms } of stalls) {
    const end = at + ms * 1_000;
    if (at < due && end > from) due += end - Math.max(at, from);
  }
  return due;
}

/** Those of which a few calls were begun in the quiet, and none was answered by its end. */
function silentWorkloads(calls: readonly ToldCall[], quietPhase: Calm): readonly PlacedFinding[] {
  const { from, to } = quietPhase;
  const begun = calls.filter(({ begin }) => from <= begin && begin <= to);
  return [...groupedBy(begun, ({ workload }) => workload)].flatMap(([name, its]) => {
    const isAnswered = its.some((call) => isServed(call) && (call.end ?? to) < to);
    if (its.length < begunLeast || isAnswered || its.every(isWatch)) return [];
    const facts = [`${its.length} calls of ${name} were begun, and none was answered`];
    return [{ property: "each workload is answered before the first strike", facts, at: from }];
  });
}

function isWatch({ asks }: ToldCall): boolean {
  return textOf(asks, "form") === "watch";
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
