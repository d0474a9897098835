// extend.ts — `queueKey.extend`: the claim lasts for at least `ttlMs` from now. It never gets shorter, and one
// without an end stays without.
import { type Decision, done } from "../decision.ts";
import type { Moment, State } from "../state.ts";
import { type AskedByOwner, ownedQueueKey } from "./owned.ts";
import { endAfter, extendClaim } from "./queue-keys.ts";

export function extendQueueKey(
  state: State,
  moment: Moment,
  asked: AskedByOwner & { readonly ttlMs: number },
): Decision {
  const owned = ownedQueueKey(state, asked);
  if (owned.kind === "not-owned") return owned.decision;
  const { partition, key, ttlMs } = asked;
  const to = endAfter(moment, { partition, key, durationMs: ttlMs });
  extendClaim(state, { queueKey: owned.queueKey, claim: owned.claim, to });
  return done;
}
