// session.ts — the record of a client's identity in the log (SEMANTICS §6).
// Nothing here says how long it lives: a session ends by an entry, and who decides on that entry
// remembers deadlines outside the state (SEMANTICS §5).
import type { SessionItem } from "../event/event.ts";
import type { ExecutionKey } from "../execution-key/execution-key.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import type { LogTimeMs, OpenId, SessionId } from "../ids.ts";
import { openId, sessionId } from "../ids.ts";
import type { Run } from "../job/run.ts";
import { never, notAtAll } from "../log-time.ts";
import { isOpenIdText } from "../names.ts";
import type { SessionListItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { hashNumber } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

/**
 * `closed`, `expired`: it has ended, but what it held was too much for one entry; further ones free the
 * rest (SEMANTICS §4.7). Nobody can call in it any more.
 */
export type SessionEnding = "no" | "closed" | "expired";

export interface Session extends Row {
  readonly key: SessionId;
  readonly kind: "session";
  readonly openId: OpenId;
  /** What its client calls itself; for showing. */
  readonly label: string;
  readonly ttlMs: number;
  /** For so long nobody gets a key that this session lost without giving it back. */
  readonly keyDelayMs: number;
  ending: SessionEnding;
  /** Derived: as who watches sees it. */
  readonly shown: SessionItem;
  /** The client needs no answer below this number. It never goes down. */
  floor: number;
  /** Of the answers kept; follows from them, is not encoded. */
  answersBytes: number;
  /** Derived: the keys it holds, by token, in the order of the tokens. */
  readonly holds: Map<number, ExecutionKey>;
  /** Derived: by name (waiter.ts), in the order in which they came to it. */
  readonly waits: Map<string, Waiter>;
  /** Derived: the jobs it runs, by token, in the order of the tokens. */
  readonly runs: Map<number, Run>;
  /** Derived: how many are remembered. */
  waitEndings: number;
  /** Derived: it is due at once while it is ending. */
  expiresAt: LogTimeMs;
  place: number;
}

/** The session that a call is made in, and the number of the call. */
export interface Asking {
  readonly session: Session;
  readonly sequence: number;
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
  readonly keyDelayMs: number;
  readonly ending: SessionEnding;
}): Session {
  return {
    hash: hashNumber(0, parts.id),
    scope: 0,
    key: parts.id,
    kind: "session",
    openId: parts.openId,
    label: parts.label,
    ttlMs: parts.ttlMs,
    shown: { session: parts.id, client: parts.label, ttlMs: parts.ttlMs },
    floor: parts.floor,
    answersBytes: 0,
    keyDelayMs: parts.keyDelayMs,
    ending: parts.ending,
    holds: new Map(),
    waits: new Map(),
    runs: new Map(),
    waitEndings: 0,
    expiresAt: parts.ending === "no" ? never : notAtAll,
    place: -1,
  };
}

/** One that is ending is shown as long as it has something. */
export function sessionItem({ shown, holds, waits, runs }: Session): SessionListItem {
  return { ...shown, holds: holds.size, waits: waits.size, runs: runs.size };
}

/** In the order of their numbers in a snapshot. */
const endings: readonly SessionEnding[] = ["no", "closed", "expired"];

const codec: RowCodec<Session> = {
  write(row, writer) {
    const isLong = row.keyDelayMs > 0 || row.ending !== "no";
    // No session has the number 0: what follows has the form of the second level.
    if (isLong) writer.count(0);
    writer.count(row.key);
    writer.text(row.openId);
    writer.text(row.label);
    writer.count(row.ttlMs);
    writer.count(row.floor);
    if (!isLong) return;
    writer.count(row.keyDelayMs);
    writer.byte(endings.indexOf(row.ending));
  },
  read(reader) {
    const first = reader.count();
    const isLong = first === 0;
    const id = sessionId(isLong ? reader.count() : first);
    const open = reader.text();
    if (!isOpenIdText(open)) throw new DamagedSnapshotError("an open id is no open id");
    const label = reader.text();
    const ttlMs = reader.count();
    const floor = reader.count();
    const keyDelayMs = isLong ? reader.count() : 0;
    const ending = isLong ? endings[reader.byte()] : "no";
    if (ending === undefined || isLong !== (keyDelayMs > 0 || ending !== "no")) {
      throw new DamagedSnapshotError("a session is written in its one form");
    }
    return newSession({ id, openId: openId(open), label, ttlMs, floor, keyDelayMs, ending });
  },
};

export const sessionSpec: TableSpec<Session> = { name: "sessions", version: 1, codec };
