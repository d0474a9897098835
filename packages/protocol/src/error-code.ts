// error-code.ts — the closed set of errors, and for each: may it be repeated, is the outcome known?
// Errors are not business outcomes: they mean "not decided" or "not known" (SEMANTICS §3).
import type { LeaderHint } from "./frame.ts";

export const errorCodes = {
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
} as const satisfies Record<string, { readonly retryable: boolean; readonly outcomeKnown: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

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
}
