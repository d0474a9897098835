// owned.ts — the first question of what only the owner of a queue key may do: is it the owner's? Who is not
// the owner changes nothing, and is told whose it is (SEMANTICS §3).
import type { Decision } from "../decision.ts";
import type { JobId } from "../ids.ts";
import type { State } from "../state.ts";
import { type Claim, type QueueKey, queueKeyStanding } from "./queue-key.ts";
import { type AskedKey, findQueueKey, removeQueueKey } from "./queue-keys.ts";

export interface AskedByOwner extends AskedKey {
  readonly owner: JobId;
}

export type Owned =
  | { readonly kind: "owned"; readonly queueKey: QueueKey; readonly claim: Claim }
  | { readonly kind: "not-owned"; readonly decision: Decision };

export function ownedQueueKey(state: State, asked: AskedByOwner): Owned {
  const queueKey = findQueueKey(state, asked);
  const claim = queueKey?.claim ?? undefined;
  if (queueKey !== undefined && claim?.owner === asked.owner) {
    return { kind: "owned", queueKey, claim };
  }
  const standing = queueKey === undefined ? null : queueKeyStanding(queueKey);
  return { kind: "not-owned", decision: { status: "not_owner", claim: standing } };
}

/** What the end or the start of a job does to the key that it was queued under. */
export function freeIfOwned(state: State, asked: AskedByOwner): void {
  const owned = ownedQueueKey(state, asked);
  if (owned.kind === "owned") removeQueueKey(state, owned.queueKey);
}
