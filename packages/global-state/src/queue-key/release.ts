// release.ts — `queueKey.release`: its owner frees the key. Never refused by a quota (SEMANTICS §3).
import { type Decision, done } from "../decision.ts";
import type { State } from "../state.ts";
import { type AskedByOwner, ownedQueueKey } from "./owned.ts";
import { removeQueueKey } from "./queue-keys.ts";

export function releaseQueueKey(state: State, asked: AskedByOwner): Decision {
  const owned = ownedQueueKey(state, asked);
  if (owned.kind === "not-owned") return owned.decision;
  removeQueueKey(state, owned.queueKey);
  return done;
}
