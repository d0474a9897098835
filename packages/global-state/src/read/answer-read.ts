// answer-read.ts — one switch: what each question is answered, from the state as it is. Changes nothing
// and judges nothing by a clock: what is due and not taken out is still shown (SEMANTICS §5).
import { unreachable } from "../assert.ts";
import { checkCancelled, isCancelled } from "../cancel/check-cancelled.ts";
import type { PartitionRead, Read } from "../command.ts";
import { type Decision, notStarted } from "../decision.ts";
import { isExecuting } from "../execution-key/acquire.ts";
import { isImporting } from "../import/import.ts";
import { type Partition, partitionItem } from "../partition/partition.ts";
import { startedPartition } from "../partition/partitions.ts";
import { pausedQueues } from "../pause/resume-queue.ts";
import { isQueued } from "../queue-key/is-queued.ts";
import { sessionItem } from "../session/session.ts";
import { syncSession } from "../session/sync-session.ts";
import type { State } from "../state.ts";
import { getItem, withShown } from "./get.ts";
import { listPage } from "./list.ts";
import { whyJob, whyKey } from "./why.ts";

type ListArgs = Extract<PartitionRead, { name: "list" }>["args"];

export function answerRead(state: State, read: Read): Decision {
  if (read.name === "partition.list") {
    if (isImporting(state)) return { status: "list", items: [], next: null };
    const { rowsVisitedMax } = state.limits;
    const walk = { table: state.partitions, scope: 0, itemOf: partitionItem, rowsVisitedMax };
    return listPage({ ...walk, isShown: ({ dropping }) => dropping === undefined }, read.args);
  }
  if (read.name === "session.list") {
    const { rowsVisitedMax } = state.limits;
    const walk = { table: state.sessions, scope: 0, itemOf: sessionItem, rowsVisitedMax };
    return listPage({ ...walk, prefixedOf: ({ label }) => label }, read.args);
  }
  if (read.name === "session.sync") return syncSession(state, read.args);
  const partition = startedPartition(state, read.partition);
  if (partition === undefined) return notStarted(read.partition);
  return answerInPartition(state, partition, read);
}

function answerInPartition(state: State, partition: Partition, read: PartitionRead): Decision {
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
    case "list":
      return listInPartition(state, partition, read.args);
    default:
      return unreachable(read);
  }
}

function listInPartition(state: State, partition: Partition, args: ListArgs): Decision {
  const bounds = { scope: partition.number, rowsVisitedMax: state.limits.rowsVisitedMax };
  return withShown(state, { partition, kind: args.kind }, (shown) =>
    listPage({ ...bounds, ...shown }, args),
  );
}
