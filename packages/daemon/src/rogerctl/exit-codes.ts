// exit-codes.ts — what a script may rely on after rogerctl ended (DESIGN §3).
// Never changes a code's meaning: scripts out there compare with these numbers.
import type { ErrorCode, ErrorObject } from "@rogerd/protocol";

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Not found, or the answer is "no". */
  no: 3,
  notAllowed: 4,
  unavailable: 69,
  /** The request may have been executed. */
  notKnown: 75,
  settings: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For an error that is the last word: nobody tries again after this. */
export function exitCodeOf(error: ErrorObject): ExitCode {
  return exitCodeOfError[error.code];
}

const exitCodeOfError = {
  not_started: exitCodes.no,
  unauthenticated: exitCodes.notAllowed,
  forbidden: exitCodes.notAllowed,
  invalid_argument: exitCodes.usage,
  unavailable: exitCodes.unavailable,
  not_leader: exitCodes.unavailable,
  overloaded: exitCodes.unavailable,
  indeterminate: exitCodes.notKnown,
  deadline_exceeded: exitCodes.notKnown,
  session_expired: exitCodes.failed,
  quota_exceeded: exitCodes.failed,
  payload_too_large: exitCodes.failed,
  compacted: exitCodes.failed,
  overflow: exitCodes.failed,
  version_mismatch: exitCodes.failed,
} as const satisfies Record<ErrorCode, ExitCode>;
