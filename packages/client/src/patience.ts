// patience.ts — how long a user waits for a call that goes on without him to its end.
import { DeadlineExceededError } from "./errors.ts";
import type { ClientPlatform } from "./platform.ts";

export function waitFor<Value>(
  call: Promise<Value>,
  patience: {
    readonly platform: ClientPlatform;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Value> {
  const { platform, timeoutMs, signal } = patience;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
    };
    const giveUp = (reason: unknown): void => {
      finish();
      reject(reason);
    };
    const abort = (): void => giveUp(signal?.reason);
    const timer = platform.setTimer(timeoutMs, () => {
      const message = `no answer within ${timeoutMs} ms; it goes on`;
      giveUp(new DeadlineExceededError({ message, outcomeKnown: false }));
    });
    call.finally(finish).then(resolve, reject);
    if (signal?.aborted === true) return abort();
    return signal?.addEventListener("abort", abort, { once: true });
  });
}
