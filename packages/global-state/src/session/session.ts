// session.ts — the record of a client's identity in the log (SEMANTICS §6).
// Nothing here says how long it lives: a session ends by an entry, and who decides on that entry
// remembers deadlines outside the state (SEMANTICS §5).
import type { OpenId, SessionId } from "../ids.ts";
import { openId, sessionId } from "../ids.ts";
import { isOpenIdText } from "../names.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { hashNumber } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface Session extends Row {
  readonly key: SessionId;
  readonly openId: OpenId;
  /** What its client calls itself; for showing. */
  readonly label: string;
  readonly ttlMs: number;
  /** The client needs no answer below this number. It never goes down. */
  floor: number;
  /** Of the answers kept; follows from them, is not encoded. */
  answersBytes: number;
}

export function sessionName(id: SessionId): Row {
  return { hash: hashNumber(0, id), scope: 0, key: id };
}

export function newSession(parts: {
  readonly id: SessionId;
  readonly openId: OpenId;
  readonly label: string;
  readonly ttlMs: number;
  readonly floor: number;
}): Session {
  return {
    hash: hashNumber(0, parts.id),
    scope: 0,
    key: parts.id,
    openId: parts.openId,
    label: parts.label,
    ttlMs: parts.ttlMs,
    floor: parts.floor,
    answersBytes: 0,
  };
}

const codec: RowCodec<Session> = {
  write(row, writer) {
    writer.count(row.key);
    writer.text(row.openId);
    writer.text(row.label);
    writer.count(row.ttlMs);
    writer.count(row.floor);
  },
  read(reader) {
    const id = sessionId(reader.count());
    const open = reader.text();
    if (!isOpenIdText(open)) throw new DamagedSnapshotError("an open id is no open id");
    const label = reader.text();
    const ttlMs = reader.count();
    return newSession({ id, openId: openId(open), label, ttlMs, floor: reader.count() });
  },
};

export const sessionSpec: TableSpec<Session> = { name: "sessions", version: 1, codec };
