// made-up-run.ts — a run that never was: as many calls, workers and faults as asked for, from a seed, so that the
// report can be tested, and looked at, without a cluster. Nothing in it is consistent; it only has the form of a run.
import { Dice } from "../../simulation/dice.ts";
import { seedText } from "../../simulation/report.ts";
import type { BeginLine, EndLine, HistoryLine, RunLine } from "../history/history-line.ts";
import type { RunFacts } from "./summary.ts";

export interface MadeUp {
  readonly lines: readonly HistoryLine[];
  readonly facts: RunFacts;
}

export interface MadeUpSize {
  readonly seed: number;
  readonly minutes: number;
  readonly workers: number;
  readonly calls: number;
}

const start = 5_000_000_000;
const nodes = ["n1", "n2", "n3"] as const;
const nemeses = ["partition", "kill", "pause", "slow-links", "disk-delay"] as const;
const workloads = ["roger", "keys", "jobs", "claims", "watch"] as const;

interface Trouble {
  readonly from: number;
  readonly to: number;
}

export function madeUpRun(size: MadeUpSize): MadeUp {
  const dice = new Dice(size.seed);
  const lengthUs = size.minutes * 60_000_000;
  const phases = [
    runLine({ kind: "phase", at: start, says: "warm-up", whom: [] }),
    runLine({ kind: "phase", at: start + lengthUs * 0.05, says: "faults", whom: [] }),
    runLine({ kind: "phase", at: start + lengthUs * 0.92, says: "healed", whom: [] }),
    runLine({ kind: "phase", at: start + lengthUs, says: "end", whom: [] }),
  ];
  const troubles: Trouble[] = [];
  const faults = faultLines({ dice: dice.fork("faults"), lengthUs, troubles });
  const workers = Array.from({ length: size.workers }, (_, at) => `c${(at % 5) + 1}.${at + 1}`);
  const calls = workers.flatMap((worker) =>
    workerLines({
      dice: dice.fork(worker),
      worker,
      lengthUs,
      troubles,
      calls: size.calls / size.workers,
    }),
  );
  const [first, second] = workers;
  const violation = overlap({ one: first ?? "", other: second ?? "", at: start + lengthUs * 0.6 });
  return {
    lines: [...phases, ...faults, ...calls, ...violation],
    facts: factsOf(size, start + lengthUs * 0.6),
  };
}

function runLine(line: RunLine): RunLine {
  return { ...line, at: Math.round(line.at) };
}

function faultLines(parts: {
  readonly dice: Dice;
  readonly lengthUs: number;
  readonly troubles: Trouble[];
}): HistoryLine[] {
  const { dice, lengthUs, troubles } = parts;
  const lines: HistoryLine[] = [elected({ at: start + 400_000, node: "n1", term: 1 })];
  let term = 1;
  let at = start + lengthUs * 0.06;
  while (at < start + lengthUs * 0.88) {
    const name = dice.pick(nemeses);
    const node = dice.pick(nodes);
    const to = at + 2_000_000 + dice.around(6_000_000);
    const whom = name === "partition" ? [node, dice.pick(nodes)] : [node];
    const says = `${name} <${whom.join(" & ")}>`;
    lines.push(runLine({ kind: "strike", at, says, whom, name }));
    if (name === "kill") lines.push(killed(at, node));
    lines.push(runLine({ kind: "heal", at: to, says: `${name} is over`, whom, name }));
    if (dice.chance(0.6)) {
      term += 1 + dice.below(2);
      const takes = 300_000 + dice.around(500_000);
      troubles.push({ from: at, to: at + takes });
      lines.push(elected({ at: at + takes, node: dice.pick(nodes), term }));
    }
    at = dice.chance(0.2) ? at + 1_000_000 : to + dice.around(5_000_000);
  }
  return lines;
}

function killed(at: number, node: string): HistoryLine {
  return {
    kind: "ended",
    at: Math.round(at),
    node,
    of: "SIGKILL",
    isAsked: true,
    words: "",
  };
}

function elected(line: {
  readonly at: number;
  readonly node: string;
  readonly term: number;
}): RunLine {
  const { at, node, term } = line;
  return runLine({ kind: "elected", at, says: `${node} leads term ${term}`, whom: [node], term });
}

