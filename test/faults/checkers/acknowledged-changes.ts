// acknowledged-changes.ts — changes that somebody was answered, and no watch was told (I11). An answer names the revision
// of the log at which it was decided: whoever was told all around that revision was told of the change, whatever other
// watches say. Only answers are judged that can't have left everything as it was.
import type { ToldLine, WorkloadName } from "../history/history-line.ts";
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
  { calls, told }: ToldHistory,
  segments: readonly Segment[],
): JudgedChanges {
  const known = new Set(told.map(knownAs));
  const judged = calls.flatMap(changeOf).filter((change) => isCovered(change, segments));
  const missing = judged.filter(
    ({ call, revision, types }) =>
      !types.some((type) => known.has(nameOf(call.workload, revision, type, nameIn(call)))),
  );
  return { findings: missing.map(finding), judged: judged.length };
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

function knownAs({ event, revision }: ToldLine): string {
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

function finding({ call, revision, types }: Change): PlacedFinding {
  const facts = [
    callInWords(call),
    `it was decided at revision ${revision}; a watch was told all around it, and none of ${types.join(" or ")}`,
  ];
  const property = "a change that was acknowledged is not told (I11)";
  return { property, facts, at: call.end ?? call.begin, where: call.worker };
}
