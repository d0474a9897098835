// execution-key.ts — the record that says who runs under a key: a set of holders, never a counter
// (SEMANTICS §4.3), who waits for it, and until when nobody gets it. A key without any of these has no
// record. Holders are made in grant.ts only; settle.ts sees to it that a change has its consequences.
import { assert } from "../assert.ts";
import type { JobId, Key, LogTimeMs, SessionId } from "../ids.ts";
import { fencingToken, jobId, key, logTimeMs, sessionId } from "../ids.ts";
import { never, notAtAll } from "../log-time.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";
import { type Holder, Holders } from "./holders.ts";
import { Line } from "./line.ts";
import type { Waiter } from "./waiter.ts";

/** The largest limit there is; one holder where no rule says otherwise. */
export const holdersMax = 1_000;

export interface ExecutionKey extends Row {
  readonly key: Key;
  readonly kind: "executionKey";
  readonly holders: Holders;
  /** As the rules said when the line was looked at last; 1 while nobody waits. */
  limit: number;
  /** Nothing is granted before that; `notAtAll` where nothing is delayed. */
  delayedUntil: LogTimeMs;
  /** Derived. */
  readonly line: Line<Waiter>;
  /** Derived: when something is to be done about it (settle.ts). */
  expiresAt: LogTimeMs;
  place: number;
}

export function newExecutionKey(name: Row & { readonly key: Key }): ExecutionKey {
  return {
    hash: name.hash,
    scope: name.scope,
    key: name.key,
    kind: "executionKey",
    holders: new Holders(),
    limit: 1,
    delayedUntil: notAtAll,
    line: new Line(),
    expiresAt: never,
    place: -1,
  };
}

export function isDelayed(row: ExecutionKey): boolean {
  return row.delayedUntil !== notAtAll;
}

export function holderOf(
  row: ExecutionKey | undefined,
  who: { readonly owner: JobId; readonly session: SessionId },
): Holder | undefined {
  return row?.holders.ofOwner(who.owner).find(({ session }) => session === who.session);
}

export function holderWith(row: ExecutionKey, token: number): Holder {
  const holder = row.holders.withToken(token);
  assert(holder !== undefined, "a session knows what it holds");
  return holder;
}

/** All that there was before keys had owners: written as it was then. */
export function isPlain(row: ExecutionKey): boolean {
  const [holder] = row.holders;
  const isOne = row.holders.count === 1 && holder?.session === null && holder.heldUntil === never;
  return isOne && row.limit === 1 && !isDelayed(row);
}

const codec: RowCodec<ExecutionKey> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    if (isPlain(row)) {
      writer.count(1);
    } else {
      // No plain key has 0 holders: what follows has the form of the second level.
      writer.count(0);
      writer.count(row.limit);
      writer.count(row.delayedUntil);
      writer.count(row.holders.count);
    }
    for (const holder of row.holders) writeHolder(holder, writer);
  },
  read(reader) {
    const scope = reader.count();
    const name = key(reader.name());
    const row = newExecutionKey({ hash: hashText(scope, name), scope, key: name });
    let count = reader.count();
    if (count > 1) throw new DamagedSnapshotError("a plain key has one holder");
    const isLong = count === 0;
    if (isLong) {
      row.limit = reader.count();
      row.delayedUntil = logTimeMs(reader.count());
      count = reader.count();
    }
    if (row.limit < 1 || row.limit > holdersMax || count > holdersMax) {
      throw new DamagedSnapshotError("a key in the table has as many holders as it may");
    }
    let last = 0;
    for (let left = count; left > 0; left--) {
      const holder = readHolder(reader);
      if (holder.token <= last) {
        throw new DamagedSnapshotError("holders are in the order of their tokens");
      }
      last = holder.token;
      row.holders.adopt(holder);
    }
    if (isPlain(row) === isLong) throw new DamagedSnapshotError("a key is written in its one form");
    return row;
  },
};

function writeHolder(holder: Holder, writer: Writer): void {
  writer.optionalText(holder.owner);
  writer.count(holder.token);
  writer.count(holder.sinceWallMs);
  if (holder.session === null) return;
  writer.count(holder.session);
  writer.count(holder.heldUntil);
}

/** Who has an owner has a session, too. */
function readHolder(reader: Reader): Holder {
  const owner = reader.optionalName();
  const token = fencingToken(reader.count());
  const sinceWallMs = reader.count();
  if (owner === null) return { owner, session: null, token, sinceWallMs, heldUntil: never };
  const session = sessionId(reader.count());
  const heldUntil = logTimeMs(reader.count());
  return { owner: jobId(owner), session, token, sinceWallMs, heldUntil };
}

export const executionKeySpec: TableSpec<ExecutionKey> = {
  name: "executionKeys",
  version: 1,
  codec,
};
