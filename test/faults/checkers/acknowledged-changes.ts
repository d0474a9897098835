// acknowledged-changes.ts — changes that somebody was answered, and no watch was told (I11). An answer names the revision
// of the log at which it was decided: there the log has the change, if it was read that far; and whoever was told all
// around that revision was told of it, whatever other watches say. Only answers are judged that can't have left
// everything as it was.
import type { HappenedLine, ToldLine, WorkloadName } from "../history/history-line.ts";
import type { PlacedFinding } from "./finding.ts";
import { callInWords, fieldOf, type ToldCall, type ToldHistory, textOf } from "./told-history.ts";
import type { Segment } from "./watch-segments.ts";

/** By workload, which is the name of its partition, and by `FORM ANSWER`: the events of which one is told. */
const eventsOf: Partial<Record<WorkloadName, Readonly<Record<string, readonly string[]>>>> = {
  keys: {
    "release released": ["executionKey.freed", "executionKey.changed"],
    "withdraw released": ["executionKey.freed", "executionKey.changed"],
    "withdraw withdrawn": ["executionKey.waitEnded"],
  },
  jobs: {
    "finish finished": ["job.finished"],
    "cancel marked": ["cancel.marked"],
    "clear cleared": ["cancel.cleared"],
    "pause changed": ["queue.paused", "queue.changed"],
    "resume changed": ["queue.resumed"],
  },
  claims: {
    "claim replaced": ["queueKey.changed"],
    "release done": ["queueKey.freed"],
  },
};

interface Change {
  readonly call: ToldCall;
  readonly revision: number;
  readonly types: readonly string[];
}

export interface JudgedChanges {
  readonly findings: readonly PlacedFinding[];
  readonly judged: number;
}

export function changesLeftOut(
  { calls, happened, log, told }: ToldHistory,
  segments: readonly Segment[],
): JudgedChanges {
  const [inLog, known] = [new Set(happened.map(knownAs)), new Set(told.map(knownAs))];
  const changes = calls.flatMap(changeOf);
  const folded = changes.filter((change) => isFolded(change, log));
  const covered = changes.filter((change) => !isFolded(change, log) && isCovered(change, segments));
  const findings = [
    ...folded.filter((change) => !isAmong(inLog, change)).map(notInLog),
    ...covered.filter((change) => !isAmong(known, change)).map(notTold),
  ];
  return { findings, judged: folded.length + covered.length };
}

function isFolded({ call, revision }: Change, log: ToldHistory["log"]): boolean {
  if (log === undefined || revision > log.through) return false;
  return log.partitions.includes(call.workload);
}

function isAmong(known: ReadonlySet<string>, { call, revision, types }: Change): boolean {
  return types.some((type) => known.has(nameOf(call.workload, revision, type, nameIn(call))));
}

function changeOf(call: ToldCall): readonly Change[] {
  const { answer, asks, outcome, revision, workload } = call;
  if (outcome !== "answered" || revision === undefined) return [];
  const isChanged = fieldOf(answer, "changed") === true ? "changed" : undefined;
  const became = textOf(answer, "status") ?? textOf(answer, "outcome") ?? isChanged;
  const types = eventsOf[workload]?.[`${textOf(asks, "form")} ${became}`];
  return types === undefined ? [] : [{ call, revision, types }];
}

/** Of its last revision perhaps not all was told. */
function isCovered({ call, revision }: Change, segments: readonly Segment[]): boolean {
  return segments.some(({ after, events, scope, through }) => {
    if (scope !== call.workload) return false;
    const from = after ?? events[0]?.revision ?? Number.POSITIVE_INFINITY;
    const last = (events.at(-1)?.revision ?? 0) - 1;
    return from < revision && revision <= Math.max(through ?? 0, last);
  });
}

function knownAs({ event, revision }: ToldLine | HappenedLine): string {
  const [partition, type, name] = ["partition", "type", "name"].map((field) =>
    textOf(event, field),
  );
  return nameOf(partition, revision, type, name);
}

function nameOf(...parts: readonly (string | number | undefined)[]): string {
  return parts.join(" ");
}

/** `job j-1`: the second word on. */
function nameIn({ object }: ToldCall): string {
  return object.slice(object.indexOf(" ") + 1);
}

function notTold({ call, revision, types }: Change): PlacedFinding {
  const facts = [
    callInWords(call),
    `it was decided at revision ${revision}; a watch was told all around it, and none of ${types.join(" or ")}`,
  ];
  const property = "a change that was acknowledged is not told (I11)";
  return { property, facts, at: call.end ?? call.begin, where: call.worker };
}

function notInLog({ call, revision, types }: Change): PlacedFinding {
  const facts = [
    callInWords(call),
    `it was decided at revision ${revision}; the log has none of ${types.join(" or ")} there`,
  ];
  const property = "a change that was acknowledged is not in the log (V4)";
  return { property, facts, at: call.end ?? call.begin, where: call.worker };
}
