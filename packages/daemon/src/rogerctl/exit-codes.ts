// exit-codes.ts — what a script may rely on after rogerctl ended (DESIGN §3).
// Never changes a code's meaning: scripts out there compare with these numbers.
import type { ErrorObject } from "@rogerd/protocol";

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
  switch (error.code) {
    case "not_started":
      return exitCodes.no;
    case "unauthenticated":
    case "forbidden":
      return exitCodes.notAllowed;
    case "invalid_argument":
      return exitCodes.usage;
    case "unavailable":
    case "not_leader":
    case "overloaded":
      return exitCodes.unavailable;
    case "indeterminate":
    case "deadline_exceeded":
      return exitCodes.notKnown;
    case "session_expired":
    case "quota_exceeded":
    case "payload_too_large":
    case "compacted":
    case "overflow":
    case "version_mismatch":
      return exitCodes.failed;
  }
}
