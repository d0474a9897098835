// insist.ts — makes a call again where that may help and can do no harm: for calls that come to the same, made once
// or twice. It repeats nothing that was decided, and nothing for ever.
import { RogerdError, SessionExpiredError } from "@rogerd/client";

/** For claims, confirmations, releases, cancels, pauses: they name whose they are. Not for `{ add: true }` and `startJob`. */
export async function insist<T>(call: () => Promise<T>, attempts = 3): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await call();
    } catch (error) {
      if (left <= 1 || !mayHelp(error)) throw error;
    }
  }
}

function mayHelp(error: unknown): boolean {
  if (!(error instanceof RogerdError) || error.code === "closed") return false;
  // A new session has been opened meanwhile; what was not executed in the old one is asked in the new one.
  return error.retryable || !error.outcomeKnown || error instanceof SessionExpiredError;
}
