// peer-limits.ts — sizes, counts and times between peers in one place, asserted against each other
// (STYLE 11).
import { assert, defaultRaftNodeSettings, snapshotChunkBytesMax } from "@rogerd/raft";

const mebibyte = 1024 * 1024;

export interface PeerLimits {
  /** A larger frame closes the connection: nothing that we send comes near it. */
  readonly frameBytesMax: number;
  /** A turn's messages to one peer are one frame, unless they are more than this. */
  readonly frameBytesAim: number;
  /** From so much waiting on a connection on, entries and snapshot chunks pause. */
  readonly roomBytes: number;
  /** From so much on nothing is sent at all: it would only be read when it no longer matters. */
  readonly waitingBytesMax: number;
  readonly handshakeTimeoutMs: number;
  readonly dialTimeoutMs: number;
  /** Two pings in a row without an answer end a connection. */
  readonly pingIntervalMs: number;
  readonly backOffMinMs: number;
  readonly backOffMaxMs: number;
  /** Arrivals that have not yet said who they are, and all together. */
  readonly arrivalsMax: number;
}

export const peerLimits: PeerLimits = {
  frameBytesMax: 32 * mebibyte,
  frameBytesAim: 4 * mebibyte,
  roomBytes: 2 * mebibyte,
  waitingBytesMax: 16 * mebibyte,
  handshakeTimeoutMs: 5_000,
  dialTimeoutMs: 2_000,
  pingIntervalMs: 1_000,
  backOffMinMs: 20,
  backOffMaxMs: 1_000,
  arrivalsMax: 256,
};

/** A message whose payload is a client's largest frame in one entry, and what stands around it. */
const entryBytesMax = 8 * mebibyte;

assert(
  peerLimits.frameBytesAim + entryBytesMax + 2 * defaultRaftNodeSettings.appendBytesMax <=
    peerLimits.frameBytesMax,
  "a frame that was just under the aim takes the largest message and still fits",
);
assert(snapshotChunkBytesMax <= peerLimits.roomBytes, "a snapshot chunk fits where there is room");
assert(peerLimits.roomBytes < peerLimits.waitingBytesMax, "bulk pauses before everything does");
