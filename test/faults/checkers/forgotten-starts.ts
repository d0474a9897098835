// forgotten-starts.ts — starts that were executed, and answered as if they were not (I7): a watch was told that a job started
// for the session of a worker, and that worker was answered something else by all of its starts of that job: perhaps that
// it runs already, by himself.
import type { ToldLine } from "../history/history-line.ts";
import type { PlacedFinding } from "./finding.ts";
import {
  callInWords,
  fieldOf,
  groupedBy,
  numberOf,
  statusOf,
  type ToldCall,
  type ToldHistory,
  textOf,
} from "./told-history.ts";

export interface JudgedStarts {
  readonly findings: readonly PlacedFinding[];
  readonly judged: number;
}

interface StartTold {
  readonly line: ToldLine;
  readonly job: string;
  readonly token: number;
  readonly session: number;
}

export function forgottenStarts(history: ToldHistory): JudgedStarts {
  const told = startsTold(history);
  const workers = workersOfSessions(history, told);
  const starts = history.calls.filter(
    ({ asks, workload }) => workload === "jobs" && asks["form"] === "start",
  );
  const byWorker = groupedBy(starts, ({ object, worker }) => `${worker} ${object}`);
  const judged = told.flatMap((start) => {
    const calls = byWorker.get(`${workers.get(start.session)} ${start.job}`) ?? [];
    // One that failed may be the one that did it: he gave it up, or lost its session before he heard of it.
    // Who waits longer than he wanted to ends that himself, and takes back what it may have come to by then.
    const areKnown = calls.every(
      (call) => call.outcome === "answered" && statusOf(call) !== "timed_out",
    );
    return calls.length > 0 && areKnown ? [{ start, calls }] : [];
  });
  const findings = judged.flatMap(({ calls, start }) => {
    const isAnswered = calls.some(
      (call) => statusOf(call) === "started" && numberOf(call.answer, "token") === start.token,
    );
    return isAnswered ? [] : [finding(start, calls)];
  });
  return { findings, judged: judged.length };
}

/** Each once, whoever was told. */
function startsTold({ told }: ToldHistory): readonly StartTold[] {
  const starts = new Map<number, StartTold>();
  for (const line of told) {
    const { event } = line;
    const item = fieldOf(event, "item");
    const [session, token] = [numberOf(item, "session"), numberOf(item, "token")];
    const isStart = textOf(event, "type") === "job.started";
    if (!isStart || session === undefined || token === undefined) continue;
    starts.set(token, { line, job: `job ${textOf(event, "name")}`, token, session });
  }
  return [...starts.values()];
}

/** A session is one worker's: whoever says that he has what started in it. */
function workersOfSessions(
  { held }: ToldHistory,
  told: readonly StartTold[],
): ReadonlyMap<number, string> {
  const sessions = new Map(told.map(({ job, session, token }) => [`${job} ${token}`, session]));
  const workers = new Map<number, string>();
  for (const { thing, token, worker } of held) {
    const session = sessions.get(`${thing} ${token}`);
    if (session !== undefined) workers.set(session, worker);
  }
  return workers;
}

function finding({ line }: StartTold, calls: readonly ToldCall[]): PlacedFinding {
  const { event, n, revision } = line;
  const was = `a watch was told at ${revision} ${n}: ${JSON.stringify(event)}`;
  const facts = [was, ...calls.slice(0, 5).map(callInWords)];
  const [first] = calls;
  const where = first?.object ?? "";
  return { property: "a start is not answered what it did (I7)", facts, at: line.at, where };
}
