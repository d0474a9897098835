// tell-dropped.ts — everybody who waits, holds or runs in a partition is told that it is dropped: all of them in
// the entry that drops it, for none of it counts from then on, however long the emptying takes (SEMANTICS §4.7). The
// records themselves go elsewhere (empty-partition.ts), without another word. Looks at what is in the partition
// alone: nobody pays for the sessions and partitions that have nothing to do with it.
import { assert } from "../assert.ts";
import { holderWith } from "../execution-key/execution-key.ts";
import type { SessionId } from "../ids.ts";
import { selector } from "../ids.ts";
import type { Notice } from "../notice.ts";
import { sessionName } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import type { Partition } from "./partition.ts";

const allQueues = selector("*");

export function tellDropped(state: State, moment: Moment, partition: Partition): void {
  const notices = [...endedWaits(partition), ...endedHolds(partition), ...endedRuns(partition)];
  // By session; what is told one and the same keeps its order.
  notices.sort((one, other) => one.session - other.session);
  for (const notice of notices) {
    if (isLive(state, notice.session)) moment.notices.push(notice);
  }
}

/** Nobody hears what is told one that has ended. */
function isLive(state: State, id: SessionId): boolean {
  const session = state.sessions.find(sessionName(id));
  assert(session !== undefined, "what is in a partition has a session (I4)");
  return session.ending === "no";
}

function* endedWaits({ waiters }: Partition): Iterable<Notice> {
  const ending = { kind: "dropped" } as const;
  for (const { session, sequence, key: ticket } of waiters.items()) {
    yield { kind: "waitEnded", session, sequence, ticket, ending };
  }
}

/** But for those of runs, which are told as such. */
function* endedHolds({ key: partition, holds, jobs }: Partition): Iterable<Notice> {
  const runs = jobs.runsOf(allQueues);
  for (const [number, row] of holds) {
    if (runs.has(number)) continue;
    const { session, token } = holderWith(row, number);
    assert(session !== null, "what a partition knows to be held is held by a session");
    yield { kind: "holdEnded", session, partition, key: row.key, token, cause: "dropped" };
  }
}

function* endedRuns({ key: partition, jobs }: Partition): Iterable<Notice> {
  for (const { session, key: jobId, token } of jobs.runsOf(allQueues).values()) {
    yield { kind: "runFenced", session, partition, jobId, token, cause: "dropped" };
  }
}
