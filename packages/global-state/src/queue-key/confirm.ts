// confirm.ts — `queueKey.confirm`: the owner's job is queued. From now on the claim lasts as long as it was to
// last; confirming again is no change.
import { type Decision, done } from "../decision.ts";
import type { Moment, State } from "../state.ts";
import { type AskedByOwner, ownedQueueKey } from "./owned.ts";
import { confirmed } from "./queue-key.ts";
import { endAfter, laterEnd, setClaim } from "./queue-keys.ts";

export function confirmQueueKey(state: State, moment: Moment, asked: AskedByOwner): Decision {
  const owned = ownedQueueKey(state, asked);
  if (owned.kind === "not-owned") return owned.decision;
  const { queueKey, claim } = owned;
  if (claim.standing.kind === "confirmed") return done;
  const { partition, key } = asked;
  const lasting = endAfter(moment, { partition, key, durationMs: claim.standing.ttlMs });
  const end = laterEnd(claim.end, lasting);
  setClaim(state, queueKey, { owner: claim.owner, standing: confirmed, end });
  return done;
}
