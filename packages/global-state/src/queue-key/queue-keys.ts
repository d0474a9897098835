// queue-keys.ts — putting queue keys into their table, changing who owns them and until when, and taking
// them out, with all that counts them and waits for them. The only door to a record that lies there.
import { assert } from "../assert.ts";
import type { Key } from "../ids.ts";
import { after } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Moment, State } from "../state.ts";
import { type Claim, type ClaimEnd, newClaimEnd, newQueueKey, type QueueKey } from "./queue-key.ts";

export interface AskedKey {
  readonly partition: Partition;
  readonly key: Key;
}

export function findQueueKey(state: State, { partition, key }: AskedKey): QueueKey | undefined {
  return state.queueKeys.find(nameIn(partition, key));
}

/** The caller has looked: the key is free, and there is room. */
export function addQueueKey(
  state: State,
  moment: Moment,
  added: AskedKey & { readonly claim: Claim | null },
): void {
  const { partition, key, claim } = added;
  state.queueKeys.insert(newQueueKey({ partition, key, claim, sinceWallMs: moment.wallMs }));
  if (claim?.end !== undefined) state.deadlines.add(claim.end);
  partition.queueKeys += 1;
  assert(partition.queueKeys <= state.limits.queueKeysMax, "a full table was refused before");
}

/** Another claim on the same key: of another owner, or of the same until another time. */
export function setClaim(state: State, queueKey: QueueKey, claim: Claim): void {
  state.queueKeys.touch(queueKey);
  const before = queueKey.claim?.end;
  if (before !== undefined) state.deadlines.remove(before);
  queueKey.claim = claim;
  if (claim.end !== undefined) state.deadlines.add(claim.end);
}

/** From now on it is the new owner's, who has it since this entry. */
export function handOver(
  state: State,
  moment: Moment,
  handing: { readonly queueKey: QueueKey; readonly claim: Claim },
): void {
  setClaim(state, handing.queueKey, handing.claim);
  handing.queueKey.sinceWallMs = moment.wallMs;
}

export function removeQueueKey(state: State, queueKey: QueueKey): void {
  const end = queueKey.claim?.end;
  if (end !== undefined) state.deadlines.remove(end);
  state.queueKeys.remove(queueKey);
  partitionNumbered(state, queueKey.scope).queueKeys -= 1;
}

/** Its time is over: nobody confirmed, extended or released it. */
export function removeEnded(state: State, end: ClaimEnd): void {
  const queueKey = state.queueKeys.find(end);
  assert(queueKey?.claim?.end === end, "an end that is due belongs to a queue key");
  removeQueueKey(state, queueKey);
}

/** Undefined time: no end. */
export function endAfter(
  moment: Moment,
  asked: AskedKey & { readonly durationMs: number | undefined },
): ClaimEnd | undefined {
  const { partition, key, durationMs } = asked;
  if (durationMs === undefined) return undefined;
  const name = { ...nameIn(partition, key), key };
  const expiresAt = after(moment.logTime, durationMs);
  return newClaimEnd(name, { expiresAt, wallMs: moment.wallMs + durationMs });
}

/** A claim without an end ends after any other. */
export function laterEnd(one: ClaimEnd | undefined, other: ClaimEnd | undefined): typeof one {
  if (one === undefined || other === undefined) return undefined;
  return other.expiresAt > one.expiresAt ? other : one;
}

/** Never earlier: a time to live is a lower bound. */
export function extendClaim(
  state: State,
  extended: {
    readonly queueKey: QueueKey;
    readonly claim: Claim;
    readonly to: ClaimEnd | undefined;
  },
): void {
  const { queueKey, claim, to } = extended;
  const end = laterEnd(claim.end, to);
  if (end !== claim.end) setClaim(state, queueKey, { ...claim, end });
}
