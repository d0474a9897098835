// execute.ts — one switch: which command decides about a write. It is called once for each call,
// whatever is retried; apply.ts sees to that.
import { assert, unreachable } from "./assert.ts";
import { addCancelRule } from "./cancel/add-rule.ts";
import { consumeMark } from "./cancel/check-cancelled.ts";
import { clearMarks } from "./cancel/clear-marks.ts";
import { cancelJob, markCancelled } from "./cancel/mark-cancelled.ts";
import { removeCancelRule } from "./cancel/remove-rule.ts";
import type { PartitionWrite, Write } from "./command.ts";
import { type Decision, notStarted } from "./decision.ts";
import { acquireOwnerless } from "./execution-key/roger-acquire.ts";
import { acquireKey } from "./execution-key/acquire-key.ts";
import { leapTokens } from "./execution-key/leap-tokens.ts";
import { removeExecuted } from "./execution-key/roger-release.ts";
import { releaseKey } from "./execution-key/release-key.ts";
import { setRules } from "./execution-key/set-rules.ts";
import { withdraw } from "./execution-key/withdraw.ts";
import { featureLevelOf } from "./feature-level.ts";
import { forceRelease } from "./force-release.ts";
import { beginImport } from "./import/begin-import.ts";
import { endImport } from "./import/end-import.ts";
import { importRows } from "./import/import-rows.ts";
import { finishJob } from "./job/finish.ts";
import { finishAndStart } from "./job/finish-and-start.ts";
import { startJob } from "./job/start.ts";
import { dropPartition } from "./partition/drop-partition.ts";
import type { Partition } from "./partition/partition.ts";
import { startedPartition } from "./partition/partitions.ts";
import { startPartition } from "./partition/start-partition.ts";
import { stopPartition } from "./partition/stop-partition.ts";
import { updatePartition } from "./partition/update-partition.ts";
import { pauseQueue, rogerPause } from "./pause/pause-queue.ts";
import { resumeQueue, rogerResume } from "./pause/resume-queue.ts";
import { claimQueueKey } from "./queue-key/claim.ts";
import { confirmQueueKey } from "./queue-key/confirm.ts";
import { extendQueueKey } from "./queue-key/extend.ts";
import { addQueued } from "./queue-key/is-queued.ts";
import { releaseQueueKey } from "./queue-key/release.ts";
import { removeQueued } from "./queue-key/remove-queued.ts";
import { raiseFeatureLevel } from "./raise-feature-level.ts";
import { closeSession } from "./session/close-session.ts";
import { expireSession } from "./session/expire-session.ts";
import { openSession } from "./session/open-session.ts";
import type { Asking } from "./session/session.ts";
import type { Moment, State } from "./state.ts";

/** `asking` is the session that the call was made in, and under which number. */
export function execute(
  state: State,
  moment: Moment,
  call: { readonly write: Write; readonly asking: Asking | undefined },
): Decision {
  const { write, asking } = call;
  assert(featureLevelOf(write) <= state.featureLevel, "the level of a command is in force");
  if ("partition" in write) return executeInPartition(state, moment, { write, asking });
  switch (write.name) {
    case "session.open":
      return openSession(state, write.args);
    case "session.close":
      return closeSession(state, moment, asking?.session);
    case "session.expire":
      return expireSession(state, moment, write.args);
    case "admin.leapTokens":
      return leapTokens(state);
    case "admin.raiseFeatureLevel":
      return raiseFeatureLevel(state, write.args.level);
    case "admin.importBegin":
      return beginImport(state, moment, write.args);
    case "admin.importRows":
      return importRows(state, write.args);
    case "admin.importEnd":
      return endImport(state, write.args);
    default:
      return unreachable(write);
  }
}

function executeInPartition(
  state: State,
  moment: Moment,
  call: { readonly write: PartitionWrite; readonly asking: Asking | undefined },
): Decision {
  const { write, asking } = call;
  if (write.name === "partition.start") return startPartition(state, moment, write);
  if (write.name === "partition.stop") return stopPartition(state, moment, write.partition);
  if (write.name === "partition.drop") return dropPartition(state, moment, write.partition);
  if (write.name === "partition.update") return updatePartition(state, write);
  const partition = startedPartition(state, write.partition);
  if (partition === undefined) return notStarted(write.partition);
  switch (write.name) {
    case "job.start":
      return startJob(state, moment, { partition, start: write.args, asking });
    case "job.finish":
      return finishJob(state, moment, { partition, finish: write.args, asking });
    case "job.finishAndStart":
      return finishAndStart(state, moment, { partition, args: write.args, asking });
    case "executionKey.acquire":
      return acquireKey(state, moment, { partition, args: write.args, asking });
    case "executionKey.withdraw":
      return withdraw(state, moment, { partition, args: write.args, asking });
    case "executionKey.release":
      return releaseKey(state, moment, { partition, args: write.args, asking });
    case "executionKey.setRules":
      return setRules(state, moment, { partition, args: write.args });
    default:
      return executeForAll(state, moment, { partition, write });
  }
}

type SessionWrite = Extract<
  PartitionWrite,
  { name: `job.${string}` | `executionKey.${string}` | `partition.${string}` }
>;

/** What anyone may ask for, with a session or without. */
function executeForAll(
  state: State,
  moment: Moment,
  call: {
    readonly partition: Partition;
    readonly write: Exclude<PartitionWrite, SessionWrite>;
  },
): Decision {
  const { partition, write } = call;
  switch (write.name) {
    case "roger.isExecuting":
      return acquireOwnerless(state, moment, { partition, key: write.args.key });
    case "roger.removeExecuted":
      return removeExecuted(state, moment, { partition, key: write.args.key });
    case "roger.isQueued":
      return addQueued(state, moment, { partition, key: write.args.key });
    case "roger.removeQueued":
      return removeQueued(state, { partition, key: write.args.key });
    case "roger.cancelJob":
      return cancelJob(state, moment, { partition, jobId: write.args.jobId });
    case "roger.isCancelled":
      return consumeMark(state, { partition, jobId: write.args.jobId });
    case "cancel.mark":
      return markCancelled(state, moment, { partition, args: write.args });
    case "roger.queuePause":
      return rogerPause(state, moment, { partition, queue: write.args.queue });
    case "roger.queueResume":
      return rogerResume(state, { partition, queue: write.args.queue });
    case "cancel.clear":
      return clearMarks(state, { partition, jobIds: write.args.jobIds });
    case "cancel.addRule":
      return addCancelRule(state, moment, { partition, args: write.args });
    case "cancel.removeRule":
      return removeCancelRule(state, { partition, rule: write.args.rule });
    case "queueKey.claim":
      return claimQueueKey(state, moment, { partition, args: write.args });
    case "queueKey.confirm":
      return confirmQueueKey(state, moment, { partition, ...write.args });
    case "queueKey.extend":
      return extendQueueKey(state, moment, { partition, ...write.args });
    case "queueKey.release":
      return releaseQueueKey(state, { partition, ...write.args });
    case "admin.release":
      return forceRelease(state, moment, { partition, args: write.args });
    case "queue.pause":
      return pauseQueue(state, moment, { partition, pausing: write.args });
    case "queue.resume":
      return resumeQueue(state, { partition, selector: write.args.selector });
    default:
      return unreachable(write);
  }
}
