// commit.ts — which entries a leader may call committed (§3.6.2).
// Pure: it is told what a quorum holds and answers with an index. It never moves the commit index
// itself; raft.ts lets log-changes.ts do it, so that the move is seen in one place.
import { assert } from "./assert.ts";
import type { LogIndex } from "./ids.ts";

export interface LeaderLog {
  /** The leader's own first entry in its term. */
  readonly firstIndexOfTerm: LogIndex;
  readonly commitIndex: LogIndex;
  readonly lastIndex: LogIndex;
}

/**
 * A majority is not enough: an entry of an earlier term can sit on a majority and still be
 * overwritten (§3.6.2, Figure 3.7). So a leader counts replicas only from the first entry
 * of its own term on; what lies before is committed along with it.
 */
export function committableIndex(log: LeaderLog, quorumIndex: LogIndex): LogIndex {
  assert(quorumIndex <= log.lastIndex, "nobody acknowledges what the leader does not have");
  if (quorumIndex < log.firstIndexOfTerm) return log.commitIndex;
  return quorumIndex > log.commitIndex ? quorumIndex : log.commitIndex;
}
