// settings.ts — every number the driver and the core are run with, its default, and how they must
// agree. It never reads them from anywhere: the daemon does that.
import { assert } from "../core/assert.ts";

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
  /** A write that takes longer ends the process (DESIGN §4, health gates). */
  readonly diskStallTimeoutMs: number;
  /** A snapshot is due after so many bytes of entries … */
  readonly snapshotEveryBytes: number;
  /** … or so many entries, whichever comes first; both jittered per node. */
  readonly snapshotEveryEntries: number;
  /** Entries kept in memory behind a snapshot, for followers that are a little late. */
  readonly trailingEntries: number;
  readonly transferTimeoutMs: number;
}

export const defaultRaftNodeSettings: RaftNodeSettings = {
  heartbeatMs: 50,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  windowMessagesMax: 64,
  windowBytesMax: 1024 * 1024,
  appendBytesMax: 256 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  diskStallTimeoutMs: 10_000,
  snapshotEveryBytes: 64 * 1024 * 1024,
  snapshotEveryEntries: 100_000,
  trailingEntries: 10_000,
  transferTimeoutMs: 600,
};

/** What must hold between the settings; the daemon has told the operator about wrong ones before. */
export function checkSettings(settings: RaftNodeSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    assert(Number.isFinite(value) && value >= 0, `the setting ${name} is a number from 0`);
  }
  assert(
    settings.heartbeatMs * 2 <= settings.electionTimeoutMinMs,
    "at least two heartbeats fit the shortest election timeout",
  );
  assert(
    settings.electionTimeoutMinMs < settings.electionTimeoutMaxMs,
    "election timeouts differ, or votes split for ever (E20)",
  );
  assert(
    settings.electionTimeoutMaxMs < settings.diskStallTimeoutMs,
    "a leader steps down for its disk before it ends for it",
  );
  assert(settings.appendBytesMax <= settings.windowBytesMax, "one append fits the window");
}
