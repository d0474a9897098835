// configuration.ts — who is in the cluster and who votes (§4). Ready for joint consensus (§4.3);
// the changes themselves are membership-change.ts. A configuration is in force from the moment it
// is appended, not when it is committed (§4.1). Pure values; ids sorted, so that equal
// configurations have equal bytes.
import { assert } from "./assert.ts";
import type { NodeId } from "./ids.ts";

/** What is known of a node beside its id. Addresses may change; the id never does. */
export interface Member {
  readonly id: NodeId;
  readonly name: string;
  /** Where clients reach it, for example `ws://127.0.0.1:7401`. */
  readonly clientUrl: string;
  /** Where peers reach it, for example `ws://127.0.0.1:7501`. */
  readonly peerUrl: string;
}

export interface Configuration {
  /** Who counts in a majority. While joint: the incoming half. Sorted. */
  readonly voters: readonly NodeId[];
  /** The outgoing half while joint (§4.3), otherwise empty. Sorted. */
  readonly votersOutgoing: readonly NodeId[];
  /** Receive entries, count in no majority (§4.2.1). Sorted, disjoint from `voters`. */
  readonly learners: readonly NodeId[];
  /** One for every id named above, sorted by id. */
  readonly members: readonly Member[];
  /** Tombstones: ids that were removed and never come back. Sorted. */
  readonly removed: readonly NodeId[];
}

/** A configuration travels and is stored as a whole: in a snapshot's first chunk, in one entry. */
export const membersMax = 64;
export const removedMax = 4_096;

/** Before the first configuration entry: nobody votes, nobody campaigns. */
export const EMPTY_CONFIGURATION: Configuration = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  members: [],
  removed: [],
};

const byId = (left: NodeId, right: NodeId): number => (left < right ? -1 : Number(left > right));

/** Puts the parts in order and checks that they are a configuration. */
export function makeConfiguration(parts: Partial<Configuration>): Configuration {
  const configuration = {
    voters: [...(parts.voters ?? [])].sort(byId),
    votersOutgoing: [...(parts.votersOutgoing ?? [])].sort(byId),
    learners: [...(parts.learners ?? [])].sort(byId),
    members: [...(parts.members ?? [])].sort((left, right) => byId(left.id, right.id)),
    removed: [...(parts.removed ?? [])].sort(byId),
  };
  checkConfiguration(configuration);
  return configuration;
}

/** What every configuration but the empty one keeps. */
export function checkConfiguration(configuration: Configuration): void {
  const { voters, votersOutgoing, learners, members, removed } = configuration;
  assert(voters.length > 0, "somebody votes");
  for (const ids of [voters, votersOutgoing, learners, removed, members.map(({ id }) => id)]) {
    assert(isSortedWithoutRepeats(ids), "ids are sorted and named once");
  }
  assert(!learners.some((id) => voters.includes(id)), "a learner is not a voter");
  const named = memberIds(configuration);
  assert(named.length === members.length, "every id named has its member");
  assert(
    named.every((id, place) => members[place]?.id === id),
    "every member is named",
  );
  assert(!named.some((id) => removed.includes(id)), "who was removed never comes back");
}

function isSortedWithoutRepeats(ids: readonly NodeId[]): boolean {
  return ids.every((id, place) => place === 0 || byId(ids[place - 1] ?? id, id) < 0);
}

/** Everybody who is to receive the log. Sorted. */
export function memberIds(configuration: Configuration): readonly NodeId[] {
  const { voters, votersOutgoing, learners } = configuration;
  return [...new Set([...voters, ...votersOutgoing, ...learners])].sort(byId);
}

/** Counts in a majority; while joint, in either half. */
export function isVoter(configuration: Configuration, id: NodeId): boolean {
  return configuration.voters.includes(id) || configuration.votersOutgoing.includes(id);
}

/** Nobody else counts: its word alone is a majority. */
export function isSoleVoter(configuration: Configuration, id: NodeId): boolean {
  const { voters, votersOutgoing } = configuration;
  return (
    voters.length === 1 && voters[0] === id && votersOutgoing.every((outgoing) => outgoing === id)
  );
}
