// wait.ts — a wait begins, and ends: in the table, in the lines, and for the session that is to be told.
// Who leaves a line leaves it once; what follows for the key is settled by the caller (settle.ts).
import type { JobId, LogTimeMs } from "../ids.ts";
import { never } from "../log-time.ts";
import type { WaitEnding } from "../notice.ts";
import type { Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Session } from "../session/session.ts";
import { rememberEnding } from "../session/wait-ending.ts";
import type { Moment, State } from "../state.ts";
import type { ExecutionKey } from "./execution-key.ts";
import { newWaiter, type Waiter, waitName } from "./waiter.ts";

export function joinLine(
  state: State,
  joining: {
    readonly partition: Partition;
    readonly row: ExecutionKey;
    readonly owner: JobId;
    readonly session: Session;
    readonly sequence: number;
    readonly expiresAt: LogTimeMs;
  },
): Waiter {
  const { partition, row, owner, session, sequence, expiresAt } = joining;
  state.counters.ticket += 1;
  const waiter = newWaiter({
    scope: partition.number,
    key: state.counters.ticket,
    executionKey: row.key,
    owner,
    session: session.key,
    sequence,
    position: row.line.size + 1,
    expiresAt,
  });
  state.waiters.insert(waiter);
  stand(state, { waiter, partition, row, session });
  return waiter;
}

/** In all that is derived. Tickets grow, so it comes last everywhere. */
export function stand(
  state: State,
  place: {
    readonly waiter: Waiter;
    readonly partition: Partition;
    readonly row: ExecutionKey;
    readonly session: Session;
  },
): void {
  const { waiter, partition, row, session } = place;
  row.line.join(waiter);
  partition.waiters.join(waiter);
  session.waits.set(waitName(waiter), waiter);
  if (waiter.expiresAt !== never) state.deadlines.add(waiter);
}

export function leaveLine(
  state: State,
  left: { readonly row: ExecutionKey; readonly waiter: Waiter; readonly session: Session },
): void {
  const { row, waiter, session } = left;
  if (waiter.place >= 0) state.deadlines.remove(waiter);
  row.line.leave(waiter);
  const partition = partitionNumbered(state, waiter.scope);
  if (partition.sweepAt === waiter) partition.sweepAt = partition.waiters.behind(waiter);
  partition.waiters.leave(waiter);
  session.waits.delete(waitName(waiter));
  state.waiters.remove(waiter);
}

/** Who asked is told, now or when it asks. */
export function endWait(
  state: State,
  moment: Moment,
  ended: { readonly waiter: Waiter; readonly session: Session; readonly ending: WaitEnding },
): void {
  const { session, ending } = ended;
  const { sequence, key: ticket } = ended.waiter;
  rememberEnding(state, { session, sequence, ticket, ending });
  moment.notices.push({ kind: "waitEnded", session: session.key, sequence, ticket, ending });
}
