// object-answers.ts — judges the answers about Roger's objects and about queue keys: is there an order of the calls,
// each between its begin and its end, in which a single copy would have answered so (I9)? A call whose outcome is
// not known stays open. An object whose search is too large is a finding too: undecided is not right. A time to live
// is a lower bound: until the first claim of a key may have run out, its answers are those of a copy without a clock.
import type { Call } from "../../checkers/history.ts";
import { checkLinearizability, type Verdict } from "../../checkers/linearizability.ts";
import {
  modelOf,
  objectOf,
  type RogerAnswer,
  type RogerCall,
} from "../../checkers/roger-models.ts";
import type { ClaimsAsks } from "../history/calls.ts";
import { type Checked, type PlacedFinding, undecided } from "./finding.ts";
import { queueKeyModel } from "./queue-key-model.ts";
import {
  callInWords,
  groupedBy,
  numberOf,
  type ToldCall,
  type ToldHistory,
} from "./told-history.ts";

export interface SearchLimits {
  readonly standingsMax: number;
}

const defaultLimits: SearchLimits = { standingsMax: 200_000 };

/** A time to live is never shorter than asked; that much is left for how clocks are read. */
const clockSlackUs = 1_000_000;

export function checkRogerAnswers(history: ToldHistory, limits = defaultLimits): Checked {
  const calls = history.calls.filter(
    ({ workload, outcome }) => workload === "roger" && outcome !== "without-effect",
  );
  const objects = groupedBy(
    calls,
    ({ object, asks }) => `${objectOf(rogerCall(asks))} of ${object}`,
  );
  const findings = [...objects].flatMap(([object, its]) => {
    const model = modelOf(objectOf(rogerCall(its[0]?.asks ?? {})));
    const judged = its.map((call) =>
      timedCall(call, rogerCall(call.asks), rogerAnswer(call.answer)),
    );
    return findingsOf({ object, its, judged }, checkLinearizability(model, judged, limits));
  });
  return { findings, counts: { calls: calls.length, objects: objects.size } };
}

export function checkQueueKeyAnswers(history: ToldHistory, limits = defaultLimits): Checked {
  const claims = history.calls.filter(
    ({ workload, outcome }) => workload === "claims" && outcome !== "without-effect",
  );
  const findings: PlacedFinding[] = [];
  const timed = new Map<string, number>();
  let calls = 0;
  const objects = groupedBy(claims, ({ object }) => object);
  for (const [object, all] of objects) {
    const its = beforeTimeRanOut(all);
    if (its.length < all.length) timed.set(object, all.length - its.length);
    calls += its.length;
    const judged = its.map((call) => timedCall(call, claimsAsks(call.asks), call.answer));
    const verdict = checkLinearizability(queueKeyModel, judged, limits);
    findings.push(...findingsOf({ object, its, judged }, verdict));
  }
  const leftOut = [...timed.values()].reduce((sum, count) => sum + count, 0);
  const counts = { calls, keys: objects.size, "calls left out": leftOut };
  return { findings, counts, unjudged: leftOut === 0 ? [] : [timesMatter(timed, leftOut)] };
}

function timesMatter(keys: ReadonlyMap<string, number>, calls: number): string {
  const some = [...keys.keys()].slice(0, 3).join(", ");
  return `${calls} calls on ${keys.size} queue keys (${some}, …) began when the time of a claim may have run out: no model judges them`;
}

/**
 * Then its key may become free at any moment. What began before and ended after that may have been executed before, and
 * is answered by nobody who can be judged; what began after that has no say in what was before.
 */
function beforeTimeRanOut(calls: readonly ToldCall[]): readonly ToldCall[] {
  const earliest = calls.reduce(
    (first, call) => Math.min(first, mayRunOutAt(call)),
    Number.POSITIVE_INFINITY,
  );
  const until = earliest - clockSlackUs;
  return calls
    .filter(({ begin }) => begin < until)
    .map((call) => ((call.end ?? 0) < until ? call : { ...call, outcome: "unknown" }));
}

/** At the earliest, if it took effect when it began. */
function mayRunOutAt({ asks, begin }: ToldCall): number {
  const lastsMs = Math.min(
    numberOf(asks, "ttlMs") ?? Number.POSITIVE_INFINITY,
    numberOf(asks, "provisionalMs") ?? Number.POSITIVE_INFINITY,
  );
  return begin + lastsMs * 1_000;
}

/** What happens in one microsecond may have happened in any order. */
function timedCall<Input, Output>(
  call: ToldCall,
  input: Input,
  output: Output,
): Call<Input, Output> {
  const isKnown = call.outcome === "answered" && call.end !== undefined;
  return {
    client: 0,
    input,
    begin: 2 * call.begin,
    end: isKnown ? 2 * (call.end ?? 0) + 1 : undefined,
    // An answer that was not told is no answer that a single copy gives.
    output: isKnown ? (output ?? (null as Output)) : undefined,
  };
}

function findingsOf<Input, Output>(
  object: {
    readonly object: string;
    readonly its: readonly ToldCall[];
    readonly judged: readonly Call<Input, Output>[];
  },
  verdict: Verdict<Input, Output>,
): readonly PlacedFinding[] {
  const words = (call: Call<Input, Output>): string => {
    const told = object.its[object.judged.indexOf(call)];
    return told === undefined ? JSON.stringify(call) : callInWords(told);
  };
  switch (verdict.kind) {
    case "linearizable":
      return [];
    case "undecided": {
      const facts = [
        `${object.object}: ${object.its.length} calls`,
        `given up at ${verdict.standingsMax} standings`,
      ];
      return [undecided(unexplained, facts)];
    }
    case "violated": {
      const open = verdict.pending.slice(0, 20).map((call) => `open: ${words(call)}`);
      const before = callsBefore(object.judged, verdict.call).map(
        (call) => `before: ${words(call)}`,
      );
      const facts = [object.object, words(verdict.call), ...open, ...before];
      const at = Math.floor(verdict.call.begin / 2);
      return [{ property: unexplained, facts, at, where: object.object }];
    }
  }
}

/** The last that had ended when it began. */
function callsBefore<Input, Output>(
  calls: readonly Call<Input, Output>[],
  { begin }: Call<Input, Output>,
): readonly Call<Input, Output>[] {
  const ended = calls.flatMap((call) => (call.end === undefined ? [] : [{ call, end: call.end }]));
  const before = ended.filter(({ end }) => end < begin).sort((one, other) => other.end - one.end);
  return before.slice(0, 5).map(({ call }) => call);
}

const unexplained = "no single copy could have answered so (I9)";

function claimsAsks(asks: ToldCall["asks"]): ClaimsAsks {
  return asks as unknown as ClaimsAsks;
}

function rogerCall(asks: ToldCall["asks"]): RogerCall {
  return asks as unknown as RogerCall;
}

function rogerAnswer(answer: unknown): RogerAnswer {
  return answer as RogerAnswer;
}
