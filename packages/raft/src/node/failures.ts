// failures.ts — what ends a node for good. Each carries the exit code of the process and whole
// sentences that say what to do. Never thrown for what a peer or a client did.
import { InvariantViolation } from "../core/assert.ts";

/** A write or sync of the log failed. What is on disk is unknown until it is read again (D2). */
export class WriteFailedError extends Error {
  override readonly name = "WriteFailedError";
  readonly exitCode = 74;

  constructor(cause: unknown) {
    super(
      `Writing the log failed: ${reason(cause)}. The node stops at once and tries nothing again; ` +
        "repair or free the disk, then start it: the next start reads from the disk what was kept.",
      { cause },
    );
  }
}

/** A write did not finish within `diskStallTimeoutMs` (L3). */
export class DiskStalledError extends Error {
  override readonly name = "DiskStalledError";
  readonly exitCode = 74;

  constructor(stall: { readonly stalledMs: number }) {
    super(
      `A write of the log has not finished for ${Math.round(stall.stalledMs)} ms. ` +
        "The node stops; look at the disk, then start it again.",
    );
  }
}

/** The newest mark in the log names a snapshot that is not there or does not read. Nothing starts empty.
 *  The driver knows no folders: what to do about it is added by who does. */
export class SnapshotMissingError extends Error {
  override readonly name = "SnapshotMissingError";
  readonly exitCode = 65;

  constructor(
    snapshot: { readonly term: number; readonly index: number; readonly hash: string },
    cause?: unknown,
  ) {
    super(
      `The log names a snapshot (term ${snapshot.term}, index ${snapshot.index}, hash ${snapshot.hash}) ` +
        `that can't be loaded${cause === undefined ? "" : `: ${reason(cause).replace(/\.$/, "")}`}. It holds acknowledged ` +
        "writes, so the node does not go on without it.",
      { cause },
    );
  }
}

/** Why a write of the log was given up. A broken claim is a bug of ours and no fault of the disk: it is told as it is. */
export function writeFailure(cause: unknown): Error {
  return cause instanceof InvariantViolation ? cause : new WriteFailedError(cause);
}

/** A sentence out of whatever was thrown. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
