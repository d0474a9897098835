// bounds.ts — everything that is limited on the client port, in one place, asserted against each
// other (STYLE 11). What clients must know too stands in the protocol's limits.

import { defaultLimits, pageBytesMax } from "@rogerd/global-state";
import {
  callsInFlightMax,
  connectionsMax,
  frameBytesMax,
  handshakeTimeoutMs,
  outboxBytesMax,
  pingIntervalMs,
  requestBytesMax,
} from "@rogerd/protocol";
import { assert } from "@rogerd/raft";

export interface Bounds {
  readonly frameBytesMax: number;
  readonly handshakeTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly connectionsMax: number;
  /** Connections past the limit that may wait at the same time to be told so. */
  readonly refusalsMax: number;
  readonly outboxBytesMax: number;
  /** How long a connection that we closed may take to close on its side. */
  readonly closeGraceMs: number;
  /** Calls in flight on one connection, and on all. */
  readonly callsInFlightMax: number;
  readonly callsInFlightTotalMax: number;
  readonly bytesInFlightTotalMax: number;
  /** Keepalives that wait for their round, on one connection and on all; not counted as calls. */
  readonly keepalivesMax: number;
  readonly keepalivesTotalMax: number;
  /** Connections that keep one session alive by its secret, beside the one that speaks for it. */
  readonly keepersMax: number;
  /** Watches on one connection, and on all. */
  readonly watchesMax: number;
  readonly watchesTotalMax: number;
  /** Events kept for those who resume: while somebody watches, and while nobody does. */
  readonly eventsKeptMax: number;
  readonly eventsKeptIdle: number;
  /** And no more than so many bytes of them. */
  readonly eventsBytesMax: number;
  readonly eventsBytesIdle: number;
  /** Who has so much unread is told events later: answers and pushes go first. */
  readonly watchRoomBytes: number;
  /** Views of lists that have further pages: how many, how long each, and what all of them copied. */
  readonly listViewsMax: number;
  readonly listViewMs: number;
  readonly listViewsBytesMax: number;
  readonly retryAfterMs: number;
  /** One entry's worth of requests: as many as fit well into one append message. */
  readonly entryBytesMax: number;
  readonly submissionsPerEntryMax: number;
  /** How long the reads of a turn may keep the loop before others get their turn. */
  readonly readSliceMs: number;
  readonly httpBodyBytesMax: number;
  /** How long a drain waits for what is in flight. */
  readonly drainTimeoutMs: number;
}

const mebibyte = 1024 * 1024;

export const defaultBounds: Bounds = {
  frameBytesMax,
  handshakeTimeoutMs,
  pingIntervalMs,
  connectionsMax,
  refusalsMax: 64,
  outboxBytesMax,
  closeGraceMs: 2_000,
  callsInFlightMax,
  callsInFlightTotalMax: 32_768,
  bytesInFlightTotalMax: 64 * mebibyte,
  keepalivesMax: 16,
  // Every session there can be sends one, and some two.
  keepalivesTotalMax: 2 * defaultLimits.sessionsMax,
  // One and the one before it, which is half-open, of a few threads.
  keepersMax: 8,
  watchesMax: 32,
  watchesTotalMax: 2_048,
  eventsKeptMax: 65_536,
  eventsKeptIdle: 1_024,
  eventsBytesMax: 64 * mebibyte,
  eventsBytesIdle: 4 * mebibyte,
  watchRoomBytes: mebibyte,
  listViewsMax: 8,
  listViewMs: 60_000,
  listViewsBytesMax: 64 * mebibyte,
  retryAfterMs: 100,
  entryBytesMax: 192 * 1024,
  submissionsPerEntryMax: 4_096,
  readSliceMs: 5,
  httpBodyBytesMax: requestBytesMax,
  drainTimeoutMs: 5_000,
};

// Two bytes for one where JSON escapes it, three around each name, and some around them all.
assert(
  2 * defaultLimits.pausesBytesMax + 3 * defaultLimits.pausesMax + 1_024 <= frameBytesMax,
  "all pauses of a partition fit one frame",
);

// One item alone may be as large: a key with a thousand holders.
assert(2 * pageBytesMax < frameBytesMax, "a page of a list fits one frame");

export function assertBoundsAgree(bounds: Bounds): void {
  assert(bounds.frameBytesMax <= bounds.bytesInFlightTotalMax, "one full frame can be admitted");
  assert(bounds.frameBytesMax <= bounds.outboxBytesMax, "one full frame fits an empty outbox");
  assert(bounds.listViewsMax >= 1, "a list can have a second page");
  assert(bounds.watchRoomBytes < bounds.outboxBytesMax, "events leave room for answers");
  assert(
    bounds.callsInFlightMax <= bounds.callsInFlightTotalMax,
    "one connection can use its share",
  );
}
