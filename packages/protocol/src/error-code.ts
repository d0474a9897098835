// error-code.ts — the closed set of errors, and for each: may it be repeated, is the outcome known?
// Errors are not business outcomes: they mean "not decided" or "not known" (SEMANTICS §3).
import type { LeaderHint } from "./frame.ts";

export type ErrorCode =
  | "not_started"
  | "not_leader"
  | "unavailable"
  | "indeterminate"
  | "session_expired"
  | "unauthenticated"
  | "forbidden"
  | "quota_exceeded"
  | "invalid_argument"
  | "payload_too_large"
  | "overloaded"
  | "compacted"
  | "overflow"
  | "version_mismatch"
  | "deadline_exceeded";

export const errorCodes: Readonly<
  Record<ErrorCode, { readonly retryable: boolean; readonly outcomeKnown: boolean }>
> = {
  not_started: { retryable: false, outcomeKnown: true },
  not_leader: { retryable: true, outcomeKnown: true },
  unavailable: { retryable: true, outcomeKnown: true },
  /** Sent, not known; safe to repeat with the same number in the same session. */
  indeterminate: { retryable: true, outcomeKnown: false },
  session_expired: { retryable: false, outcomeKnown: true },
  unauthenticated: { retryable: false, outcomeKnown: true },
  forbidden: { retryable: false, outcomeKnown: true },
  quota_exceeded: { retryable: false, outcomeKnown: true },
  invalid_argument: { retryable: false, outcomeKnown: true },
  payload_too_large: { retryable: false, outcomeKnown: true },
  overloaded: { retryable: true, outcomeKnown: true },
  compacted: { retryable: false, outcomeKnown: true },
  overflow: { retryable: false, outcomeKnown: true },
  version_mismatch: { retryable: false, outcomeKnown: true },
  /** Given up by the client while waiting; the outcome is open if the call was sent. */
  deadline_exceeded: { retryable: false, outcomeKnown: false },
};

export interface ErrorObject {
  readonly code: ErrorCode;
  /** One sentence for a person. */
  readonly message: string;
  readonly retryable: boolean;
  /** `not_leader`: who leads, as far as this node knows. */
  readonly leader?: LeaderHint | null;
  /** `overloaded`, `unavailable`: when to try again. */
  readonly retryAfterMs?: number;
  /** `invalid_argument`: which argument. */
  readonly path?: string;
  /** `quota_exceeded`: which limit, and where we stand. */
  readonly limit?: string;
  readonly current?: number;
  /** `not_started`: which partition. */
  readonly partition?: string;
  /**
   * `compacted`, of a watch: what happened through here is not known there any more: list, and watch from the list on.
   * Without it: a list whose further pages are not kept any more; list again from the start.
   */
  readonly revision?: number;
}

/** What an error may say beyond its code, by the names of `ErrorObject`. */
export type ErrorDetails = Pick<
  ErrorObject,
  "leader" | "retryAfterMs" | "path" | "limit" | "current" | "partition" | "revision"
>;

/** The only maker of errors: whether one may be repeated follows from its code, never from its place. */
export function errorObject(
  code: ErrorCode,
  message: string,
  details: ErrorDetails = {},
): ErrorObject {
  return { code, message, retryable: errorCodes[code].retryable, ...details };
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}
