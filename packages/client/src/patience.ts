// patience.ts — how long a user waits for a call that goes on without him: once it was sent it is heard to its end,
// because what it does late would meet what was done since. What was not sent is not sent any more.
import { DeadlineExceededError } from "./errors.ts";
import type { ClientPlatform } from "./platform.ts";

export function waitFor<Value>(
  call: Promise<Value>,
  patience: {
    readonly platform: ClientPlatform;
    /** Keeps it from being sent. */
    readonly unsent: AbortController;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Value> {
  const { platform, unsent, timeoutMs, signal } = patience;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
    };
    const giveUp = (reason: unknown): void => {
      finish();
      reject(reason);
      unsent.abort(reason);
    };
    const abort = (): void => giveUp(signal?.reason);
    const timer = platform.setTimer(timeoutMs, () => {
      const message = `no answer within ${timeoutMs} ms; it may be executed still`;
      giveUp(new DeadlineExceededError({ message, outcomeKnown: false }));
    });
    const settled = call.finally(finish);
    settled.then(resolve, reject);
    if (signal?.aborted === true) return abort();
    return signal?.addEventListener("abort", abort, { once: true });
  });
}
