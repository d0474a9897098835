// settings.ts — every number the driver and the core are run with, its default, and how they must
// agree. It never reads them from anywhere: the daemon does that.
import { assert } from "../core/assert.ts";
import { type CoreSettings, defaultCoreSettings } from "../core/settings.ts";

export interface RaftNodeSettings {
  readonly heartbeatMs: number;
  /** Also how long stickiness lasts (§9.6): nobody is voted for while a leader was heard in it. */
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
  /** In flight to one follower, at most: messages … */
  readonly windowMessagesMax: number;
  /** … and bytes. */
  readonly windowBytesMax: number;
  /** In one append-entries. */
  readonly appendBytesMax: number;
  /** What a leader holds that no majority has yet; above it the answer is `overloaded` (L4). */
  readonly uncommittedBytesMax: number;
  /** Entries kept for a follower that is being fed, in bytes; beyond, it gets a newer snapshot (S13). */
  readonly pinnedBytesMax: number;
  /** A write that takes longer ends the process (DESIGN §4, health gates). */
  readonly diskStallTimeoutMs: number;
  /** A snapshot is due after so many bytes of entries … */
  readonly snapshotEveryBytes: number;
  /** … or so many entries, whichever comes first; both jittered per node. */
  readonly snapshotEveryEntries: number;
  /** Entries kept in memory behind a snapshot, for followers that are a little late; of `snapshotEveryBytes` at most. */
  readonly trailingEntries: number;
  readonly transferTimeoutMs: number;
  /** For tests and simulation: the core scans its whole state after every step. */
  readonly checkEverything?: boolean;
}

/** The driver's own bounds: what may wait in one node at any time, and in what portions it works. */
export interface DriverBounds {
  readonly inputMessagesMax: number;
  readonly inputBytesMax: number;
  readonly proposalsPerTurnMax: number;
  readonly readsWaitingMax: number;
  /** Applied in one turn, at most: entries … */
  readonly sliceEntriesMax: number;
  /** … and bytes. */
  readonly sliceBytesMax: number;
  readonly snapshotRetryMinMs: number;
  readonly snapshotRetryMaxMs: number;
}

export const bounds: DriverBounds = {
  inputMessagesMax: 8192,
  inputBytesMax: 32 * 1024 * 1024,
  proposalsPerTurnMax: 16_384,
  readsWaitingMax: 65_536,
  sliceEntriesMax: 512,
  sliceBytesMax: 256 * 1024,
  snapshotRetryMinMs: 1_000,
  snapshotRetryMaxMs: 60_000,
};

export const defaultRaftNodeSettings: RaftNodeSettings = {
  heartbeatMs: 50,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  windowMessagesMax: 64,
  windowBytesMax: 1024 * 1024,
  appendBytesMax: 256 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  pinnedBytesMax: 256 * 1024 * 1024,
  diskStallTimeoutMs: 10_000,
  snapshotEveryBytes: 64 * 1024 * 1024,
  snapshotEveryEntries: 100_000,
  trailingEntries: 10_000,
  transferTimeoutMs: 600,
};

/** What the core is run with; it checks its own numbers. */
export function coreSettings(settings: RaftNodeSettings): CoreSettings {
  return {
    ...defaultCoreSettings,
    heartbeatMs: settings.heartbeatMs,
    electionTimeoutMinMs: settings.electionTimeoutMinMs,
    electionTimeoutMaxMs: settings.electionTimeoutMaxMs,
    windowMessagesMax: settings.windowMessagesMax,
    windowBytesMax: settings.windowBytesMax,
    appendBytesMax: settings.appendBytesMax,
    uncommittedBytesMax: settings.uncommittedBytesMax,
    pinnedBytesMax: settings.pinnedBytesMax,
    transferTimeoutMs: settings.transferTimeoutMs,
    checkEverything: settings.checkEverything ?? false,
  };
}

/** What must hold of the driver's numbers; the daemon has told the operator about wrong ones before. */
export function checkNodeSettings(settings: RaftNodeSettings): void {
  assert(
    settings.electionTimeoutMaxMs < settings.diskStallTimeoutMs,
    "a leader steps down for its disk before it ends for it",
  );
  assert(settings.snapshotEveryBytes > 0, "a snapshot is due after some bytes");
  assert(settings.snapshotEveryEntries > 0, "a snapshot is due after some entries");
  assert(settings.trailingEntries >= 0, "trailing entries are a count");
}
