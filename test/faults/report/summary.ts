// summary.ts — what is kept of a run: a small JSON that says what was done, what came of it, and the command that does
// it again. It is computed from the history and a few arguments; docs/fault-report.md is made of these.
import type { Finding } from "../../simulation/violation.ts";
import type { CheckerVerdict } from "../checkers/finding.ts";
import { isServed, type WorkloadName } from "../history/history-line.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { type Latency, latencyOf, longestSilenceAfterHeals } from "./latency.ts";
import { type Outcome, type RunStory, type StoryCall, unionOf } from "./run-story.ts";

/** What the history does not tell. */
export interface RunFacts {
  /** 8 hex digits. */
  readonly seed: string;
  readonly commit: string;
  /** Of the product. */
  readonly version: string;
  /** ISO 8601, when it began. */
  readonly startedAt: string;
  /** As asked for. */
  readonly minutes: number;
  readonly hosts: Hosts["kind"];
  /** The names of the nodes: voters first, then those that may join. */
  readonly nodes: readonly string[];
  /** In the beginning. */
  readonly voters: number;
  /** Nemeses that can't strike here. */
  readonly refused: readonly RefusedNemesis[];
  /** What else could not be tested, a sentence each. */
  readonly untested: readonly string[];
  readonly verdicts: readonly CheckerVerdict[];
  /** The command that repeats it. */
  readonly command: string;
}

export interface RefusedNemesis {
  readonly name: string;
  readonly why: string;
}

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

export interface SummaryVerdict {
  readonly checker: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
  readonly unjudged: readonly string[];
}

export interface RunSummary {
  readonly format: 1;
  readonly seed: string;
  readonly commit: string;
  readonly version: string;
  readonly startedAt: string;
  readonly minutes: number;
  readonly hosts: Hosts["kind"];
  /** Those too that may join. */
  readonly nodes: number;
  /** Absent in runs that were kept before it was told. */
  readonly voters?: number;
  /** All that ever ran; those that replaced killed ones too. */
  readonly workers: number;
  readonly command: string;
  readonly hasPassed: boolean;
  readonly calls: OutcomeCounts & {
    readonly all: number;
    readonly byWorkload: Readonly<Partial<Record<WorkloadName, OutcomeCounts>>>;
  };
  /** Strikes by nemesis. */
  readonly faults: Readonly<Record<string, number>>;
  readonly refused: readonly RefusedNemesis[];
  readonly untested: readonly string[];
  readonly elections: number;
  readonly kills: { readonly nodes: number; readonly workers: number };
  /** How long nobody was answered, at the worst, while all was healed; null: nothing was healed. */
  readonly longestUnavailableMs: number | null;
  /** Of answered calls: while nothing was broken, and those that met a fault. */
  readonly latency: { readonly quiet: Latency | null; readonly faults: Latency | null };
  readonly verdicts: readonly SummaryVerdict[];
}

/** Enough to see what is wrong; all of them are on the page. */
const findingsKeptMax = 10;

export function summaryOf(story: RunStory, facts: RunFacts): RunSummary {
  const { seed, commit, version, startedAt, minutes, hosts, voters, refused, untested, command } =
    facts;
  const answered = story.calls.filter(isServed);
  const broken = unionOf(story.strikes);
  const meetsFault = (call: StoryCall): boolean =>
    broken.some(({ from, to }) => call.from <= to && call.to >= from);
  const quiet = latencyOf(answered.filter((call) => !meetsFault(call)));
  const faults = latencyOf(answered.filter(meetsFault));
  return {
    format: 1,
    seed,
    commit,
    version,
    startedAt,
    minutes,
    hosts,
    nodes: facts.nodes.length,
    voters,
    workers: new Set(story.calls.map(({ worker }) => worker)).size,
    command,
    hasPassed:
      isJudged(facts.verdicts) && facts.verdicts.every(({ findings }) => findings.length === 0),
    calls: countCalls(story.calls),
    faults: countBy(story.strikes.map(({ name }) => name)),
    refused,
    untested,
    elections: story.elections.length,
    kills: countKills(story),
    longestUnavailableMs: longestSilenceAfterHeals(story),
    latency: { quiet, faults },
    verdicts: facts.verdicts.map(shortened),
  };
}

/** A checker that looked at nothing has found nothing. */
export function isJudged(verdicts: readonly Pick<CheckerVerdict, "counts">[]): boolean {
  const isOne = ({ counts }: Pick<CheckerVerdict, "counts">): boolean =>
    Object.values(counts).some((count) => count > 0);
  return verdicts.length > 0 && verdicts.every(isOne);
}

function countCalls(calls: readonly StoryCall[]): RunSummary["calls"] {
  const byWorkload: Partial<Record<WorkloadName, Record<Outcome, number>>> = {};
  const sum = noOutcomes();
  for (const { workload, outcome } of calls) {
    const counts = (byWorkload[workload] ??= noOutcomes());
    counts[outcome] += 1;
    sum[outcome] += 1;
  }
  return { all: calls.length, ...sum, byWorkload };
}

function noOutcomes(): Record<Outcome, number> {
  return { answered: 0, "without-effect": 0, unknown: 0 };
}

/** The most frequent first. */
function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(
    ([one, many], [other, more]) => more - many || (one < other ? -1 : 1),
  );
  return Object.fromEntries(sorted);
}

/**
 * Those of the run: who is stopped in order ends with 0. Who loses its power may end of that (74) in the moment in
 * which it is killed.
 */
function countKills({ kills, nodeEnds }: RunStory): RunSummary["kills"] {
  const killed = nodeEnds.filter(({ isAsked, of }) => isAsked && of !== 0);
  return { nodes: killed.length, workers: kills.length };
}

function shortened(verdict: CheckerVerdict): SummaryVerdict {
  const { checker, counts, findings, unjudged = [] } = verdict;
  const kept = findings
    .slice(0, findingsKeptMax)
    .map(({ property, facts }) => ({ property, facts }));
  return { checker, counts, findings: kept, findingsCount: findings.length, unjudged };
}
