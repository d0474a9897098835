// browser.ts — the door of the client for browsers, and the only file that knows theirs: what index.ts exports, and
// nothing of Node behind it. The types are those of index.ts.
import { browserPlatform } from "./browser-platform.ts";
import { RogerdClient } from "./client.ts";
import type { ConnectOptions } from "./connect-options.ts";

/** As that of index.ts. There are no worker threads: `keepalives: "thread"` is refused with `invalid_argument`. */
export function connect(options: ConnectOptions): Promise<RogerdClient> {
  return RogerdClient.connect(options?.platform ?? browserPlatform, options);
}

export { RogerdClient } from "./client.ts";
export {
  ClientClosedError,
  CompactedError,
  DeadlineExceededError,
  IndeterminateError,
  InvalidArgumentError,
  JobCancelledError,
  KeyLostError,
  LeaseLostError,
  OverloadedError,
  PartitionNotStartedError,
  QueuePausedError,
  QuotaExceededError,
  RogerdError,
  RunFencedError,
  SessionExpiredError,
  StopWantedError,
  UnauthenticatedError,
  UnavailableError,
} from "./errors.ts";
export { Keeper } from "./keeper.ts";
export { RogerGlobal } from "./roger.ts";
