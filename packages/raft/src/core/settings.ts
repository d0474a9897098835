// settings.ts — the numbers the core decides by: times, windows, bounds. They come from the
// operator through the driver and never change while a node runs.
// Never a default in here: `defaultCoreSettings` is the only place that names values.
import { assert } from "./assert.ts";

export interface CoreSettings {
  /** How often a leader says that it lives. */
  readonly heartbeatMs: number;
  /** Election timeouts are drawn from here (§3.4); a leader heard for less than this is still trusted (§4.2.3). */
  readonly electionTimeoutMinMs: number;
  /** … to here. A leader that heard no majority for this long steps down (check-quorum, §6.2). */
  readonly electionTimeoutMaxMs: number;
  /** After the connection to the leader closed, a pre-vote starts after a draw from here (DESIGN §4) … */
  readonly closedPreVoteMinMs: number;
  /** … to here. */
  readonly closedPreVoteMaxMs: number;
  /** Append-entries messages on their way to one follower, at most. */
  readonly windowMessagesMax: number;
  /** Bytes of entries on their way to one follower, at most (one message more may begin below it). */
  readonly windowBytesMax: number;
  /** Bytes of entries in one append-entries, at most (a single larger entry travels alone). */
  readonly appendBytesMax: number;
  /** Bytes appended here and not yet committed, at most; beyond, proposals are refused. */
  readonly uncommittedBytesMax: number;
  /** Bytes of entries that are kept for a follower that needs them, at most; beyond, it gets a snapshot (S13). */
  readonly pinnedBytesMax: number;
  /** Read rounds on their way at the same time, at most; further reads gather for the next (§6.4). */
  readonly readRoundsMax: number;
  /** How long a leadership transfer may keep proposals waiting (§3.10). */
  readonly transferTimeoutMs: number;
  /** Scan the whole log and configuration history after every step: for tests and simulation. */
  readonly checkEverything: boolean;
}

/** What a cluster on one local network wants. */
export const defaultCoreSettings: CoreSettings = {
  heartbeatMs: 50,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  closedPreVoteMinMs: 5,
  closedPreVoteMaxMs: 30,
  windowMessagesMax: 64,
  windowBytesMax: 1024 * 1024,
  appendBytesMax: 256 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  pinnedBytesMax: 256 * 1024 * 1024,
  readRoundsMax: 4,
  transferTimeoutMs: 600,
  checkEverything: false,
};

/** The numbers must agree with each other. */
export function checkSettings(settings: CoreSettings): void {
  assert(settings.heartbeatMs > 0, "heartbeats have a pause between them");
  assert(
    settings.electionTimeoutMinMs >= 2 * settings.heartbeatMs,
    "one lost heartbeat is no reason to campaign",
  );
  assert(
    settings.electionTimeoutMaxMs > settings.electionTimeoutMinMs,
    "election timeouts differ (§3.4)",
  );
  assert(
    settings.closedPreVoteMaxMs > settings.closedPreVoteMinMs,
    "the waits after a closed connection differ",
  );
  assert(settings.windowMessagesMax >= 1, "a window lets one message through");
  assert(settings.appendBytesMax >= 1, "an append-entries has room");
  assert(
    settings.windowBytesMax >= settings.appendBytesMax,
    "a full append-entries fits its window",
  );
  assert(settings.readRoundsMax >= 1, "reads need a round");
  assert(settings.transferTimeoutMs > 0, "a transfer has some time");
}
