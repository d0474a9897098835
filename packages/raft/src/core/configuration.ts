// configuration.ts — who is in the cluster and who votes (§4). Ready for joint consensus (§4.3);
// the changes themselves are membership-change.ts. A configuration is in force from the moment it
// is appended, not when it is committed (§4.1). Pure values; ids sorted, so that equal
// configurations have equal bytes.
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

/** Before the first configuration entry: nobody votes, nobody campaigns. */
export const EMPTY_CONFIGURATION: Configuration = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  members: [],
  removed: [],
};
