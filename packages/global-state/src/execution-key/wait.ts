// wait.ts — a wait begins, and ends: in the table, in the lines, and for the session that is to be told.
// Who leaves a line leaves it once; what follows for the key is settled by the caller (settle.ts).
import { assert } from "../assert.ts";
import type { JobId, LogTimeMs } from "../ids.ts";
import type { JobAsStarted } from "../job/job-start.ts";
import { never } from "../log-time.ts";
import type { WaitEnding } from "../notice.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { type Session, sessionName } from "../session/session.ts";
import { rememberEnding } from "../session/wait-ending.ts";
import type { Moment, State } from "../state.ts";
import type { ExecutionKey } from "./execution-key.ts";
import { nameOfWait, newWaiter, type Waiter } from "./waiter.ts";

interface Place {
  readonly waiter: Waiter;
  readonly partition: Partition;
  readonly session: Session;
}

/** Who asks: a call, or the owner of a slot that is taken over. */
export interface Joining {
  readonly partition: Partition;
  readonly row: ExecutionKey;
  readonly owner: JobId;
  readonly session: Session;
  readonly sequence: number;
  readonly expiresAt: LogTimeMs;
  readonly job: JobAsStarted | null;
}

export function joinLine(state: State, joining: Joining): Waiter {
  const { row } = joining;
  const ticket = drawTicket(state);
  const waiter = addWaiter(state, {
    joining,
    ticket,
    arrival: ticket,
    position: row.line.size + 1,
  });
  state.executionKeys.willShowOtherwise(row);
  row.line.join(waiter);
  return waiter;
}

/**
 * With the ticket of a run that was taken over. Whoever holds a key has a smaller ticket than all who wait for
 * it, but for others that came back like this: so it looks at those alone.
 */
export function joinLineAgain(
  state: State,
  again: { readonly joining: Joining; readonly ticket: number },
): Waiter {
  const { line } = again.joining.row;
  const { ticket } = again;
  let position = 1;
  for (const other of line.items()) {
    if (other.key > ticket) break;
    position += 1;
  }
  const waiter = addWaiter(state, { ...again, arrival: drawTicket(state), position });
  state.executionKeys.willShowOtherwise(again.joining.row);
  line.joinBehind(waiter, (other) => other.key < ticket);
  return waiter;
}

function addWaiter(
  state: State,
  added: {
    readonly joining: Joining;
    readonly ticket: number;
    readonly arrival: number;
    readonly position: number;
  },
): Waiter {
  const { arrival, position } = added;
  const { partition, row, owner, session, sequence, expiresAt, job } = added.joining;
  const waiter = newWaiter({
    scope: partition.number,
    key: added.ticket,
    executionKey: row.key,
    owner,
    session: session.key,
    sequence,
    arrival,
    position,
    job,
    expiresAt,
  });
  state.waiters.insert(waiter);
  arrive(state, { waiter, partition, session });
  return waiter;
}

export function drawTicket(state: State): number {
  state.counters.ticket += 1;
  return state.counters.ticket;
}

/** In all that is derived, but for the line. Numbers of arrival grow, so it comes last everywhere. */
export function arrive(state: State, { waiter, partition, session }: Place): void {
  partition.waiters.join(waiter);
  const waits = partition.waitsOf.get(waiter.owner) ?? new Set();
  partition.waitsOf.set(waiter.owner, waits.add(waiter));
  partition.jobs.addStart(waiter);
  state.sessions.willShowOtherwise(session);
  session.waits.set(nameOfWait(waiter), waiter);
  if (waiter.expiresAt !== never) state.deadlines.add(waiter);
}

function depart(state: State, { waiter, partition, session }: Place): void {
  if (waiter.place >= 0) state.deadlines.remove(waiter);
  state.sessions.willShowOtherwise(session);
  session.waits.delete(nameOfWait(waiter));
  partition.jobs.removeStart(waiter);
  const waits = partition.waitsOf.get(waiter.owner);
  waits?.delete(waiter);
  if (waits?.size === 0) partition.waitsOf.delete(waiter.owner);
  if (partition.sweepAt === waiter) partition.sweepAt = partition.waiters.behind(waiter);
  partition.waiters.leave(waiter);
}

export function leaveLine(
  state: State,
  left: { readonly row: ExecutionKey; readonly waiter: Waiter; readonly session: Session },
): void {
  const { row, waiter, session } = left;
  depart(state, { waiter, session, partition: partitionNumbered(state, waiter.scope) });
  state.executionKeys.willShowOtherwise(row);
  row.line.leave(waiter);
  state.waiters.remove(waiter);
}

/** Another session waits from now on, with the same ticket, at the same place in line. */
export function moveWait(
  state: State,
  moved: Omit<Joining, "row" | "owner"> & { readonly waiter: Waiter; readonly from: Session },
): void {
  const { waiter, partition, session, from } = moved;
  state.waiters.touch(waiter);
  depart(state, { waiter, partition, session: from });
  waiter.session = session.key;
  waiter.sequence = moved.sequence;
  waiter.arrival = drawTicket(state);
  waiter.job = moved.job;
  waiter.expiresAt = moved.expiresAt;
  arrive(state, { waiter, partition, session });
}

export function sessionOfWaiter(state: State, waiter: Waiter): Session {
  const session = state.sessions.find(sessionName(waiter.session));
  assert(session !== undefined, "a waiter has a session (I4)");
  return session;
}

export function keyOf(state: State, waiter: Waiter): ExecutionKey {
  const partition = partitionNumbered(state, waiter.scope);
  const row = state.executionKeys.find(nameIn(partition, waiter.executionKey));
  assert(row !== undefined, "a waiter waits for a key");
  return row;
}

/** A later call is the one that its client waits for now. */
export function waitUnder(
  state: State,
  again: { readonly waiter: Waiter; readonly sequence: number },
): void {
  const { waiter, sequence } = again;
  state.waiters.touch(waiter);
  waiter.sequence = Math.max(waiter.sequence, sequence);
}

/** Who asked is told, now or when it asks. Nobody asks for a session that has ended. */
export function endWait(
  state: State,
  moment: Moment,
  ended: {
    readonly waiter: Pick<Waiter, "sequence" | "key">;
    readonly session: Session;
    readonly ending: WaitEnding;
  },
): void {
  const { session, ending } = ended;
  if (session.ending !== "no") return;
  const { sequence, key: ticket } = ended.waiter;
  rememberEnding(state, { session, sequence, ticket, ending });
  moment.notices.push({ kind: "waitEnded", session: session.key, sequence, ticket, ending });
}
