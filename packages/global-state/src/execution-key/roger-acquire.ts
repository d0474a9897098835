// roger-acquire.ts — Roger's forms 7 and 8: is the key taken, and if not, hold it (SEMANTICS §4.8).
// A key is taken while it has any holder or is delayed. Not re-entrant: nobody is recognised, so nobody holds twice.

import { type Decision, member, quotaExceeded } from "../decision.ts";
import type { Key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { limitOf } from "../partition/partition-settings.ts";
import type { Result } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { newExecutionKey } from "./execution-key.ts";
import { grantOwnerless } from "./grant.ts";

interface Asked {
  readonly partition: Partition;
  readonly key: Key;
}

export function isExecuting(state: State, asked: Asked): Result {
  const found = state.executionKeys.find(nameIn(asked.partition, asked.key));
  return member({ wasThere: found !== undefined });
}

/** Answers the membership before: false is "acquired", true is "busy". */
export function acquireOwnerless(state: State, moment: Moment, asked: Asked): Decision {
  const { partition, key } = asked;
  const name = nameIn(partition, key);
  if (state.executionKeys.find(name) !== undefined) return member({ wasThere: true });
  const current = partition.executionKeys;
  const limit = "executionKeys";
  if (current >= limitOf(state, { partition, limit })) return quotaExceeded({ limit, current });
  const row = newExecutionKey({ hash: name.hash, scope: name.scope, key });
  row.holders.add(grantOwnerless(state, moment));
  state.executionKeys.insert(row);
  partition.executionKeys += 1;
  return member({ wasThere: false });
}
