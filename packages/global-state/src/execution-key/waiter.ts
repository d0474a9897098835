// waiter.ts — the record of who waits for an execution key, under the number of his ticket: for the key alone,
// or to start a job under it. Tickets are one counter of the group: who asked first has the smaller one
// (SEMANTICS §4.4, I5). A waiter lives by its session; its own deadline is log time. Only wait.ts changes one.
import type { JobId, Key, LogTimeMs, SessionId } from "../ids.ts";
import { jobId, key, logTimeMs, sessionId } from "../ids.ts";
import { type JobAsStarted, readJobAsStarted, writeJobAsStarted } from "../job/job-start.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { hashNumber } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface Waiter extends Row {
  /** Its ticket. */
  readonly key: number;
  readonly kind: "waiter";
  readonly executionKey: Key;
  readonly owner: JobId;
  session: SessionId;
  /** Of the latest call that asked: under this number its client is told how the wait ended. */
  sequence: number;
  /**
   * From the counter of tickets, drawn when it came to its session: another number than its ticket, where a
   * job was taken over with its place in line.
   */
  arrival: number;
  /** How many stood before it when it came, and itself. */
  readonly position: number;
  /** What it is to be once it is granted; null: it waits for the key alone. */
  job: JobAsStarted | null;
  /** `never`: it waits as long as its session lives. */
  expiresAt: LogTimeMs;
  place: number;
}

export function newWaiter(parts: Omit<Waiter, "hash" | "kind" | "place">): Waiter {
  return { ...parts, hash: hashNumber(parts.scope, parts.key), kind: "waiter", place: -1 };
}

/** What a session knows its wait by. Names have no control characters, so nothing else is called so. */
export function waitName(of: {
  readonly scope: number;
  readonly executionKey: Key;
  readonly owner: JobId;
  readonly kind: "for-key" | "to-start";
}): string {
  return `${of.scope}\n${of.executionKey}\n${of.owner}\n${of.kind}`;
}

export function nameOfWait({ scope, executionKey, owner, job }: Waiter): string {
  return waitName({ scope, executionKey, owner, kind: job === null ? "for-key" : "to-start" });
}

const codec: RowCodec<Waiter> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.count(row.key);
    writer.text(row.executionKey);
    writer.text(row.owner);
    writer.count(row.session);
    writer.count(row.sequence);
    writer.count(row.arrival);
    writer.count(row.position);
    writer.count(row.expiresAt);
    writer.byte(row.job === null ? 0 : 1);
    if (row.job !== null) writeJobAsStarted(row.job, writer);
  },
  read(reader) {
    const row = newWaiter({
      scope: reader.count(),
      key: reader.count(),
      executionKey: key(reader.name()),
      owner: jobId(reader.name()),
      session: sessionId(reader.count()),
      sequence: reader.count(),
      arrival: reader.count(),
      position: reader.count(),
      expiresAt: logTimeMs(reader.count()),
      job: reader.flag() ? readJobAsStarted(reader) : null,
    });
    if (row.position < 1) throw new DamagedSnapshotError("a waiter stands in a line");
    return row;
  },
};

export const waiterSpec: TableSpec<Waiter> = { name: "waiters", version: 1, codec };
