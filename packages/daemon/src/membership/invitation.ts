// invitation.ts — a place for a node that is still to come (docs/decisions/0002-joining.md): a learner in
// the configuration whose id is made from a secret. Who knows the secret may take that place, once,
// with an id of its own; the invited id is then a tombstone. The secret itself is nowhere kept.
import { type NodeId, nodeId } from "@rogerd/raft";
import { hexOf } from "../ground.ts";
import type { Platform } from "../platform.ts";

export interface Invitation {
  /** Shown to the operator, once. */
  readonly secret: string;
  readonly id: NodeId;
}

const secretBytes = 32;

export function makeInvitation(platform: Pick<Platform, "randomBytes" | "digest">): Invitation {
  const secret = hexOf(platform.randomBytes(secretBytes));
  return { secret, id: invitedId(secret, platform) };
}

/** Nobody finds a secret for an id that is there: ids of nodes are random, and the digest is one-way. */
export function invitedId(secret: string, platform: Pick<Platform, "digest">): NodeId {
  const digest = platform.digest(new TextEncoder().encode(`rogerd invitation ${secret}`));
  return nodeId(hexOf(digest.subarray(0, 16)));
}
