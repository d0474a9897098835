// claim.ts — Roger's forms 4 and 5: is the key taken, and if not, take it (SEMANTICS §1).
import { type Decision, member, quotaExceeded } from "../decision.ts";
import type { Key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { Result } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { newQueueKey } from "./queue-key.ts";

interface Asked {
  readonly partition: Partition;
  readonly key: Key;
}

export function isQueued(state: State, asked: Asked): Result {
  const found = state.queueKeys.find(nameIn(asked.partition, asked.key));
  return member({ wasThere: found !== undefined });
}

/** Answers the membership before. A key that is there is no new one, so no quota refuses it. */
export function claimQueueKey(state: State, moment: Moment, asked: Asked): Decision {
  const { partition, key } = asked;
  if (state.queueKeys.find(nameIn(partition, key)) !== undefined) return member({ wasThere: true });
  const current = partition.queueKeys;
  if (current >= state.limits.queueKeysMax) return quotaExceeded({ limit: "queueKeys", current });
  state.queueKeys.insert(newQueueKey({ partition, key, owner: null, sinceWallMs: moment.wallMs }));
  partition.queueKeys += 1;
  return member({ wasThere: false });
}
