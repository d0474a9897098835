// is-queued.ts — Roger's forms 4 and 5: is the key taken, and if not, take it (SEMANTICS §1). Who has it is
// not asked: a key that a job owns is taken like any other.

import { type Decision, member, quotaExceeded } from "../decision.ts";
import { limitOf } from "../partition/partition-settings.ts";
import type { Result } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { type AskedKey, addQueueKey, findQueueKey } from "./queue-keys.ts";

export function isQueued(state: State, asked: AskedKey): Result {
  return member({ wasThere: findQueueKey(state, asked) !== undefined });
}

/** Answers the membership before. A key that is there is no new one, so no quota refuses it. */
export function addQueued(state: State, moment: Moment, asked: AskedKey): Decision {
  if (findQueueKey(state, asked) !== undefined) return member({ wasThere: true });
  const { partition } = asked;
  const current = partition.queueKeys;
  if (current >= limitOf(state, { partition, limit: "queueKeys" }))
    return quotaExceeded({ limit: "queueKeys", current });
  addQueueKey(state, moment, { ...asked, claim: null });
  return member({ wasThere: false });
}
