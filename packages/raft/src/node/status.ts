// status.ts — what an operator may see of one node, from its own view. Read only.
import type { Configuration } from "../core/configuration.ts";
import type { RoleName } from "../core/effect.ts";
import type { LogIndex, NodeId, Term } from "../core/ids.ts";
import type { CoreStatus } from "../core/raft.ts";

export interface FollowerStatus {
  readonly id: NodeId;
  readonly matchIndex: LogIndex;
  readonly state: "probe" | "stream" | "snapshot";
  /** Infinity: not since this node leads. */
  readonly msSinceHeard: number;
  /** How often in a row a snapshot for it did not get on: it can't store it, or the leader can't read it. */
  readonly snapshotSetbacks: number;
}

export interface RaftStatus {
  readonly nodeId: NodeId;
  readonly role: RoleName;
  readonly term: Term;
  readonly leaderId: NodeId | undefined;
  readonly lastIndex: LogIndex;
  readonly persistedIndex: LogIndex;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly snapshotIndex: LogIndex;
  readonly configuration: Configuration;
  /** A leader whose first entry of its own term is applied: it may promise things about the state. */
  readonly hasAppliedOwnTerm: boolean;
  readonly isDiskStalled: boolean;
  /** When it last was asked to propose, it refused because of that (E4.5). */
  readonly isDiskNearlyFull: boolean;
  /** Of a leader only. */
  readonly followers: readonly FollowerStatus[];
}

export function nodeStatus(seen: {
  readonly nodeId: NodeId;
  readonly core: CoreStatus;
  readonly appliedIndex: LogIndex;
  readonly isDiskNearlyFull: boolean;
  readonly now: number;
}): RaftStatus {
  const { core, appliedIndex, now } = seen;
  const first = core.firstIndexOfTerm;
  return {
    nodeId: seen.nodeId,
    role: core.role,
    term: core.term,
    leaderId: core.leaderId,
    lastIndex: core.lastIndex,
    persistedIndex: core.persistedIndex,
    commitIndex: core.commitIndex,
    appliedIndex,
    snapshotIndex: core.snapshotIndex,
    configuration: core.configuration,
    hasAppliedOwnTerm: core.role === "leader" && first !== undefined && first <= appliedIndex,
    isDiskStalled: core.isDiskStalled,
    isDiskNearlyFull: seen.isDiskNearlyFull,
    followers: core.followers.map(({ id, matchIndex, state, heardAt, setbacks }) => ({
      id,
      matchIndex,
      state,
      msSinceHeard: heardAt === undefined ? Number.POSITIVE_INFINITY : now - heardAt,
      snapshotSetbacks: setbacks,
    })),
  };
}
