// force-release.ts — `admin.release`: an operator takes away what somebody has, whoever he is. Every holder of an
// execution key is ended, a run among them is fenced; who is next gets it in the same entry (SEMANTICS §4.3).
// Who had it is told, and whoever watches sees `force` as the cause.
import { changed, type Decision, unchanged } from "./decision.ts";
import { removeExecuted } from "./execution-key/roger-release.ts";
import { takeWork } from "./execution-key/settle.ts";
import { jobId, key } from "./ids.ts";
import { endRun } from "./job/end-run.ts";
import { findRun } from "./job/runs.ts";
import { nameIn, type Partition } from "./partition/partition.ts";
import { findQueueKey, removeQueueKey } from "./queue-key/queue-keys.ts";
import type { Moment, State } from "./state.ts";

export const releasableKinds = ["executionKey", "queueKey", "run"] as const;
export type Releasable = (typeof releasableKinds)[number];

export interface ForcedRelease {
  readonly kind: Releasable;
  /** Of the key, or of the job that runs. */
  readonly name: string;
}

export function forceRelease(
  state: State,
  moment: Moment,
  asked: { readonly partition: Partition; readonly args: ForcedRelease },
): Decision {
  const { partition } = asked;
  const { kind, name } = asked.args;
  switch (kind) {
    case "executionKey": {
      const found = state.executionKeys.find(nameIn(partition, name));
      if (found === undefined || found.holders.count === 0) return unchanged;
      removeExecuted(state, moment, { partition, key: key(name) });
      return changed;
    }
    case "queueKey": {
      const found = findQueueKey(state, { partition, key: key(name) });
      if (found === undefined) return unchanged;
      removeQueueKey(state, found);
      return changed;
    }
    case "run": {
      const run = findRun(state, { partition, jobId: jobId(name) });
      if (run === undefined) return unchanged;
      takeWork(moment);
      endRun(state, moment, { run, cause: "removed" });
      return changed;
    }
  }
}
