// refusal.ts — a refusal that `apply` (or a read) decided, as the error that clients see. A refusal
// changed nothing and is the same on every retry (SEMANTICS §3); the words are ours, the code is not.

import type { Refusal } from "@rogerd/global-state";
import { type ErrorObject, errorObject } from "@rogerd/protocol";
import { unreachable } from "./unreachable.ts";

export function refusalError(
  refusal: Refusal,
  bounds: { readonly retryAfterMs: number },
): ErrorObject {
  switch (refusal.code) {
    case "not_started":
      return errorObject("not_started", `partition ${refusal.partition} is not started`, {
        partition: refusal.partition,
      });
    case "quota_exceeded":
      return errorObject(
        "quota_exceeded",
        `the limit ${refusal.limit} is reached: there are ${refusal.current}`,
        {
          limit: refusal.limit,
          current: refusal.current,
        },
      );
    case "invalid_argument":
      return errorObject("invalid_argument", `${refusal.path}: ${refusal.reason}`, {
        path: refusal.path,
      });
    case "session_expired":
      return errorObject("session_expired", `session ${refusal.session} has ended`);
    case "overloaded":
      return errorObject(
        "overloaded",
        "not now: too many answers are kept, a backup is being restored, or a partition of this name was dropped and is being emptied",
        {
          retryAfterMs: bounds.retryAfterMs,
        },
      );
    default:
      return unreachable(refusal);
  }
}
