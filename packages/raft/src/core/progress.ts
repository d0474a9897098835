// progress.ts — what a leader knows of one follower, and how it feeds it: probe, stream or snapshot.
//   probe     where the logs match is not known: one message at a time (§3.5)
//   stream    it is known: entries flow ahead of the answers, within a window
//   snapshot  what it needs next was compacted away: only a snapshot helps (§5)
// The functions here are the only door to `flow`. They never send anything.
import { assert } from "./assert.ts";
import {
  indexAfter,
  indexBefore,
  type LogIndex,
  type MonotonicMs,
  type ReadRound,
  readRound,
  ZERO_INDEX,
} from "./ids.ts";
import type { SnapshotMeta } from "./message.ts";
import type { CoreSettings } from "./settings.ts";

/** One append-entries on its way. */
interface InFlight {
  readonly lastIndex: LogIndex;
  readonly bytes: number;
}

interface Stall {
  readonly matchIndex: LogIndex;
  readonly since: MonotonicMs;
}

export type Flow =
  /** `isWaiting`: a probe is on its way; the next goes after its answer, or after a heartbeat's. */
  | { readonly kind: "probe"; isWaiting: boolean }
  /** `stall`: since when nothing of what is on its way was accepted, to notice what got lost. */
  | { readonly kind: "stream"; inFlight: InFlight[]; stall: Stall | undefined }
  | { readonly kind: "snapshot" };

/** A snapshot on its way to this follower: one chunk at a time. */
export interface SnapshotTransfer {
  readonly snapshot: SnapshotMeta;
  chunk: number;
  /**
   * `loading`: asked of our own disk. `sent`: the follower's word is awaited. `resting`: something went
   * wrong, and a failure that repeats must not become a storm. `unreadable`: the same, and what went wrong
   * is that our own newest does not read: it must be replaced.
   */
  step: "loading" | "sent" | "resting" | "unreadable";
  /** When that step began. */
  since: MonotonicMs;
}

export interface Progress {
  /** Its log equals ours through here, and is on its disk. */
  matchIndex: LogIndex;
  /** What goes next. */
  nextIndex: LogIndex;
  flow: Flow;
  /** When a message of it in this term last arrived. */
  heardAt: MonotonicMs | undefined;
  /** The latest heartbeat round that it answered. */
  answeredRound: ReadRound;
  /** In flow `snapshot`, and for a diverged follower beside any flow (DESIGN §5). */
  transfer: SnapshotTransfer | undefined;
  /** How often in a row a snapshot did not get on: it can't store it, or we can't read it. */
  setbacks: number;
  /** It is diverged and asks for a snapshot. */
  wantsSnapshot: boolean;
}

/** A new leader assumes that everybody has what it has, and probes from there (§3.5). */
export function newProgress(lastIndex: LogIndex): Progress {
  return {
    matchIndex: ZERO_INDEX,
    nextIndex: indexAfter(lastIndex),
    flow: { kind: "probe", isWaiting: false },
    heardAt: undefined,
    answeredRound: readRound(0),
    transfer: undefined,
    setbacks: 0,
    wantsSnapshot: false,
  };
}

/** Nothing is known to have arrived since `matchIndex`. */
export function toProbe(progress: Progress, nextIndex: LogIndex): void {
  progress.nextIndex =
    nextIndex > progress.matchIndex ? nextIndex : indexAfter(progress.matchIndex);
  progress.flow = { kind: "probe", isWaiting: false };
}

export function toStream(progress: Progress): void {
  progress.nextIndex = indexAfter(progress.matchIndex);
  progress.flow = { kind: "stream", inFlight: [], stall: undefined };
  if (!progress.wantsSnapshot) endTransfer(progress);
}

/** It needs no snapshot any more. */
export function endTransfer(progress: Progress): void {
  progress.transfer = undefined;
  progress.setbacks = 0;
}

export function toSnapshot(progress: Progress): void {
  assert(progress.flow.kind !== "snapshot", "a follower waits for one snapshot at a time");
  progress.flow = { kind: "snapshot" };
}

/** It has our log through `matchIndex`. Late answers tell nothing new (R6). True if this one did. */
export function accept(progress: Progress, matchIndex: LogIndex): boolean {
  if (progress.flow.kind === "stream") {
    const arrived = progress.flow.inFlight.findIndex((sent) => sent.lastIndex > matchIndex);
    progress.flow.inFlight = arrived === -1 ? [] : progress.flow.inFlight.slice(arrived);
  }
  if (matchIndex <= progress.matchIndex) return false;
  progress.matchIndex = matchIndex;
  if (progress.nextIndex <= matchIndex) progress.nextIndex = indexAfter(matchIndex);
  return true;
}

/** Whether a refusal tells of now: of the probe on its way, or of a stream beyond the match (R7). */
export function isCurrentRefusal(progress: Progress, rejectedIndex: LogIndex): boolean {
  if (rejectedIndex <= progress.matchIndex) return false;
  if (progress.flow.kind === "stream") return true;
  return progress.flow.kind === "probe" && rejectedIndex === indexBefore(progress.nextIndex);
}

/** Entries through `lastIndex` are on their way. */
export function sent(progress: Progress, message: InFlight): void {
  progress.nextIndex = indexAfter(message.lastIndex);
  if (progress.flow.kind === "stream") progress.flow.inFlight.push(message);
}

/** Whether one more append-entries may leave. */
export function hasRoom(
  flow: Flow,
  settings: Pick<CoreSettings, "windowMessagesMax" | "windowBytesMax">,
): boolean {
  if (flow.kind === "snapshot") return false;
  if (flow.kind === "probe") return !flow.isWaiting;
  let bytes = 0;
  for (const message of flow.inFlight) bytes += message.bytes;
  return flow.inFlight.length < settings.windowMessagesMax && bytes < settings.windowBytesMax;
}
