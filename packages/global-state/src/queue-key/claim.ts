// claim.ts — `queueKey.claim`: the job that owns the key is the only one that may be queued under it. Claiming
// again what one owns is no conflict: it lasts as long as the longer of both claims (SEMANTICS §3).

import { unreachable } from "../assert.ts";
import { markCancelled, marksRefusal } from "../cancel/mark-cancelled.ts";
import type { PartitionWrite } from "../command.ts";
import { type Decision, quotaExceeded } from "../decision.ts";
import type { Partition } from "../partition/partition.ts";
import { limitOf } from "../partition/partition-settings.ts";
import type { Moment, State } from "../state.ts";
import {
  type Claim,
  type ClaimStanding,
  confirmed,
  type QueueKey,
  queueKeyStanding,
} from "./queue-key.ts";
import {
  addQueueKey,
  endAfter,
  extendClaim,
  findQueueKey,
  handOver,
  laterEnd,
  setClaim,
} from "./queue-keys.ts";

export interface Claiming {
  readonly partition: Partition;
  readonly args: Extract<PartitionWrite, { name: "queueKey.claim" }>["args"];
}

export function claimQueueKey(state: State, moment: Moment, claiming: Claiming): Decision {
  const { partition, args } = claiming;
  const found = findQueueKey(state, { partition, key: args.key });
  if (found === undefined) return claimFree(state, moment, claiming);
  if (found.claim?.owner === args.owner) {
    const again = claimAgain(moment, { claiming, before: found.claim });
    setClaim(state, found, again);
    return claimed(again);
  }
  switch (args.onConflict) {
    case "reject":
      return duplicate(found);
    case "extend":
      return claimExtending(state, moment, { claiming, found });
    case "replace":
    case "replaceAndCancel":
      return claimReplacing(state, moment, { claiming, found });
    default:
      return unreachable(args.onConflict);
  }
}

function claimFree(state: State, moment: Moment, claiming: Claiming): Decision {
  const { partition, args } = claiming;
  const current = partition.queueKeys;
  if (current >= limitOf(state, { partition, limit: "queueKeys" }))
    return quotaExceeded({ limit: "queueKeys", current });
  const claim = newClaim(moment, claiming);
  addQueueKey(state, moment, { partition, key: args.key, claim });
  return claimed(claim);
}

/** What was confirmed stays so: then the time to live begins at once, not with another confirmation. */
function claimAgain(
  moment: Moment,
  again: { readonly claiming: Claiming; readonly before: Claim },
): Claim {
  const { before, claiming } = again;
  if (before.standing.kind === "confirmed") {
    const args = { ...claiming.args, provisionalMs: undefined };
    const next = newClaim(moment, { partition: claiming.partition, args });
    return { ...next, end: laterEnd(before.end, next.end) };
  }
  const next = newClaim(moment, claiming);
  const standing = longerStanding(before.standing, next.standing);
  return { owner: next.owner, standing, end: laterEnd(before.end, next.end) };
}

function longerStanding(before: ClaimStanding, next: ClaimStanding): ClaimStanding {
  if (before.kind === "confirmed" || next.kind === "confirmed") return confirmed;
  const isLasting = before.ttlMs === undefined || next.ttlMs === undefined;
  const ttlMs = isLasting ? undefined : Math.max(before.ttlMs, next.ttlMs);
  return { kind: "provisional", ttlMs };
}

interface Conflict {
  readonly claiming: Claiming;
  readonly found: QueueKey;
}

/** A claim that nobody has confirmed is not kept alive by others: its owner may be dead. */
function claimExtending(state: State, moment: Moment, { claiming, found }: Conflict): Decision {
  const { partition, args } = claiming;
  if (found.claim?.standing.kind === "confirmed") {
    const to = endAfter(moment, { partition, key: args.key, durationMs: args.ttlMs });
    extendClaim(state, { queueKey: found, claim: found.claim, to });
  }
  return duplicate(found);
}

/** The key changes hands before its old owner is cancelled, so that the cancel does not free it. */
function claimReplacing(state: State, moment: Moment, { claiming, found }: Conflict): Decision {
  const { partition, args } = claiming;
  const replaced = args.onConflict === "replaceAndCancel" ? found.claim?.owner : undefined;
  const cancelling = {
    partition,
    args: {
      jobIds: replaced === undefined ? [] : [replaced],
      by: args.owner,
      reason: "replaced",
      ttlMs: undefined,
    },
  };
  const refusal = marksRefusal(state, cancelling);
  if (refusal !== undefined) return refusal;
  const previous = queueKeyStanding(found);
  const claim = newClaim(moment, claiming);
  handOver(state, moment, { queueKey: found, claim });
  if (replaced !== undefined) markCancelled(state, moment, cancelling);
  return { status: "replaced", previous, expiresAt: claim.end?.wallMs ?? null };
}

function newClaim(moment: Moment, { partition, args }: Claiming): Claim {
  const { key, owner, ttlMs, provisionalMs } = args;
  const end = endAfter(moment, { partition, key, durationMs: provisionalMs ?? ttlMs });
  if (provisionalMs === undefined) return { owner, standing: confirmed, end };
  return { owner, standing: { kind: "provisional", ttlMs }, end };
}

function claimed({ end }: Claim): Decision {
  return { status: "claimed", expiresAt: end?.wallMs ?? null };
}

function duplicate(found: QueueKey): Decision {
  return { status: "duplicate", ...queueKeyStanding(found) };
}