function workerLines(parts: {
  readonly dice: Dice;
  readonly worker: string;
  readonly lengthUs: number;
  readonly troubles: readonly Trouble[];
  readonly calls: number;
}): HistoryLine[] {
  const { dice, worker, lengthUs, troubles, calls } = parts;
  const lines: HistoryLine[] = [];
  const killedAt = dice.chance(0.2) ? start + lengthUs * dice.share() : Number.POSITIVE_INFINITY;
  let at = start + dice.around(200_000);
  for (let id = 1; id <= calls && at < killedAt; id += 1) {
    const workload = dice.pick(workloads);
    const object = `${workload}-${dice.below(8) + 1}`;
    const began = Math.round(at);
    const begin: BeginLine = {
      kind: "begin",
      at: began,
      worker,
      id,
      workload,
      object,
      asks: { n: id },
    };
    lines.push(begin);
    const end = endOf({ dice, begin, troubles });
    if (end.at > killedAt) break;
    lines.push(end);
    if (workload === "keys" || workload === "jobs") lines.push(...holding({ dice, begin, end }));
    at = Math.max(end.at, began + dice.around(lengthUs / calls) * 0.9);
    if (at > start + lengthUs) break;
  }
  if (Number.isFinite(killedAt)) {
    lines.push(
      runLine({ kind: "killed", at: killedAt, says: `${worker} is killed`, whom: [worker] }),
    );
  } else if (dice.chance(0.3)) {
    const from = start + lengthUs * dice.share() * 0.9;
    lines.push(runLine({ kind: "frozen", at: from, says: "stands still", whom: [worker] }));
    lines.push(runLine({ kind: "thawed", at: from + 4e6, says: "goes on", whom: [worker] }));
  }
  return lines;
}

function endOf(parts: {
  readonly dice: Dice;
  readonly begin: BeginLine;
  readonly troubles: readonly Trouble[];
}): EndLine {
  const { dice, begin, troubles } = parts;
  const trouble = troubles.find(({ from, to }) => begin.at >= from && begin.at <= to);
  const took = 1_500 + dice.around(4_000) + (trouble === undefined ? 0 : trouble.to - begin.at);
  const { worker, id } = begin;
  const told = { kind: "end", at: Math.round(begin.at + took), worker, id } as const;
  if (dice.chance(trouble === undefined ? 0.002 : 0.5))
    return { ...told, outcome: "unknown", code: "indeterminate" };
  if (dice.chance(trouble === undefined ? 0.005 : 0.2))
    return { ...told, outcome: "without-effect", code: "overloaded" };
  return { ...told, outcome: "answered", answer: { kind: "done" }, revision: id };
}

function holding(parts: {
  readonly dice: Dice;
  readonly begin: BeginLine;
  readonly end: EndLine;
}): HistoryLine[] {
  const { dice, begin, end } = parts;
  const { worker } = begin;
  if (end.outcome !== "answered") return [];
  const thing =
    begin.workload === "keys" ? `key ${begin.object}` : `job ${worker}-${begin.id % 40}`;
  const token = end.at;
  const to = Math.round(end.at + dice.around(60_000));
  const held = {
    kind: "held",
    at: end.at,
    worker,
    owner: worker,
    thing,
    token,
    revision: begin.id,
  } as const;
  if (dice.chance(0.0002)) return [held];
  return [held, { kind: "left", at: to, worker, thing, token, why: "gives-back" }];
}

/** Two have one key at the same time. */
function overlap(parts: {
  readonly one: string;
  readonly other: string;
  readonly at: number;
}): HistoryLine[] {
  const of = (worker: string, at: number, token: number): HistoryLine[] => [
    { kind: "held", at, worker, owner: worker, thing: "key alone", token, revision: token },
    { kind: "left", at: at + 3e6, worker, thing: "key alone", token, why: "gives-back" },
  ];
  const at = Math.round(parts.at);
  return [
    ...of(parts.one, at - 2e6, 11),
    ...of(parts.other, at, 12),
    ...of(parts.one, at + 4e6, 13),
  ];
}

function factsOf(size: MadeUpSize, at: number): RunFacts {
  const seed = seedText(size.seed);
  return {
    seed,
    commit: "0123456789abcdef0123456789abcdef01234567",
    version: "0.1.0",
    startedAt: "2026-11-24T19:00:00.000Z",
    minutes: size.minutes,
    hosts: "namespaces",
    nodes: [...nodes],
    voters: 3,
    refused: [{ name: "disk-full", why: "no file system can be mounted here" }],
    untested: ["links can't be slowed down by rate through proxies"],
    verdicts: [
      { checker: "linearizability", counts: { calls: size.calls, objects: 40 }, findings: [] },
      {
        checker: "mutual exclusion",
        counts: { holdings: 1234 },
        findings: [
          {
            property: "a key has one holder at a time",
            facts: [
              "c1.1 holds key alone by token 11",
              "c2.2 holds <it> by token 12 & nobody left",
            ],
            at: Math.round(at),
            where: "key alone",
          },
        ],
      },
      {
        checker: "watches",
        counts: { watches: 20, events: 50_000 },
        findings: [],
        unjudged: ["watch c1.1 was compacted twice: what lay between was not told"],
      },
    ],
    command: `npm run faults -- --minutes ${size.minutes} --seed ${seed} --nodes 3`,
  };
}
