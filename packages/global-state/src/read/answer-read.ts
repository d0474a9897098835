// answer-read.ts — one switch: what each question is answered, from the state as it is. Changes nothing
// and judges nothing by a clock: what is due and not taken out is still shown (SEMANTICS §5).
import { unreachable } from "../assert.ts";
import { checkCancelled, isCancelled } from "../cancel/check-cancelled.ts";
import { isListRead, type PartitionRead, type Read } from "../command.ts";
import { type Decision, invalidArgument, notStarted } from "../decision.ts";
import { isExecuting } from "../execution-key/roger-acquire.ts";
import { isImporting } from "../import/import.ts";
import type { Partition } from "../partition/partition.ts";
import { startedPartition } from "../partition/partitions.ts";
import { pausedQueues } from "../pause/resume-queue.ts";
import { isQueued } from "../queue-key/is-queued.ts";
import { syncSession } from "../session/sync-session.ts";
import type { State } from "../state.ts";
import { readCursor, start } from "./cursor.ts";
import { getItem } from "./get.ts";
import { listPage, pagesNow } from "./list.ts";
import { withListing } from "./listing.ts";
import { whyJob, whyKey } from "./why.ts";

export function answerRead(state: State, read: Read): Decision {
  if (isListRead(read)) {
    const { cursor, limit } = read.args;
    const from = cursor === undefined ? start : readCursor(cursor);
    if (from === undefined) return notACursor;
    if (read.name === "partition.list" && isImporting(state)) return nothingListed;
    return withListing(state, read, (listing) => listPage(pagesNow(listing), { limit, from }));
  }
  if (read.name === "session.sync") return syncSession(state, read.args);
  const partition = startedPartition(state, read.partition);
  if (partition === undefined) return notStarted(read.partition);
  return answerInPartition(state, partition, read);
}

const notACursor: Decision = invalidArgument({
  path: "args.cursor",
  reason: "not a cursor of a list",
});
const nothingListed: Decision = { status: "list", items: [], next: null };

type ReadInPartition = Exclude<PartitionRead, { name: "list" }>;

function answerInPartition(state: State, partition: Partition, read: ReadInPartition): Decision {
  switch (read.name) {
    case "roger.isExecuting":
      return isExecuting(state, { partition, key: read.args.key });
    case "roger.isQueued":
      return isQueued(state, { partition, key: read.args.key });
    case "roger.isCancelled":
      return isCancelled(state, { partition, jobId: read.args.jobId });
    case "roger.queueGetPaused":
      return pausedQueues(partition);
    case "cancel.check":
      return checkCancelled(state, { partition, jobId: read.args.jobId });
    case "get":
      return getItem(state, partition, read.args);
    case "why":
      if ("key" in read.args) return whyKey(state, partition, read.args.key);
      return whyJob(state, partition, read.args.jobId);
    default:
      return unreachable(read);
  }
}
