// last-word.ts — what a node still writes when its log turns out to have lost what it had acknowledged: that no
// later start may go on with it. It has ended by then, and promises nothing. Whatever becomes of the note,
// the node's owner is told why it ended, within the time in which any write must be done.
import type { ForgottenLogError } from "../core/forgotten-log.ts";
import type { LogStorage } from "../storage/storage.ts";
import { reason } from "./failures.ts";
import type { RaftObserver } from "./observer.ts";
import type { Platform } from "./platform.ts";

export interface LastWordParts {
  readonly storage: Pick<LogStorage, "condemn">;
  readonly platform: Pick<Platform, "setTimer">;
  readonly observer: Pick<RaftObserver, "failed" | "note">;
  readonly withinMs: number;
}

/** Never rejects. */
export async function lastWord(parts: LastWordParts, found: ForgottenLogError): Promise<void> {
  const { observer } = parts;
  try {
    await condemnInTime(parts, found);
  } catch (cause) {
    const fields = { reason: reason(cause) };
    observer.note({ message: "a restart will not know what the disk has lost", fields });
  }
  observer.failed(found);
}

function condemnInTime(
  { platform, storage, withinMs }: LastWordParts,
  { found }: ForgottenLogError,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new Error(`the write has not finished for ${withinMs} ms`);
    const timer = platform.setTimer(withinMs, () => reject(late));
    const done = storage.condemn(found).finally(() => timer.cancel());
    done.then(resolve, reject);
  });
}
